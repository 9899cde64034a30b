#include "clients/cli/remedy.h"
#include "clients/cli/worker.h"

#include <string.h>

enum { WORDS_MAX = 32 };

/* What this program was told by its command line; the environment the worker has too. */
static void daemon_words(const struct rpc_settings *daemon, const char **words, size_t *count)
{
	const struct {
		const char *name, *value;
	} told[] = {
		{"--token-file", daemon->token_file},
		{"--tls-ca", daemon->ca},
		{"--tls-cert", daemon->certificate},
		{"--tls-key", daemon->key},
		{"--tls-server-name", daemon->server_name},
	};
	for (size_t i = 0; i < sizeof told / sizeof *told; i++) {
		if (!told[i].value)
			continue;
		words[(*count)++] = told[i].name;
		words[(*count)++] = told[i].value;
	}
	if (daemon->tls)
		words[(*count)++] = "--tls";
	if (daemon->token_in_the_clear)
		words[(*count)++] = "--insecure";
}

/* The worker knows what is missing, and this program what there is. */
static void say_hint(struct cli *cli, const char *said)
{
	struct error missing = {.status = STATUS_NOT_FOUND};
	(void)snprintf(missing.message, sizeof missing.message, "%s", said);
	const char *what =
		strstr(said, "needs its database") ? see_tables : remedy(cli, NULL, &missing);
	if (what)
		(void)fprintf(cli->err, "  %s\n", printable(cli->arena, what));
}

static enum status run_sql(struct cli *cli, const struct options *options, struct error *err)
{
	static const char *const formats[] = {"table", "json", "csv", "jsonl"};
	const char *format = options_value(options, "--format");
	const char *memory = options_value(options, "--memory");
	bool known = !format;
	for (size_t i = 0; !known && i < sizeof formats / sizeof *formats; i++)
		known = strcmp(format, formats[i]) == 0;
	if (!known)
		return cli_usage(
			cli, err, "--format is table, json, csv or jsonl, not '%s'", format);
	if (!format)
		format = cli->json ? "json" : "table";

	struct rpc_channel *channel = NULL;
	TRY(cli_channel(cli, &channel, err)); /* of a daemon that is silent this program tells */
	const char *arguments[WORDS_MAX] = {"sql", "--address", cli->address, "--format", format};
	size_t count = 5;
	daemon_words(&cli->daemon, arguments, &count);
	uint64_t bytes = 0;
	if (memory) {
		TRY(cli_number(cli, "--memory", memory, &bytes, err));
		arguments[count++] = "--memory";
		arguments[count++] = memory;
	}
	/* As other tables: only a terminal has a width. */
	if (cli->screen.width && strcmp(format, "table") == 0) {
		arguments[count++] = "--width";
		arguments[count++] = arena_printf(cli->arena, "%u", cli->screen.width);
		if (cli->screen.ascii)
			arguments[count++] = "--ascii";
	}
	arguments[count++] = options->arguments[0];
	const char *last = "";
	TRY(worker_print(cli, arguments, &last, err));
	if (cli->failed)
		say_hint(cli, last);
	return STATUS_OK;
}

static const struct flag sql_flags[] = {
	{"--format", 0, "table|json|csv|jsonl", "how rows are printed (default: table)"},
	{"--memory", 0, "BYTES", "at most so much memory for the query"},
	{NULL, 0, NULL, NULL},
};

static const struct command rows[] = {
	{"sql", "QUERY", "Query tables by their names",
		"Streams the answer; Ctrl-C cancels it.\n"
		"\n"
		"  tenon sql \"SELECT status, count(*) FROM sales.orders GROUP BY 1\"\n"
		"  tenon sql \"FROM sales.orders LIMIT 10\" --format csv > ten.csv\n",
		sql_flags, 1, 1, see_tables, run_sql},
};

const struct commands sql_commands = COMMANDS(rows);
