#include "clients/cli/command.h"

/* The commands in the order of `tenon help`: headings, and the files whose commands
 * stand under them. A new command is a row in its family's file, its test and its
 * line in docs/cli.md. */

const struct flag no_flags[] = {{NULL, 0, NULL, NULL}};

const char see_tables[] = "'tenon tables' lists what there is";
const char see_databases[] = "'tenon databases' lists what there is";
const char see_jobs[] = "'tenon jobs' lists what there is";
const char see_runs[] = "'tenon runs' lists what there is";

const struct family families[] = {
	{"Discover", &infer_commands},
	{NULL, &crawl_commands},
	{"Catalog", &database_commands},
	{NULL, &table_commands},
	{NULL, &version_commands},
	{NULL, &dropped_commands},
	{NULL, &partition_commands},
	{NULL, &partition_index_commands},
	{NULL, &statistics_commands},
	{NULL, &conflict_commands},
	{NULL, &search_commands},
	{NULL, &sql_commands},
	{NULL, &feed_commands},
	{NULL, &webhook_commands},
	{NULL, &function_commands},
	{NULL, &tag_commands},
	{NULL, &connection_commands},
	{NULL, &registry_commands},
	{NULL, &schema_commands},
	{NULL, &import_commands},
	{"Jobs", &job_commands},
	{NULL, &run_commands},
	{NULL, &bookmark_commands},
	{"Access", &access_commands},
	{"Operations", &operations_commands},
	{NULL, &export_commands},
	{"This program", &help_commands},
	{NULL, &completion_commands},
};

static const size_t families_count = sizeof families / sizeof *families;

const struct command *command_at(size_t index, const char **heading_out)
{
	for (size_t i = 0; i < families_count; i++) {
		if (index < families[i].commands->count) {
			if (heading_out)
				*heading_out = index == 0 ? families[i].heading : NULL;
			return &families[i].commands->rows[index];
		}
		index -= families[i].commands->count;
	}
	return NULL;
}
