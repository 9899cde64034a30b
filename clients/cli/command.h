#pragma once

#include "clients/cli/cli.h"

/* One command: a row at the end of its family's file. */
struct command {
	const char *name; /* "job put" */
	const char *arguments; /* "FILE" */
	const char *summary; /* one line */
	const char *help; /* what to know, and examples */
	const struct flag *flags; /* ends with a NULL name */
	size_t least, most; /* plain arguments */
	const char *missing; /* what to do when the daemon says NOT_FOUND */
	enum status (*run)(struct cli *cli, const struct options *options, struct error *err);
};

/* The commands of one file. */
struct commands {
	const struct command *rows;
	size_t count;
};
#define COMMANDS(array) ((struct commands){array, sizeof(array) / sizeof *(array)})

struct family {
	const char *heading; /* NULL: goes on under the last one */
	const struct commands *commands;
};

/* All in order; NULL past the end. The heading that stands before it, or NULL. */
const struct command *command_at(size_t index, const char **heading_out);

extern const struct flag global_flags[];
extern const struct flag no_flags[];
/* What to do when the daemon says NOT_FOUND. */
extern const char see_tables[], see_databases[], see_jobs[], see_runs[];
extern const char see_registries[];

/* The command whose words `words` begin with, and how many words that were; NULL
 * when there is none. */
const struct command *command_find(const char *const *words, size_t count, size_t *used_out);
/* What such words were meant to be; INVALID_ARGUMENT. */
enum status command_unknown(const char *const *words, size_t count, struct error *err);

enum status run_version(struct cli *cli, const struct options *options, struct error *err);
void help_overview(struct screen *screen);
void help_command(struct screen *screen, const struct command *command);

/* The files of commands. */
extern const struct commands infer_commands;
extern const struct commands crawl_commands;
extern const struct commands database_commands;
extern const struct commands table_commands, version_commands, dropped_commands;
extern const struct commands partition_commands, partition_index_commands;
extern const struct commands search_commands;
extern const struct commands conflict_commands;
extern const struct commands sql_commands;
extern const struct commands function_commands, tag_commands;
extern const struct commands connection_commands;
extern const struct commands registry_commands, schema_commands;
extern const struct commands job_commands;
extern const struct commands run_commands;
extern const struct commands bookmark_commands;
extern const struct commands operations_commands, export_commands;
extern const struct commands access_commands;
extern const struct commands help_commands, completion_commands;
extern const struct commands feed_commands, webhook_commands;
extern const struct commands import_commands, statistics_commands;
