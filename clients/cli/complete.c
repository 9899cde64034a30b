#include "clients/cli/complete.h"

#include "base/memory.h"

#include <stdlib.h>

enum { PATIENCE_MS = 1000 };

/* A line that is not whole yet: options are read as far as they are known. */
struct unfinished {
	const char **plain; /* words that are no options */
	size_t plain_count;
	const struct command *command; /* or NULL */
	size_t used; /* words that are the command */
	struct options options;
	const struct flag *open; /* waits for its value */
	bool ended; /* by "--" */
};

void candidate_add(struct candidates *found, const char *name, const char *about)
{
	if (!text_starts(text_of(name), text_of(found->typed)))
		return;
	if (found->count == found->capacity) {
		size_t grown = memory_grown(found->capacity, found->count + 1);
		found->at = arena_grow(
			found->cli->arena, found->at, found->count, grown, sizeof *found->at);
		found->capacity = grown;
	}
	found->at[found->count++] = (struct candidate){name, about ? about : ""};
}

static const struct flag *flag_in(const struct flag *flags, struct text word)
{
	for (; flags && flags->name; flags++) {
		bool letter = word.length == 2 && flags->letter && word.at[1] == flags->letter;
		if (letter || text_equal(text_of(flags->name), word))
			return flags;
	}
	return NULL;
}

/* As options_read has it: the command's own first. */
static const struct flag *flag_find(const struct command *command, struct text word)
{
	const struct flag *flag = command ? flag_in(command->flags, word) : NULL;
	return flag ? flag : flag_in(global_flags, word);
}

static void take_option(struct unfinished *line, const char *word)
{
	struct text text = text_of(word);
	size_t equals = text_find(text, '=');
	const struct flag *flag = flag_find(line->command, text_until(text, equals));
	const char *value = equals < text.length ? word + equals + 1 : NULL;
	if (!flag)
		return;
	if (flag->value && !value)
		line->open = flag;
	else
		line->options.set[line->options.set_count++] = (struct option_set){flag, value};
}

static void read_line(
	struct arena *arena, const char *const *words, size_t count, struct unfinished *line)
{
	line->plain = arena_array(arena, count + 1, sizeof *line->plain);
	line->options.set = arena_array(arena, count + 1, sizeof *line->options.set);
	for (size_t i = 0; i < count; i++) {
		if (line->open) {
			line->options.set[line->options.set_count++] =
				(struct option_set){line->open, words[i]};
			line->open = NULL;
		} else if (line->ended || words[i][0] != '-' || !words[i][1]) {
			line->plain[line->plain_count++] = words[i];
			line->command = command_find(line->plain, line->plain_count, &line->used);
		} else if (strcmp(words[i], "--") == 0) {
			line->ended = true;
		} else {
			take_option(line, words[i]);
		}
	}
}

static void add_flags(struct candidates *found, const struct flag *flags)
{
	for (; flags && flags->name; flags++)
		candidate_add(found, flags->name, flags->help);
}

/* The words that may follow `plain` as words of a command. */
static void add_commands(struct candidates *found, const char *const *plain, size_t count)
{
	struct arena *arena = found->cli->arena;
	const struct command *command;
	const char *begin = "";
	for (size_t i = 0; i < count; i++)
		begin = arena_printf(arena, "%s%s ", begin, plain[i]);
	for (size_t i = 0; (command = command_at(i, NULL)); i++) {
		struct text name = text_of(command->name);
		if (!text_starts(name, text_of(begin)))
			continue;
		struct text rest = text_from(name, strlen(begin));
		struct text word = text_until(rest, text_find(rest, ' '));
		bool whole = word.length == rest.length;
		candidate_add(found, arena_text(arena, word), whole ? command->summary : "");
	}
}

/* "auto|always|never": a choice among words that stand there. */
static bool add_choices(struct candidates *found, struct text placeholder)
{
	struct text rest = placeholder;
	struct text word;
	bool more = true;
	if (text_find(placeholder, '|') == placeholder.length ||
		text_lower(placeholder.at[0]) != placeholder.at[0])
		return false;
	while (text_split(&rest, &more, '|', &word))
		candidate_add(found, arena_text(found->cli->arena, word), "");
	return true;
}

static void add_value(
	struct candidates *found, const struct unfinished *line, struct text placeholder)
{
	size_t used = line->command ? line->used : line->plain_count;
	if (text_equal(placeholder, TEXT("COMMAND")))
		add_commands(found, line->plain + used, line->plain_count - used);
	else if (!add_choices(found, placeholder))
		complete_names(found, line->command, placeholder, line->plain + used,
			line->plain_count - used);
}

/* The nth of "DB.TABLE [FIELD]" without its brackets and points; false when there is none. */
static bool placeholder_at(
	const char *arguments, size_t nth, struct text *placeholder_out, bool *optional_out)
{
	struct text rest = text_of(arguments);
	struct text word = {"", 0};
	bool more = rest.length > 0;
	bool repeats = false;
	for (size_t i = 0; i <= nth && text_split(&rest, &more, ' ', &word); i++) {
		*optional_out = word.at[0] == '[';
		word = text_from(word, *optional_out);
		word.length -= *optional_out;
		repeats = text_ends(word, TEXT("..."));
		word.length -= repeats ? strlen("...") : 0;
		*placeholder_out = word;
		if (i == nth)
			return !text_starts(word, TEXT("--"));
	}
	return repeats;
}

static void add_arguments(struct candidates *found, const struct unfinished *line)
{
	struct text placeholder;
	bool optional = true;
	bool of_help = strcmp(line->command->name, "help") == 0;
	size_t first = of_help ? 0 : line->plain_count - line->used;
	for (size_t nth = first; optional; nth++) {
		if (!placeholder_at(line->command->arguments, nth, &placeholder, &optional))
			return;
		add_value(found, line, placeholder);
		if (nth >= line->command->most)
			return;
	}
}

static void look(struct candidates *found, const struct unfinished *line)
{
	struct text typed = text_of(found->typed);
	size_t equals = text_find(typed, '=');
	if (line->open) {
		add_value(found, line, text_of(line->open->value));
	} else if (line->ended || typed.at[0] != '-') {
		if (!line->ended && (!line->command || line->used == line->plain_count))
			add_commands(found, line->plain, line->plain_count);
		if (line->command)
			add_arguments(found, line);
	} else if (equals < typed.length) {
		const struct flag *flag = flag_find(line->command, text_until(typed, equals));
		found->typed += equals + 1;
		if (flag && flag->value)
			add_value(found, line, text_of(flag->value));
		for (size_t i = 0; i < found->count; i++)
			found->at[i].name = arena_printf(found->cli->arena, "%.*s%s",
				(int)equals + 1, typed.at, found->at[i].name);
		found->typed = typed.at;
	} else {
		add_flags(found, line->command ? line->command->flags : NULL);
		add_flags(found, global_flags);
		if (line->plain_count == 0)
			candidate_add(found, "--version", "");
	}
}

static int by_name(const void *a, const void *b)
{
	const struct candidate *left = a;
	const struct candidate *right = b;
	int order = strcmp(left->name, right->name);
	/* Of those alike, the one that says what it is. */
	return order ? order : strcmp(right->about, left->about);
}

static void sort(struct candidates *found)
{
	size_t kept = 0;
	if (found->count)
		qsort(found->at, found->count, sizeof *found->at, by_name);
	for (size_t i = 0; i < found->count; i++) {
		if (kept == 0 || strcmp(found->at[kept - 1].name, found->at[i].name) != 0)
			found->at[kept++] = found->at[i];
	}
	found->count = kept;
}

static void find(struct candidates *found, const char *const *words, size_t count)
{
	struct cli *cli = found->cli;
	struct unfinished line = {0};
	struct error unused;
	found->typed = words[count - 1];
	read_line(cli->arena, words, count - 1, &line);
	if (cli_set_up(cli, &line.options, &unused) != STATUS_OK)
		return;
	cli->timeout_ms = cli->timeout_ms ? cli->timeout_ms : PATIENCE_MS;
	cli->screen.color = false;
	look(found, &line);
	sort(found);
}

/* A name with a line end or a tab in it would be taken for another one. */
static bool is_one_line(const char *name)
{
	return !strpbrk(name, "\n\t");
}

void complete(struct cli *cli, const char *const *words, size_t count)
{
	struct candidates found = {.cli = cli, .typed = ""};
	struct buffer *out = &cli->screen.out;
	struct shell_line line = {0};
	bool bash = count == 3 && strcmp(words[0], "bash") == 0;
	if (bash) {
		shell_cut(cli->arena, words[1], words[2], &line);
		found.files = line.redirected;
		if (line.count > 1 && !line.redirected)
			find(&found, line.words + 1, line.count - 1);
	} else if (count > 1 && strcmp(words[0], "words") == 0) {
		find(&found, words + 1, count - 1);
	}
	/* `import` is followed by a file, or by the kind of file. */
	if (found.files && found.count == 0)
		buffer_add_string(out, COMPLETE_FILES "\n");
	for (size_t i = 0; i < found.count; i++) {
		const char *name = found.at[i].name;
		if (!is_one_line(name))
			continue;
		if (bash)
			name = shell_quoted(cli->arena, name + line.kept, line.quote);
		buffer_add_string(out, name);
		if (!bash && found.at[i].about[0])
			buffer_printf(out, "\t%s", printable(cli->arena, found.at[i].about));
		buffer_add_byte(out, '\n');
	}
}
