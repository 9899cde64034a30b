#pragma once

#include "clients/cli/command.h"

/* What a shell asks at each Tab, by the scripts that `tenon completion` prints: what may
 * stand where the cursor is. Commands, options and their values come from the rows of
 * commands; names of what exists from the daemon, if it answers soon. Never fails, and says
 * nothing that it does not know. */

/* The words behind "tenon __complete": "words WORD...", whose last is the one to be
 * completed, maybe empty; or "bash LINE BREAKS": the line up to the cursor, and what ends a
 * word there besides blanks. Draws a line for each candidate, for `words` with a tab and
 * what it is; or one line COMPLETE_FILES: the shell knows files itself. */
void complete(struct cli *cli, const char *const *words, size_t count);
#define COMPLETE_FILES ":files"

/* What was found so far, in cli->arena. */
struct candidates {
	struct cli *cli;
	const char *typed; /* what all must begin with */
	struct candidate {
		const char *name;
		const char *about; /* or "" */
	} * at;
	size_t count;
	size_t capacity;
	bool files;
};
/* Unless it begins otherwise than what was typed. */
void candidate_add(struct candidates *found, const char *name, const char *about);

/* What stands for `placeholder`, as "DB.TABLE" or "NAME" of "job run"; of things inside a
 * table or another thing, of that which the first of `arguments` names. */
void complete_names(struct candidates *found, const struct command *command,
	struct text placeholder, const char *const *arguments, size_t count);

/* A command line as bash cuts it. */
struct shell_line {
	const char **words; /* without their quotes; the last is the one at the cursor */
	size_t count;
	bool redirected; /* behind '<' or '>' */
	char quote; /* that is open, or 0 */
	size_t kept; /* bytes of the last word that readline does not replace */
};
void shell_cut(
	struct arena *arena, const char *line, const char *breaks, struct shell_line *line_out);
/* `word` as it may be typed where `quote` is open, or none is. */
const char *shell_quoted(struct arena *arena, const char *word, char quote);
