/* docs/cli.md and the man page against what --help prints: both ways. */
#include "tests/unit.h"

#include "base/arena.h"
#include "clients/cli/command.h"

#include <stdio.h>

enum { DOCUMENT_BYTES = 262144 };

static char reference[DOCUMENT_BYTES]; /* docs/cli.md */
static char daemon_options[DOCUMENT_BYTES]; /* service/options.c */
static char man[DOCUMENT_BYTES]; /* packaging/tenon.1, without its escapes and fonts */

static void slurp(const char *path, char *out)
{
	FILE *file = fopen(path, "rb");
	assert_non_null(file);
	size_t length = fread(out, 1, DOCUMENT_BYTES - 1, file);
	assert_true(length < DOCUMENT_BYTES - 1);
	out[length] = 0;
	(void)fclose(file);
}

/* "\fBtable put\fR \fIFILE\fR" reads "table put FILE", "\-\-json" reads "--json". */
static void without_troff(char *text)
{
	char *end = text;
	while (*text) {
		if (text[0] == '\\' && text[1] == 'f' && text[2])
			text += 3;
		else if (text[0] == '\\' && text[1])
			text++;
		else
			*end++ = *text++;
	}
	*end = 0;
}

static int read_both(void **state)
{
	(void)state;
	slurp("docs/cli.md", reference);
	slurp("service/options.c", daemon_options);
	slurp("packaging/tenon.1", man);
	without_troff(man);
	return 0;
}

static bool is_name_byte(char byte)
{
	return (byte >= 'a' && byte <= 'z') || byte == '-';
}

/* Whether `name` stands in `text` and is no part of a longer one. */
static bool stands_in(struct text text, const char *name)
{
	size_t length = strlen(name);
	for (size_t i = 0; i + length <= text.length; i++) {
		if (memcmp(text.at + i, name, length) == 0 &&
			(i + length == text.length || !is_name_byte(text.at[i + length])) &&
			(i == 0 || !is_name_byte(text.at[i - 1])))
			return true;
	}
	return false;
}

/* The paragraph of docs/cli.md that begins with one of its commands in bold, up to the
 * next such one or a heading. */
static bool paragraph_of(struct arena *arena, const struct command *command, struct text *out)
{
	const char *bold = arena_printf(arena, "**`%s%s%s`**", command->name,
		command->arguments[0] ? " " : "", command->arguments);
	const char *at = strstr(reference, bold);
	if (!at)
		return false;
	while (at > reference &&
		!(at[-1] == '\n' && (at[0] == '*' || at[0] == '#') && at[1] != ' '))
		at--;
	const char *end = at + 1;
	while (*end && !(end[-1] == '\n' && (strncmp(end, "**`", 3) == 0 || end[0] == '#')))
		end++;
	*out = (struct text){at, (size_t)(end - at)};
	return true;
}

static void every_command_has_its_paragraph_with_all_its_options(void **state)
{
	(void)state;
	OWNED(arena) arena = arena_new();
	const char *missing = "";
	const struct command *command;
	for (size_t i = 0; (command = command_at(i, NULL)); i++) {
		struct text paragraph;
		if (strcmp(command->name, "help") == 0 || strcmp(command->name, "version") == 0)
			continue;
		if (!paragraph_of(arena, command, &paragraph)) {
			missing = arena_printf(arena, "%s\n  **`%s %s`**", missing, command->name,
				command->arguments);
			continue;
		}
		for (const struct flag *flag = command->flags; flag && flag->name; flag++) {
			if (!stands_in(paragraph, flag->name))
				missing = arena_printf(arena, "%s\n  %s of '%s'", missing,
					flag->name, command->name);
		}
	}
	if (*missing)
		fail_msg("docs/cli.md lacks:%s", missing);
}

static bool is_flag(struct text word)
{
	const struct command *command;
	for (const struct flag *flag = global_flags; flag->name; flag++) {
		if (text_equal(text_of(flag->name), word))
			return true;
	}
	for (size_t i = 0; (command = command_at(i, NULL)); i++) {
		for (const struct flag *flag = command->flags; flag && flag->name; flag++) {
			if (text_equal(text_of(flag->name), word))
				return true;
		}
	}
	return false;
}

/* The daemon's, another program's, or this one's without a command. */
static bool is_known_otherwise(struct arena *arena, struct text word)
{
	static const char *const others[] = {"--version", "--database-name"};
	for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
		if (text_equal(text_of(others[i]), word))
			return true;
	}
	return strstr(daemon_options, arena_printf(arena, "{\"%.*s\"", TEXT_ARG(word)));
}

static void no_document_has_an_option_that_is_none(void **state)
{
	(void)state;
	OWNED(arena) arena = arena_new();
	const struct {
		const char *name, *text;
	} documents[] = {{"docs/cli.md", reference}, {"packaging/tenon.1", man}};
	for (size_t i = 0; i < 2; i++) {
		const char *at = documents[i].text;
		while ((at = strstr(at, "--"))) {
			struct text word = {at, 2};
			while (is_name_byte(word.at[word.length]))
				word.length++;
			at += word.length;
			if (word.length > 3 && word.at[2] != '-' && !is_flag(word) &&
				!is_known_otherwise(arena, word))
				fail_msg("%s: no command has '%.*s'", documents[i].name,
					TEXT_ARG(word));
		}
	}
}

/* The man page writes families as one: "job put|show|drop". */
static bool man_has(struct arena *arena, const char *name)
{
	const char *last = strrchr(name, ' ');
	struct text rest = text_of(man);
	struct text line;
	bool more = true;
	if (stands_in(rest, name))
		return true;
	if (!last)
		return false;
	const char *family = arena_printf(arena, "%.*s ", (int)(last - name), name);
	while (text_split(&rest, &more, '\n', &line)) {
		if (strstr(arena_text(arena, line), family) && stands_in(line, last + 1))
			return true;
	}
	return false;
}

static void the_man_page_has_every_command_and_every_common_option(void **state)
{
	(void)state;
	OWNED(arena) arena = arena_new();
	const char *missing = "";
	const struct command *command;
	for (size_t i = 0; (command = command_at(i, NULL)); i++) {
		if (strcmp(command->name, "help") != 0 && !man_has(arena, command->name))
			missing = arena_printf(arena, "%s\n  %s", missing, command->name);
		assert_true(command->summary[0]);
	}
	for (const struct flag *flag = global_flags; flag->name; flag++) {
		if (!stands_in(text_of(man), flag->name))
			missing = arena_printf(arena, "%s\n  %s", missing, flag->name);
		if (strcmp(flag->name, "--help") != 0 && !stands_in(text_of(reference), flag->name))
			missing =
				arena_printf(arena, "%s\n  %s (docs/cli.md)", missing, flag->name);
	}
	if (*missing)
		fail_msg("packaging/tenon.1 lacks:%s", missing);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_command_has_its_paragraph_with_all_its_options),
		cmocka_unit_test(no_document_has_an_option_that_is_none),
		cmocka_unit_test(the_man_page_has_every_command_and_every_common_option),
	};
	return cmocka_run_group_tests(tests, read_both, NULL);
}
