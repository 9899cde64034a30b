#pragma once

#include "clients/cli/cli.h"

/* One command: a row of `commands` in commands.c; its function is in the file of
 * its family. */
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

extern const struct command commands[];
extern const size_t commands_count;
extern const struct flag global_flags[];

/* The command whose words `words` begin with, and how many words that were; NULL
 * when there is none. */
const struct command *command_find(const char *const *words, size_t count, size_t *used_out);
/* What such words were meant to be; INVALID_ARGUMENT. */
enum status command_unknown(const char *const *words, size_t count, struct error *err);

void help_overview(struct screen *screen);
void help_command(struct screen *screen, const struct command *command);

typedef enum status command_run(struct cli *cli, const struct options *options, struct error *err);
command_run run_infer, run_crawl, run_databases, run_database_create, run_database_drop, run_tables,
	run_show, run_history, run_diff, run_partitions, run_table_put, run_table_drop, run_sql,
	run_job_put, run_job_show, run_job_drop, run_job_run, run_jobs, run_runs, run_run_show,
	run_run_cancel, run_logs, run_bookmark_show, run_bookmark_reset, run_version, run_help;
