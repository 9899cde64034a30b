#include "base/nearest.h"
#include "clients/cli/command.h"

#include <string.h>

enum {
	USUAL_FLAGS = 5,
	ALL_FLAGS = 64,
	WORDS_MOST = 3,
	NAMES_MAX = 256,
	NAME_BYTES = 64,
	USAGE_WIDTH = 32,
	FLAG_WIDTH = 22,
	NARROW = 30 /* room that an explanation needs beside a name */
};

const struct flag global_flags[] = {
	{"--address", 0, "ADDR",
		"the daemon: HOST:PORT or unix:PATH (else TENON_ADDRESS, else 127.0.0.1:7433)"},
	{"--json", 0, NULL, "print one JSON document instead of text for people"},
	{"--color", 0, "auto|always|never", "auto: on a terminal, unless NO_COLOR is set"},
	{"--timeout", 0, "TIME",
		"how long to wait for an answer: 5s, 2m (default: 10s to connect, then 1m)"},
	{"--help", 'h', NULL, "what the command does, with examples"},
	/* From here on only 'tenon help' shows them. */
	{"--token-file", 0, "FILE", "who you are: a file with your token (else TENON_TOKEN)"},
	{"--tls", 0, NULL, "TLS, with the authorities that this system believes"},
	{"--tls-ca", 0, "FILE", "TLS, with these authorities instead (else TENON_TLS_CA)"},
	{"--tls-cert", 0, "FILE", "your own certificate (else TENON_TLS_CERT)"},
	{"--tls-key", 0, "FILE", "its private key (else TENON_TLS_KEY)"},
	{"--tls-server-name", 0, "NAME", "that the daemon's certificate has, instead of HOST"},
	{"--insecure", 0, NULL, "send a token to another machine without TLS"},
	{NULL, 0, NULL, NULL},
};

/* What there is many of is listed by its plural. By its singular and "list" it is too, as
 * some were called before, and as those type who come from elsewhere. */
static const struct {
	const char *typed;
	const char *name;
} also[] = {
	{"connection list", "connections"},
	{"conflict list", "conflicts"},
	{"database list", "databases"},
	{"function list", "functions"},
	{"grant list", "grants"},
	{"job list", "jobs"},
	{"partition index list", "partition indexes"},
	{"partition list", "partitions"},
	{"registry list", "registries"},
	{"run list", "runs"},
	{"schema list", "schemas"},
	{"table list", "tables"},
	{"tag list", "tags"},
	{"token list", "tokens"},
	{"version list", "history"},
	{"webhook list", "webhooks"},
};

static const struct command *exact(const char *name)
{
	const struct command *command;
	for (size_t i = 0; i < sizeof also / sizeof *also; i++)
		name = strcmp(also[i].typed, name) == 0 ? also[i].name : name;
	for (size_t i = 0; (command = command_at(i, NULL)); i++) {
		if (strcmp(command->name, name) == 0)
			break;
	}
	return command;
}

static bool is_family(const char *word)
{
	size_t length = strlen(word);
	const struct command *command;
	for (size_t i = 0; (command = command_at(i, NULL)); i++) {
		if (strncmp(command->name, word, length) == 0 && command->name[length] == ' ')
			return true;
	}
	return false;
}

/* The first `count` of `words`, or fewer when there are no more that are no flags; how
 * many those are in *used_out. */
static const char *joined(const char *const *words, size_t available, size_t count,
	char name[static NAME_BYTES], size_t *used_out)
{
	size_t length = 0;
	*used_out = 0;
	name[0] = 0;
	while (*used_out < count && *used_out < available && words[*used_out][0] != '-') {
		int added = snprintf(name + length, NAME_BYTES - length, "%s%s",
			*used_out ? " " : "", words[*used_out]);
		if (added < 0 || length + (size_t)added >= NAME_BYTES)
			break;
		length += (size_t)added;
		++*used_out;
	}
	return name;
}

const struct command *command_find(const char *const *words, size_t count, size_t *used_out)
{
	char name[NAME_BYTES];
	for (size_t most = WORDS_MOST; most > 1; most--) {
		const struct command *command = exact(joined(words, count, most, name, used_out));
		if (command && *used_out == most)
			return command;
	}
	*used_out = 1;
	return exact(words[0]);
}

/* What is typed by those who come from another catalog, or by analogy. */
static const char *called_elsewhere(const char *name)
{
	static const struct {
		const char *name;
		const char *here;
	} words[] = {
		{"desc", "show"},
		{"describe", "show"},
		{"get", "show"},
		{"list", "tables"},
		{"ls", "tables"},
		{"query", "sql"},
		{"restore", "tenond --restore FILE"},
		{"versions", "history"},
	};
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		if (strcmp(words[i].name, name) == 0)
			return words[i].here;
	}
	return NULL;
}

/* "nyc.orders show", or a table alone: the command that it is for; NULL when it is no
 * table. */
static const char *meant_first(const char *const *words, size_t count)
{
	size_t used;
	if (!strpbrk(words[0], "./`"))
		return NULL;
	const struct command *later = count > 1 ? command_find(words + 1, count - 1, &used) : NULL;
	return later && later->most > 0 ? later->name : "show";
}

enum status command_unknown(const char *const *words, size_t count, struct error *err)
{
	char name[NAME_BYTES];
	const char *names[NAMES_MAX];
	size_t names_count = 0;
	size_t used;
	size_t most = 1;
	while (is_family(joined(words, count, most, name, &used)) && used == most)
		most++;
	bool family = is_family(name);
	const struct command *command;
	for (size_t i = 0; names_count < NAMES_MAX && (command = command_at(i, NULL)); i++)
		names[names_count++] = command->name;
	if (family) {
		char all[256] = "";
		size_t at = 0;
		size_t length = strlen(name);
		for (size_t i = 0; (command = command_at(i, NULL)); i++) {
			if (strncmp(command->name, name, length) != 0 ||
				command->name[length] != ' ')
				continue;
			int added = snprintf(all + at, sizeof all - at, "%s%s", at ? ", " : "",
				command->name + length + 1);
			at += added > 0 && at + (size_t)added < sizeof all ? (size_t)added : 0;
		}
		return fail(err, STATUS_INVALID_ARGUMENT, "'%s' needs one of: %s", name, all);
	}
	const char *first = meant_first(words, count);
	if (first)
		return fail(err, STATUS_INVALID_ARGUMENT,
			"unknown command '%s'; a command comes first: 'tenon %s %s'", words[0],
			first, words[0]);
	const char *close = called_elsewhere(name);
	if (!close)
		close = nearest(text_of(name), names, names_count);
	return fail(err, STATUS_INVALID_ARGUMENT, "unknown command '%s'%s%s%s", name,
		close ? "; did you mean '" : "", close ? close : "", close ? "'?" : "");
}

/* "  NAME    what it is", which on a narrow terminal goes on below itself. */
static void add_explained(
	struct screen *screen, const char *name, size_t width, const char *explanation)
{
	bool narrow = screen->width && screen->width < width + NARROW;
	size_t indent = narrow ? 6 : width + 3;
	bool below = narrow || strlen(name) > width;
	struct screen aside = {.arena = screen->arena, .width = screen->width};
	buffer_init(&aside.out, SCREEN_BYTES_MAX);
	screen_wrapped(&aside, indent, explanation);
	if (below)
		screen_printf(screen, PAINT_NONE, "  %s\n", name);
	else
		screen_printf(screen, PAINT_NONE, "  %-*s ", (int)width, name);
	buffer_add_text(&screen->out, text_from(buffer_text(&aside.out), below ? 0 : indent));
	buffer_done(&aside.out);
}

static void add_flags(struct screen *screen, const struct flag *flags, size_t most)
{
	for (const struct flag *flag = flags; flag && flag->name && most > 0; flag++, most--) {
		char name[80];
		char letter[8] = "";
		if (flag->letter)
			(void)snprintf(letter, sizeof letter, "-%c, ", flag->letter);
		(void)snprintf(name, sizeof name, "%s%s%s%s", letter, flag->name,
			flag->value ? " " : "", flag->value ? flag->value : "");
		add_explained(screen, name, FLAG_WIDTH, flag->help);
	}
}

/* Paragraphs in lines that fit; examples stay as they are, to be copied. */
static void add_body(struct screen *screen, const char *help)
{
	struct text rest = text_of(help);
	struct text line;
	const char *paragraph = "";
	bool more = rest.length > 0;
	if (more)
		screen_text(screen, PAINT_NONE, "\n");
	while (text_split(&rest, &more, '\n', &line)) {
		bool prose = line.length && !text_starts(line, TEXT("  "));
		if (prose && screen->width) {
			paragraph = arena_printf(screen->arena, "%s%s%.*s", paragraph,
				*paragraph ? " " : "", TEXT_ARG(line));
			continue;
		}
		if (*paragraph)
			screen_wrapped(screen, 0, paragraph);
		paragraph = "";
		if (more || line.length)
			screen_printf(screen, PAINT_NONE, "%.*s\n", TEXT_ARG(line));
	}
}

void help_command(struct screen *screen, const struct command *command)
{
	bool has_flags = command->flags && command->flags->name;
	screen_printf(screen, PAINT_BOLD, "tenon %s%s%s%s", command->name,
		command->arguments[0] ? " " : "", command->arguments,
		has_flags ? " [OPTION...]" : "");
	screen_printf(screen, PAINT_NONE, "\n%s\n", command->summary);
	add_body(screen, command->help);
	if (has_flags) {
		screen_text(screen, PAINT_BOLD, "\nOptions\n");
		add_flags(screen, command->flags, ALL_FLAGS);
	}
	screen_text(screen, PAINT_BOLD, "\nOptions of every command\n");
	add_flags(screen, global_flags, USUAL_FLAGS);
	screen_text(screen, PAINT_NONE,
		"  and for a daemon that wants TLS or a token, those that 'tenon help' lists\n");
}

static void add_command(struct screen *screen, const struct command *command)
{
	char usage[80];
	(void)snprintf(usage, sizeof usage, "%s %s", command->name, command->arguments);
	add_explained(screen, usage, USAGE_WIDTH, command->summary);
}

/* The commands that begin with "partition". */
static void help_family(struct screen *screen, const char *name)
{
	const struct command *command;
	size_t length = strlen(name);
	for (size_t i = 0; (command = command_at(i, NULL)); i++) {
		if (strncmp(command->name, name, length) == 0 && command->name[length] == ' ')
			add_command(screen, command);
	}
	screen_text(screen, PAINT_NONE, "\n'tenon help COMMAND' says more.\n");
}

void help_overview(struct screen *screen)
{
	screen_text(screen, PAINT_BOLD, "tenon");
	screen_text(screen, PAINT_NONE,
		": a data catalog, crawler and ETL executor\n"
		"usage: tenon [--address ADDR] [--json] COMMAND\n"
		"A plural lists: 'tenon tables'; 'tenon table list' is the same.\n");
	const struct command *command;
	const char *heading;
	for (size_t i = 0; (command = command_at(i, &heading)); i++) {
		if (heading)
			screen_printf(screen, PAINT_BOLD, "\n%s\n", heading);
		add_command(screen, command);
	}
	screen_text(screen, PAINT_BOLD, "\nOptions of every command\n");
	add_flags(screen, global_flags, ALL_FLAGS);
	screen_text(screen, PAINT_NONE,
		"\nExit codes: 0 done, 1 failed, 2 wrong usage. 'tenon help COMMAND' says more.\n");
}

static enum status run_help(struct cli *cli, const struct options *options, struct error *err)
{
	size_t used = 0;
	if (options->count == 0) {
		help_overview(&cli->screen);
		return STATUS_OK;
	}
	const struct command *command = command_find(options->arguments, options->count, &used);
	if (!command || used < options->count) {
		char name[NAME_BYTES];
		if (is_family(
			    joined(options->arguments, options->count, WORDS_MOST, name, &used)) &&
			used == options->count) {
			help_family(&cli->screen, name);
			return STATUS_OK;
		}
		cli->usage = true;
		return command_unknown(options->arguments, options->count, err);
	}
	help_command(&cli->screen, command);
	return STATUS_OK;
}

enum status run_version(struct cli *cli, const struct options *options, struct error *err)
{
	(void)options;
	(void)err;
	if (cli->json)
		buffer_add_string(&cli->screen.out, "{\n  \"version\": \"" TENON_VERSION "\"\n}\n");
	else
		screen_text(&cli->screen, PAINT_NONE, "tenon " TENON_VERSION "\n");
	return STATUS_OK;
}

static const struct command rows[] = {
	{"version", "", "The version of this program", "", no_flags, 0, 0, NULL, run_version},
	{"help", "[COMMAND]", "What there is, or what a command does", "  tenon help job run\n",
		no_flags, 0, WORDS_MOST, NULL, run_help},
};

const struct commands help_commands = COMMANDS(rows);
