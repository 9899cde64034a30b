#include "clients/cli/command.h"

/* The commands in the order of `tenon help`; a row without a function is a
 * heading. A new command is a row here, its function in its family's file, its
 * test and its line in docs/cli.md. */

static const struct flag no_flags[] = {{NULL, 0, NULL, NULL}};

static const struct flag infer_flags[] = {
	{"--each", 0, NULL, "one answer per file instead of per table"},
	{NULL, 0, NULL, NULL},
};
static const struct flag crawl_flags[] = {
	{"--database", 'd', "DB", "where the tables go; made when missing"},
	{"--plan", 0, NULL, "say what would change, and change nothing"},
	{"--exclude", 0, "GLOB", "leave out what matches, below PATH; may be repeated"},
	{"--prefix", 0, "P", "begin the tables' names with P"},
	{"--combine", 0, NULL, "one table of all files of one format and dialect"},
	{"--level", 0, "N", "the folder level of tables (default: found)"},
	{"--choices", 0, "HOW", "columns of several types: keep (default), string, glue"},
	{"--no-wait", 0, NULL, "print the run's id and return"},
	{NULL, 0, NULL, NULL},
};
static const struct flag show_flags[] = {
	{"--version", 0, "N", "the table as it was"},
	{"--why", 0, "COLUMN", "the evidence for a column's type"},
	{NULL, 0, NULL, NULL},
};
static const struct flag partitions_flags[] = {
	{"--where", 0, "EXPR",
		"only those whose keys match, e.g. \"year = '2013' AND month < '07'\""},
	{NULL, 0, NULL, NULL},
};
static const struct flag table_put_flags[] = {
	{"--reason", 0, "TEXT", "kept with the version"},
	{NULL, 0, NULL, NULL},
};
static const struct flag database_create_flags[] = {
	{"--description", 0, "TEXT", "what is in it"},
	{"--location", 0, "PATH", "where its tables are, unless they say otherwise"},
	{"--if-not-exists", 0, NULL, "fine when it is there already"},
	{NULL, 0, NULL, NULL},
};
static const struct flag database_drop_flags[] = {
	{"--cascade", 0, NULL, "with its tables"},
	{NULL, 0, NULL, NULL},
};
static const struct flag sql_flags[] = {
	{"--format", 0, "F", "table (default), json, csv, jsonl"},
	{"--memory", 0, "BYTES", "at most so much memory for the query"},
	{NULL, 0, NULL, NULL},
};
static const struct flag job_run_flags[] = {
	{"--wait", 'w', NULL, "show how far it is, and what it did; Ctrl-C cancels it"},
	{"--arg", 0, "NAME=VALUE", "for ${NAME} in the plan; may be repeated"},
	{"--bookmark", 0, "MODE", "for this run: enable, disable, pause"},
	{NULL, 0, NULL, NULL},
};
static const struct flag runs_flags[] = {
	{"--limit", 'n', "N", "at most N, newest first (default 20)"},
	{NULL, 0, NULL, NULL},
};
static const struct flag logs_flags[] = {
	{"--follow", 'f', NULL, "go on until the run ends"},
	{NULL, 0, NULL, NULL},
};
static const struct flag bookmark_show_flags[] = {
	{"--context", 0, "SOURCE", "of one source node"},
	{"--files", 0, NULL, "with the files that were read"},
	{NULL, 0, NULL, NULL},
};
static const struct flag bookmark_reset_flags[] = {
	{"--context", 0, "SOURCE", "of one source node"},
	{NULL, 0, NULL, NULL},
};

static const char see_tables[] = "'tenon tables' lists what there is";
static const char see_databases[] = "'tenon databases' lists what there is";
static const char see_jobs[] = "'tenon jobs' lists what there is";
static const char see_runs[] = "'tenon runs' lists what there is";

const struct command commands[] = {
	{"", "", "Discover", "", NULL, 0, 0, NULL, NULL},
	{"infer", "PATH...", "What a crawl would say of files or folders; needs no daemon",
		"Reads all bytes, so the types are exact. Nothing is stored.\n"
		"\n"
		"  tenon infer orders.csv\n"
		"  tenon infer ./lake/events --each\n"
		"  tenon infer ./lake --json | jq '.results[].classification'\n",
		infer_flags, 1, 100000, NULL, run_infer},
	{"crawl", "PATH --database DB",
		"Find the tables under PATH and keep the catalog up to date",
		"Only files that are new or changed since the last crawl are opened. A table gets\n"
		"a new version only when its schema changes; the changes are printed. Files that\n"
		"cannot be read fail alone and are listed. Ctrl-C cancels the crawl.\n"
		"\n"
		"  tenon crawl ./lake --database sales --plan\n"
		"  tenon crawl ./lake --database sales --exclude '**/tmp/**'\n",
		crawl_flags, 1, 1, "does the daemon see this path?", run_crawl},

	{"", "", "Catalog", "", NULL, 0, 0, NULL, NULL},
	{"databases", "", "The databases", "  tenon databases\n", no_flags, 0, 0, NULL,
		run_databases},
	{"database create", "NAME", "Make a database",
		"  tenon database create sales --description 'what the shop writes'\n",
		database_create_flags, 1, 1, NULL, run_database_create},
	{"database drop", "NAME", "Forget a database; its data files stay",
		"  tenon database drop sales --cascade\n", database_drop_flags, 1, 1, see_databases,
		run_database_drop},
	{"tables", "[DB]", "The tables of a database, or all",
		"  tenon tables sales\n"
		"  tenon tables --json | jq -r '.[].name'\n",
		no_flags, 0, 1, see_databases, run_tables},
	{"show", "DB.TABLE", "Columns, keys, place and content of a table",
		"--why tells what the type of a column rests on: how many values of each type\n"
		"there are, and the file and byte where the first of each stands.\n"
		"\n"
		"  tenon show sales.orders\n"
		"  tenon show sales.orders --version 3\n"
		"  tenon show sales.orders --why amount\n",
		show_flags, 1, 1, see_tables, run_show},
	{"history", "DB.TABLE", "The versions of a table: who, when, why, what changed",
		"  tenon history sales.orders\n", no_flags, 1, 1, see_tables, run_history},
	{"diff", "DB.TABLE A B", "What changed from version A to version B",
		"Each change is safe (no reader notices), widening (values kept, the type grew)\n"
		"or breaking.\n"
		"\n"
		"  tenon diff sales.orders 2 5\n",
		no_flags, 3, 3, see_tables, run_diff},
	{"partitions", "DB.TABLE", "The partitions of a table, in the order of their keys",
		"  tenon partitions sales.orders --where \"year = '2013' AND month < '07'\"\n",
		partitions_flags, 1, 1, see_tables, run_partitions},
	{"table put", "FILE", "Create or replace a table from YAML or JSON",
		"FILE ('-': standard input) holds what 'tenon show --json' prints; what the "
		"daemon\n"
		"sets (id, version, times) is ignored. A relative location starts at the file's\n"
		"folder.\n"
		"\n"
		"  tenon show sales.orders --json > orders.json && tenon table put orders.json\n",
		table_put_flags, 1, 1, see_databases, run_table_put},
	{"table drop", "DB.TABLE", "Forget a table; its data files stay",
		"  tenon table drop sales.orders\n", no_flags, 1, 1, see_tables, run_table_drop},
	{"sql", "QUERY", "Query tables by their names",
		"Streams the answer; Ctrl-C cancels it.\n"
		"\n"
		"  tenon sql \"SELECT status, count(*) FROM sales.orders GROUP BY 1\"\n"
		"  tenon sql \"FROM sales.orders LIMIT 10\" --format csv > ten.csv\n",
		sql_flags, 1, 1, see_tables, run_sql},

	{"", "", "Jobs", "", NULL, 0, 0, NULL, NULL},
	{"job put", "FILE", "Create or replace a job from YAML or JSON",
		"The format is in docs/jobs.md. Relative paths in it start at the file's folder.\n"
		"\n"
		"  tenon job put daily.yaml\n",
		no_flags, 1, 1, see_tables, run_job_put},
	{"job show", "NAME", "What a job does",
		"  tenon job show daily\n"
		"  tenon job show daily --json > daily.json\n",
		no_flags, 1, 1, see_jobs, run_job_show},
	{"job drop", "NAME", "Forget a job and its bookmark", "  tenon job drop daily\n", no_flags,
		1, 1, see_jobs, run_job_drop},
	{"job run", "NAME", "Start a run; it reads what is new since the last one",
		"Prints the run's id; with --wait, what the run did, and exits with 1 when it\n"
		"failed. A first Ctrl-C cancels the run, a second leaves it to itself.\n"
		"\n"
		"  tenon job run daily --wait\n"
		"  tenon job run daily --wait --arg day=2026-11-23 --bookmark disable\n",
		job_run_flags, 1, 1, see_jobs, run_job_run},
	{"jobs", "", "The jobs", "  tenon jobs\n", no_flags, 0, 0, NULL, run_jobs},
	{"runs", "[JOB]", "Runs of a job, or of all jobs and crawls, newest first",
		"  tenon runs daily --limit 5\n", runs_flags, 0, 1, see_jobs, run_runs},
	{"run show", "ID", "What a run read and wrote, or why it failed", "  tenon run show 0001\n",
		no_flags, 1, 1, see_runs, run_run_show},
	{"run cancel", "ID", "Ask a run to stop; nothing that it wrote becomes visible",
		"  tenon run cancel 0001\n", no_flags, 1, 1, see_runs, run_run_cancel},
	{"logs", "RUN", "The log of a run", "  tenon logs 0001 -f\n", logs_flags, 1, 1, see_runs,
		run_logs},
	{"bookmark show", "JOB", "What a job has read",
		"  tenon bookmark show daily\n"
		"  tenon bookmark show daily --files\n",
		bookmark_show_flags, 1, 1, see_jobs, run_bookmark_show},
	{"bookmark reset", "JOB", "Forget what a job has read: its next run reads everything",
		"What earlier runs wrote stays, so a target would hold those rows twice.\n"
		"\n"
		"  tenon bookmark reset daily\n",
		bookmark_reset_flags, 1, 1, see_jobs, run_bookmark_reset},

	{"", "", "This program", "", NULL, 0, 0, NULL, NULL},
	{"version", "", "The version of this program", "", no_flags, 0, 0, NULL, run_version},
	{"help", "[COMMAND]", "What there is, or what a command does", "  tenon help job run\n",
		no_flags, 0, 2, NULL, run_help},
};

const size_t commands_count = sizeof commands / sizeof *commands;
