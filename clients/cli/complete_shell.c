#include "clients/cli/complete.h"

/* The words of a line of bash: just so much of its grammar as words of `tenon` have. */

struct cut {
	struct shell_line *line;
	const char *begin; /* of the last word */
	char *end;
	bool in_word;
	bool is_target; /* it is the file behind '<' or '>', and no word of the command */
};

static void begin_word(struct cut *cut)
{
	cut->line->words[cut->line->count++] = cut->end;
	cut->line->kept = 0;
	cut->begin = cut->end;
	cut->in_word = true;
}

static void end_word(struct cut *cut)
{
	if (!cut->in_word)
		return;
	*cut->end++ = 0;
	cut->line->count -= cut->is_target;
	cut->in_word = false;
	cut->is_target = false;
}

/* Readline leaves what stands before an open quote or the last of `breaks`. */
static void keep(struct cut *cut)
{
	cut->line->kept = (size_t)(cut->end - cut->begin);
}

/* The byte at `at` of a word, and the one that it escapes; the last one taken. */
static const char *put(struct cut *cut, const char *at, const char *breaks)
{
	char *quote = &cut->line->quote;
	bool opens = !*quote && (*at == '\'' || *at == '"');
	if (opens || (*quote && *at == *quote)) {
		*quote = opens ? *at : 0;
		keep(cut);
		return at;
	}
	bool escapes = *at == '\\' && *quote != '\'' && at[1];
	at += escapes;
	*cut->end++ = *at;
	if (!*quote && !escapes && strchr(breaks, *at))
		keep(cut);
	return at;
}

void shell_cut(
	struct arena *arena, const char *text, const char *breaks, struct shell_line *line_out)
{
	size_t length = strlen(text);
	struct cut cut = {.line = line_out};
	/* Each word has its end besides its bytes. */
	cut.end = arena_alloc(arena, 2 * length + 2);
	*line_out = (struct shell_line){
		.words = arena_array(arena, length + 2, sizeof *line_out->words)};
	for (const char *at = text; *at; at++) {
		if (!line_out->quote && strchr(" \t\n<>", *at)) {
			end_word(&cut);
			cut.is_target |= *at == '<' || *at == '>';
			continue;
		}
		if (!cut.in_word)
			begin_word(&cut);
		at = put(&cut, at, breaks);
	}
	if (!cut.in_word)
		begin_word(&cut);
	*cut.end = 0;
	line_out->redirected = cut.is_target;
}

const char *shell_quoted(struct arena *arena, const char *word, char quote)
{
	const char *special = quote == '\'' ? "'" : " \t'\"\\$`&|;<>()*?[]#~!{}";
	if (quote == '"')
		special = "\"\\$`";
	char *made = arena_alloc(arena, 4 * strlen(word) + 1);
	char *end = made;
	for (; *word; word++) {
		/* A quote inside of single quotes ends them for a moment. */
		const char *before = quote == '\'' ? "'\\'" : "\\";
		if (strchr(special, *word)) {
			memcpy(end, before, strlen(before));
			end += strlen(before);
		}
		*end++ = *word;
	}
	*end = 0;
	return made;
}
