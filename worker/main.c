#include "base/standard.h"
#include "worker/command.h"

#include <stdio.h>
#include <string.h>

static const char help[] =
	"tenon-worker does one piece of work in a process of its own: it reads files that\n"
	"nobody vouches for, has limits, and when it dies nothing else does.\n"
	"\n"
	"usage: tenon-worker COMMAND ...\n"
	"\n"
	"  infer [--each] [--threads N] PATH...\n"
	"        what a crawl would say of files or prefixes, as JSON; needs no daemon\n"
	"  sql --address ADDRESS [--memory 2G] [--threads N] [--format FORMAT] QUERY\n"
	"        one SELECT over catalog tables; FORMAT is table, json, csv or jsonl\n"
	"  run --address ADDRESS --run ID\n"
	"        the task of one run; tenond starts this with the run's token in\n"
	"        TENON_RUN_TOKEN\n"
	"\n"
	"ADDRESS is unix:PATH or HOST:PORT; TENON_ADDRESS is used when it is not given.\n"
	"sql also takes tenon's --token-file, --tls, --tls-ca, --tls-cert, --tls-key,\n"
	"--tls-server-name and --insecure.\n"
	"People use 'tenon infer' and 'tenon sql', which start this program.\n"
	"Exit codes: 0 done, 1 failed (the reason is on standard error), 2 usage,\n"
	"130 interrupted.\n";

static const struct {
	const char *name;
	int (*run)(char **arguments, size_t count);
} commands[] = {
	{"run", command_run},
	{"infer", command_infer},
	{"sql", command_sql},
};

static int print_help(FILE *where, int code)
{
	(void)fputs(help, where);
	return code;
}

static int is_help(const char *word)
{
	return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0 || strcmp(word, "help") == 0;
}

int main(int argc, char **argv)
{
	standard_files_hold();
	if (argc < 2)
		return print_help(stderr, EXIT_USAGE);
	if (is_help(argv[1]) || (argc > 2 && strcmp(argv[2], "--help") == 0))
		return print_help(stdout, EXIT_OK);
	for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
		if (strcmp(argv[1], commands[i].name) == 0)
			return commands[i].run(argv + 2, (size_t)argc - 2);
	}
	(void)fprintf(stderr, "tenon-worker: there is no command '%s': see tenon-worker --help\n",
		argv[1]);
	return EXIT_USAGE;
}
