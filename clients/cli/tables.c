#include "base/limits.h"
#include "base/nearest.h"
#include "clients/cli/command.h"
#include "clients/cli/files.h"
#include "clients/cli/moment.h"
#include "clients/cli/names.h"
#include "clients/cli/render.h"
#include "secrets/secret_name.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

#define CATALOG &tenon__v1__catalog__descriptor

static enum status run_tables(struct cli *cli, const struct options *options, struct error *err)
{
	struct cli_list list = {0};
	Tenon__V1__ListTablesRequest request = TENON__V1__LIST_TABLES_REQUEST__INIT;
	if (options->count)
		request.database = arena_text(cli->arena, text_of(options->arguments[0]));
	TRY(cli_pages(cli, CATALOG, "ListTables", &request.base, UINT64_MAX, &list, err));
	if (cli->json)
		return cli_json_list(cli, &list, err);
	render_tables(&cli->screen, (Tenon__V1__Table *const *)(void *)list.items, list.count,
		options->count > 0);
	return STATUS_OK;
}

/* `version` or `as_of` (microseconds; 0: now), not both. */
static enum status get_table(struct cli *cli, const char *full_name, const char *version,
	int64_t as_of, Tenon__V1__Table **table_out, struct error *err)
{
	char *database = NULL;
	char *name = NULL;
	TRY(cli_table_name(cli, full_name, &database, &name, err));
	if (!version) {
		Tenon__V1__GetTableRequest request = TENON__V1__GET_TABLE_REQUEST__INIT;
		Tenon__V1__GetTableResponse *response = NULL;
		request.database = database;
		request.name = name;
		request.as_of_time_us = as_of;
		TRY(cli_call(cli, CATALOG, "GetTable", &request.base, &response, err));
		*table_out = response->table;
	} else {
		Tenon__V1__GetTableVersionRequest request =
			TENON__V1__GET_TABLE_VERSION_REQUEST__INIT;
		Tenon__V1__GetTableVersionResponse *response = NULL;
		request.database = database;
		request.name = name;
		TRY(cli_number(cli, "--version", version, &request.version, err));
		TRY(cli_call(cli, CATALOG, "GetTableVersion", &request.base, &response, err));
		*table_out = response->version ? response->version->table : NULL;
	}
	if (!*table_out)
		return fail(
			err, STATUS_INTERNAL, "the daemon's answer about '%s' is empty", full_name);
	return STATUS_OK;
}

static enum status no_evidence(const Tenon__V1__Table *table, const char *column, struct error *err)
{
	const char *names[LIMIT_PARTITION_KEYS + 256];
	size_t count = 0;
	for (size_t i = 0; i < table->n_partition_keys && i < LIMIT_PARTITION_KEYS; i++) {
		if (text_equal_folded(text_of(table->partition_keys[i]->name), text_of(column)))
			return fail(err, STATUS_INVALID_ARGUMENT,
				"'%s' is a partition key: its type comes from the folders' names",
				column);
		names[count++] = table->partition_keys[i]->name;
	}
	for (size_t i = 0; table->storage && i < table->storage->n_columns && i < 256; i++) {
		const char *name = table->storage->columns[i]->name;
		if (text_equal_folded(text_of(name), text_of(column)))
			return fail(err, STATUS_INVALID_ARGUMENT,
				"nothing is known about why '%s' has its type: no crawl inferred "
				"it",
				name);
		names[count++] = name;
	}
	const char *close = nearest(text_of(column), names, count);
	return fail(err, STATUS_INVALID_ARGUMENT, "table '%s.%s' has no column '%s'%s%s%s",
		table->database, table->name, column, close ? "; did you mean '" : "",
		close ? close : "", close ? "'?" : "");
}

static enum status show_why(
	struct cli *cli, const Tenon__V1__Table *table, const char *column, struct error *err)
{
	struct screen aside = {.arena = cli->arena};
	buffer_init(&aside.out, SCREEN_BYTES_MAX);
	bool found = render_why(cli->json ? &aside : &cli->screen, table, column);
	buffer_done(&aside.out);
	if (!found)
		return no_evidence(table, column, err);
	if (!cli->json)
		return STATUS_OK;
	struct cli_list list = {0};
	for (size_t i = 0; i < table->n_evidence; i++) {
		if (evidence_within(table->evidence[i]->path, column))
			cli_list_add(cli, &list, &table->evidence[i], 1);
	}
	return cli_json_list(cli, &list, err);
}

static enum status run_show(struct cli *cli, const struct options *options, struct error *err)
{
	Tenon__V1__Table *table = NULL;
	const char *column = options_value(options, "--why");
	const char *version = options_value(options, "--version");
	const char *time = options_value(options, "--as-of");
	int64_t as_of = 0;
	if (version && time)
		return cli_usage(cli, err, "give --version or --as-of, not both");
	if (time && !moment_read(time, &as_of))
		return cli_usage(cli, err,
			"--as-of is a time like 2026-11-23T06:28:19Z or microseconds since 1970, "
			"not '%s'",
			time);
	/* A whole second, as `history` prints it, has what was made in it. */
	if (time && !strchr(time, '.') && strchr(time, ':'))
		as_of += 999999;
	TRY(get_table(cli, options->arguments[0], version, as_of, &table, err));
	assert(table && "get_table succeeded");
	if (column)
		return show_why(cli, table, column, err);
	if (cli->json)
		return cli_json(cli, &table->base, err);
	render_table(&cli->screen, table);
	return STATUS_OK;
}

static enum status run_history(struct cli *cli, const struct options *options, struct error *err)
{
	struct cli_list list = {0};
	Tenon__V1__ListTableVersionsRequest request = TENON__V1__LIST_TABLE_VERSIONS_REQUEST__INIT;
	TRY(cli_table_name(cli, options->arguments[0], &request.database, &request.name, err));
	request.with_fields = true;
	TRY(cli_pages(cli, CATALOG, "ListTableVersions", &request.base, UINT64_MAX, &list, err));
	if (cli->json)
		return cli_json_list(cli, &list, err);
	render_versions(
		&cli->screen, (Tenon__V1__TableVersion *const *)(void *)list.items, list.count);
	return STATUS_OK;
}

static enum status run_diff(struct cli *cli, const struct options *options, struct error *err)
{
	Tenon__V1__DiffTableVersionsRequest request = TENON__V1__DIFF_TABLE_VERSIONS_REQUEST__INIT;
	Tenon__V1__DiffTableVersionsResponse *response = NULL;
	struct screen *screen = &cli->screen;
	TRY(cli_table_name(cli, options->arguments[0], &request.database, &request.name, err));
	TRY(cli_number(cli, "a version", options->arguments[1], &request.from, err));
	TRY(cli_number(cli, "a version", options->arguments[2], &request.to, err));
	request.with_measures = options_has(options, "--all");
	TRY(cli_call(cli, CATALOG, "DiffTableVersions", &request.base, &response, err));
	if (cli->json)
		return cli_json(cli, &response->base, err);
	screen_text(screen, PAINT_BOLD, place_text(cli->arena, request.database, request.name));
	screen_printf(screen, PAINT_NONE, "  version %s %s %s: ", options->arguments[1],
		arrow(screen), options->arguments[2]);
	if (response->n_changes + response->n_fields == 0)
		screen_text(screen, PAINT_NONE, "nothing differs");
	else
		screen_text(screen, paint_of(response->severity), response->severity);
	if (response->n_changes == 0 && response->n_fields)
		screen_text(screen, PAINT_NONE, ", the schemas are the same");
	screen_text(screen, PAINT_NONE, "\n");
	render_changes(screen, "  ", response->changes, response->n_changes);
	render_fields(screen, "  ", response->fields, response->n_fields, SIZE_MAX);
	return STATUS_OK;
}

static enum status run_partitions(struct cli *cli, const struct options *options, struct error *err)
{
	struct cli_list list = {0};
	Tenon__V1__ListPartitionsRequest request = TENON__V1__LIST_PARTITIONS_REQUEST__INIT;
	Tenon__V1__Table *table = NULL;
	const char *where = options_value(options, "--where");
	TRY(cli_table_name(cli, options->arguments[0], &request.database, &request.table, err));
	if (where)
		request.expression = arena_text(cli->arena, text_of(where));
	TRY(cli_pages(cli, CATALOG, "ListPartitions", &request.base, UINT64_MAX, &list, err));
	if (cli->json)
		return cli_json_list(cli, &list, err);
	TRY(get_table(cli, options->arguments[0], NULL, 0, &table, err));
	render_partitions(
		&cli->screen, table, (Tenon__V1__Partition *const *)(void *)list.items, list.count);
	return STATUS_OK;
}

/* A table's parameters are kept and shown as they are, unlike a connection's: others read
 * them by name, as they do AWS Glue's. */
static void warn_of_secrets(struct cli *cli, const Tenon__V1__Table *table)
{
	for (size_t i = 0; i < table->n_parameters; i++) {
		if (table->parameters[i]->value[0] &&
			name_is_secret(text_of(table->parameters[i]->key)))
			(void)fprintf(cli->err,
				"tenon: parameter '%s' looks like a secret: everybody who reads "
				"the table sees it; 'tenon connection put' keeps such\n",
				printable(cli->arena, table->parameters[i]->key));
	}
}

static enum status run_table_put(struct cli *cli, const struct options *options, struct error *err)
{
	Tenon__V1__UpdateTableRequest request = TENON__V1__UPDATE_TABLE_REQUEST__INIT;
	Tenon__V1__UpdateTableResponse *response = NULL;
	const char *file = options->arguments[0];
	const char *reason = options_value(options, "--reason");
	const char *version = options_value(options, "--if-version");
	TRY(file_message(cli->arena, file, &tenon__v1__table__descriptor, &request.table, err));
	if (request.table->storage)
		TRY(path_beside(cli->arena, file, request.table->storage->location,
			&request.table->storage->location, err));
	request.check_version = version != NULL;
	if (version)
		TRY(cli_number(cli, "--if-version", version, &request.version, err));
	request.create_if_missing = !version;
	request.skip_archive = options_has(options, "--skip-archive");
	if (reason)
		request.reason = arena_text(cli->arena, text_of(reason));
	TRY(cli_call(cli, CATALOG, "UpdateTable", &request.base, &response, err));
	warn_of_secrets(cli, request.table);
	if (cli->json)
		return cli_json(cli, &response->base, err);
	const Tenon__V1__Table *table = response->table ? response->table : request.table;
	screen_printf(&cli->screen, PAINT_NONE, "table '%s.%s' is %s, version %" PRIu64 "\n",
		table->database, table->name,
		response->created   ? "created"
		: response->changed ? "updated"
				    : "unchanged",
		table->version);
	return STATUS_OK;
}

static enum status run_table_drop(struct cli *cli, const struct options *options, struct error *err)
{
	Tenon__V1__DeleteTableRequest request = TENON__V1__DELETE_TABLE_REQUEST__INIT;
	Tenon__V1__DeleteTableResponse *response = NULL;
	TRY(cli_table_name(cli, options->arguments[0], &request.database, &request.name, err));
	TRY(cli_call(cli, CATALOG, "DeleteTable", &request.base, &response, err));
	if (cli->json)
		return cli_json(cli, &response->base, err);
	screen_printf(&cli->screen, PAINT_NONE,
		"table '%s.%s' is dropped; its data files stay, and 'tenon undrop' brings it "
		"back\n",
		request.database, request.name);
	return STATUS_OK;
}

static enum status run_table_rename(
	struct cli *cli, const struct options *options, struct error *err)
{
	Tenon__V1__RenameTableRequest request = TENON__V1__RENAME_TABLE_REQUEST__INIT;
	Tenon__V1__RenameTableResponse *response = NULL;
	TRY(cli_table_name(cli, options->arguments[0], &request.database, &request.name, err));
	TRY(cli_table_name(
		cli, options->arguments[1], &request.new_database, &request.new_name, err));
	TRY(cli_call(cli, CATALOG, "RenameTable", &request.base, &response, err));
	if (cli->json)
		return cli_json(cli, &response->base, err);
	screen_printf(&cli->screen, PAINT_NONE,
		"table '%s.%s' is '%s.%s' now; its data files stay where they are\n",
		request.database, request.name, request.new_database, request.new_name);
	return STATUS_OK;
}

static enum status run_rollback(struct cli *cli, const struct options *options, struct error *err)
{
	Tenon__V1__RollbackTableRequest request = TENON__V1__ROLLBACK_TABLE_REQUEST__INIT;
	Tenon__V1__RollbackTableResponse *response = NULL;
	const char *reason = options_value(options, "--reason");
	const char *version = options_value(options, "--if-version");
	TRY(cli_table_name(cli, options->arguments[0], &request.database, &request.name, err));
	TRY(cli_number(cli, "a version", options->arguments[1], &request.to, err));
	request.check_version = version != NULL;
	if (version)
		TRY(cli_number(cli, "--if-version", version, &request.version, err));
	if (reason)
		request.reason = arena_text(cli->arena, text_of(reason));
	TRY(cli_call(cli, CATALOG, "RollbackTable", &request.base, &response, err));
	if (cli->json)
		return cli_json(cli, &response->base, err);
	uint64_t now = response->table ? response->table->version : 0;
	if (response->changed)
		screen_printf(&cli->screen, PAINT_NONE,
			"table '%s.%s' is as in version %" PRIu64 " again, version %" PRIu64 "\n",
			request.database, request.name, request.to, now);
	else
		screen_printf(&cli->screen, PAINT_NONE,
			"table '%s.%s' is as in version %" PRIu64
			" already, unchanged at version %" PRIu64 "\n",
			request.database, request.name, request.to, now);
	return STATUS_OK;
}

static const struct flag show_flags[] = {
	{"--version", 0, "N", "the table as it was"},
	{"--as-of", 0, "TIME", "the version of that time, e.g. 2026-11-23T06:28:19Z"},
	{"--why", 0, "COLUMN", "the evidence for a column's type"},
	{NULL, 0, NULL, NULL},
};
static const struct flag diff_flags[] = {
	{"--all", 0, NULL, "also what only measures the data: counts, sizes, times"},
	{NULL, 0, NULL, NULL},
};
static const struct flag partitions_flags[] = {
	{"--where", 0, "EXPR",
		"only those whose keys match, e.g. \"year = '2013' AND month < '07'\""},
	{NULL, 0, NULL, NULL},
};
static const struct flag rollback_flags[] = {
	{"--reason", 0, "TEXT", "kept with the version"},
	{"--if-version", 0, "N", "only if the table is at version N"},
	{NULL, 0, NULL, NULL},
};
static const struct flag table_put_flags[] = {
	{"--reason", 0, "TEXT", "kept with the version"},
	{"--if-version", 0, "N", "only if the table is there, at version N"},
	{"--skip-archive", 0, NULL, "do not keep what the table was before as a version"},
	{NULL, 0, NULL, NULL},
};

static const struct command rows[] = {
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
		"  tenon show sales.orders --as-of 2026-11-23T06:28:19Z\n"
		"  tenon show sales.orders --why amount\n",
		show_flags, 1, 1, see_tables, run_show},
	{"history", "DB.TABLE", "The versions of a table: who, when, why, what changed",
		"  tenon history sales.orders\n", no_flags, 1, 1, see_tables, run_history},
	{"diff", "DB.TABLE A B", "What changed from version A to version B",
		"Each change is safe (no reader notices), widening (values kept, the type grew)\n"
		"or breaking; the first line has the worst of all. Another location, format or\n"
		"serde is breaking, too; parameters and comments are safe.\n"
		"\n"
		"  tenon diff sales.orders 2 5\n",
		diff_flags, 3, 3, see_tables, run_diff},
	{"rollback", "DB.TABLE N", "Make a table what it was in version N, as a new version",
		"Nothing of its history is lost, and its data files are not touched. With "
		"--if-version\n"
		"a change that somebody made meanwhile refuses it.\n"
		"\n"
		"  tenon rollback sales.orders 2 --reason 'the crawl took the wrong file'\n",
		rollback_flags, 2, 2, see_tables, run_rollback},
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
		table_put_flags, 1, 1, see_tables, run_table_put},
	{"table rename", "DB.TABLE DB2.NEW", "Give a table another name, or another database",
		"Its versions and partitions stay with it, and its files where they are.\n"
		"\n"
		"  tenon table rename sales.orders archive.orders_2025\n",
		no_flags, 2, 2, see_tables, run_table_rename},
	{"table drop", "DB.TABLE", "Forget a table; its data files stay",
		"  tenon table drop sales.orders\n", no_flags, 1, 1, see_tables, run_table_drop},
};

const struct commands table_commands = COMMANDS(rows);
