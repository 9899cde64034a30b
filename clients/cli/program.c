#include "clients/cli/complete.h"
#include "clients/cli/moment.h"
#include "clients/cli/remedy.h"

#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { EXIT_DONE = 0, EXIT_FAILED = 1, EXIT_USAGE = 2 };
static const char default_address[] = "127.0.0.1:7433";
static const char complete_word[] = "__complete"; /* in no listing: only shells ask so */

enum status cli_usage(struct cli *cli, struct error *err, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	cli->usage = true;
	err->status = STATUS_INVALID_ARGUMENT;
	(void)vsnprintf(err->message, sizeof err->message, format, args);
	va_end(args);
	return err->status;
}

void cli_flush(struct cli *cli)
{
	struct buffer *drawn = &cli->screen.out;
	if (drawn->length)
		(void)fwrite(drawn->at, 1, drawn->length, cli->out);
	(void)fflush(cli->out);
	buffer_clear(drawn);
}

static void say_failure(struct cli *cli, const struct command *command, const struct error *err)
{
	const char *what = cli->usage ? NULL : remedy(cli, command, err);
	(void)fprintf(cli->err, "%stenon:%s %s\n", cli->err_color ? "\033[31m" : "",
		cli->err_color ? "\033[0m" : "", printable(cli->arena, err->message));
	if (what)
		(void)fprintf(cli->err, "  %s\n", printable(cli->arena, what));
	if (cli->usage && command)
		(void)fprintf(cli->err, "  usage: tenon %s%s%s   ('tenon help %s' says more)\n",
			command->name, command->arguments[0] ? " " : "", command->arguments,
			command->name);
	else if (cli->usage)
		(void)fprintf(cli->err, "  'tenon help' lists the commands\n");
}

static bool color_wanted(const char *mode, FILE *file)
{
	const char *no_color = getenv("NO_COLOR"); /* https://no-color.org */
	const char *terminal = getenv("TERM");
	if (mode && strcmp(mode, "always") == 0)
		return true;
	if ((mode && strcmp(mode, "never") == 0) || (no_color && no_color[0]))
		return false;
	return isatty(fileno(file)) && !(terminal && strcmp(terminal, "dumb") == 0);
}

static void meet_terminal(struct screen *screen, int fd)
{
	struct winsize size;
	if (ioctl(fd, TIOCGWINSZ, &size) == 0)
		screen->width = size.ws_col;
	/* The program itself never leaves the C locale. */
	locale_t theirs = newlocale(LC_CTYPE_MASK, "", (locale_t)0);
	screen->ascii = !theirs || strcmp(nl_langinfo_l(CODESET, theirs), "UTF-8") != 0;
	if (theirs)
		freelocale(theirs);
}

enum status cli_set_up(struct cli *cli, const struct options *options, struct error *err)
{
	const char *mode = options_value(options, "--color");
	const char *address = options_value(options, "--address");
	if (mode && strcmp(mode, "auto") != 0 && strcmp(mode, "always") != 0 &&
		strcmp(mode, "never") != 0) {
		return cli_usage(cli, err, "--color is auto, always or never, not '%s'", mode);
	}
	if (!address)
		address = getenv("TENON_ADDRESS");
	cli->address = address && address[0] ? address : default_address;
	cli->daemon = (struct rpc_settings){
		.address = cli->address,
		.tls = options_has(options, "--tls"),
		.ca = options_value(options, "--tls-ca"),
		.certificate = options_value(options, "--tls-cert"),
		.key = options_value(options, "--tls-key"),
		.server_name = options_value(options, "--tls-server-name"),
		.token_file = options_value(options, "--token-file"),
		.token_in_the_clear = options_has(options, "--insecure"),
	};
	cli->json = options_has(options, "--json");
	const char *timeout = options_value(options, "--timeout");
	int64_t seconds = 0;
	if (timeout && (!span_read(timeout, &seconds) || seconds > INT32_MAX))
		return cli_usage(cli, err, "--timeout is a time like 5s or 2m, not '%s'", timeout);
	cli->timeout_ms = seconds * 1000;
	cli->screen.color = !cli->json && color_wanted(mode, cli->out);
	cli->err_color = color_wanted(mode, cli->err);
	cli->err_is_terminal = isatty(fileno(cli->err));
	if (isatty(fileno(cli->out)))
		meet_terminal(&cli->screen, fileno(cli->out));
	return STATUS_OK;
}

/* "show nyc orders". */
static bool is_table_in_two(const struct command *command, const struct options *options)
{
	return text_starts(text_of(command->arguments), TEXT("DB.TABLE")) && options->count > 1 &&
	       !strpbrk(options->arguments[0], ".`\"/") && !strpbrk(options->arguments[1], ".`\"/");
}

static enum status run(struct cli *cli, const struct command *command, const char *const *words,
	size_t count, struct error *err)
{
	/* The command's own first: `show --version N` is not the program's. */
	const struct flag *tables[] = {command->flags, global_flags, NULL};
	struct options options;
	if (options_read(cli->arena, tables, words, count, &options, err)) {
		cli->usage = true;
		return err->status;
	}
	TRY(cli_set_up(cli, &options, err));
	if (options_has(&options, "--help")) {
		help_command(&cli->screen, command);
		return STATUS_OK;
	}
	if (options.count < command->least)
		return cli_usage(cli, err, "'%s' needs %s", command->name, command->arguments);
	if (options.count == command->most + 1 && is_table_in_two(command, &options))
		return cli_usage(cli, err, "'%s' does not take '%s'; a table is one word: '%s.%s'",
			command->name, options.arguments[command->most], options.arguments[0],
			options.arguments[1]);
	if (options.count > command->most)
		return cli_usage(cli, err, "'%s' does not take '%s'", command->name,
			options.arguments[command->most]);
	return command->run(cli, &options, err);
}

/* Options that stand before the command: moved behind its words, so that both
 * places mean the same. */
static size_t reorder(struct cli *cli, int argc, char **argv, const char ***words_out)
{
	const char **words = arena_array(cli->arena, (size_t)argc, sizeof *words);
	size_t first = 1;
	while (first < (size_t)argc && argv[first][0] == '-') {
		bool takes_value = false;
		for (const struct flag *flag = global_flags; flag->name; flag++)
			takes_value = takes_value ||
				      (flag->value && strcmp(flag->name, argv[first]) == 0);
		first += 1 + takes_value;
	}
	size_t count = 0;
	first = first > (size_t)argc ? (size_t)argc : first;
	for (size_t i = first; i < (size_t)argc; i++)
		words[count++] = argv[i];
	size_t plain = count;
	for (size_t i = 0; i < plain; i++) {
		if (strcmp(words[i], "--") == 0)
			plain = i;
	}
	/* Before a "--", if there is one. */
	memmove(words + plain + first - 1, words + plain, (count - plain) * sizeof *words);
	for (size_t i = 1; i < first; i++)
		words[plain + i - 1] = argv[i];
	*words_out = words;
	return count + first - 1;
}

static bool is_word(const char *word)
{
	return word[0] != '-';
}

/* No command: what the options alone ask for. */
static enum status run_bare(
	struct cli *cli, const char *const *words, size_t count, struct error *err)
{
	static const struct flag bare_flags[] = {
		{"--version", 0, NULL, "the version of this program"}, {NULL, 0, NULL, NULL}};
	const struct flag *tables[] = {global_flags, bare_flags, NULL};
	struct options options;
	if (options_read(cli->arena, tables, words, count, &options, err)) {
		cli->usage = true;
		return err->status;
	}
	TRY(cli_set_up(cli, &options, err));
	if (options_has(&options, "--version"))
		return run_version(cli, &options, err);
	if (options_has(&options, "--help")) {
		help_overview(&cli->screen);
		return STATUS_OK;
	}
	help_overview(&cli->screen);
	return cli_usage(cli, err, "a command is missing");
}

static int finish(
	struct cli *cli, const struct command *command, enum status status, struct error *err)
{
	cli_flush(cli);
	if (status == STATUS_OK && ferror(cli->out))
		status = fail(err, STATUS_UNKNOWN, "the output could not be written: %s",
			strerror(errno));
	if (status != STATUS_OK)
		say_failure(cli, command, err);
	(void)fflush(cli->err);
	if (status == STATUS_OK)
		return cli->failed ? EXIT_FAILED : EXIT_DONE;
	return cli->usage ? EXIT_USAGE : EXIT_FAILED;
}

int cli_run(int argc, char **argv, FILE *out, FILE *err_file)
{
	OWNED(arena) arena = arena_new();
	struct error err;
	struct cli cli = {.out = out, .err = err_file, .arena = arena};
	const char **words = NULL;
	buffer_init(&cli.screen.out, SCREEN_BYTES_MAX);
	cli.screen.arena = arena;

	size_t count = reorder(&cli, argc, argv, &words);
	size_t used = 0;
	const struct command *command = NULL;
	enum status status = STATUS_OK;
	if (argc > 1 && strcmp(argv[1], complete_word) == 0) {
		complete(&cli, (const char *const *)argv + 2, (size_t)argc - 2);
	} else if (count == 0 || !is_word(words[0])) {
		status = run_bare(&cli, words, count, &err);
	} else {
		command = command_find(words, count, &used);
		cli.usage = !command;
		status = command ? run(&cli, command, words + used, count - used, &err)
				 : command_unknown(words, count, &err);
	}
	int code = finish(&cli, command, status, &err);
	rpc_channel_free(cli.channel);
	buffer_done(&cli.screen.out);
	return code;
}
