#include "base/limits.h"
#include "clients/cli/command.h"
#include "clients/cli/files.h"
#include "clients/cli/names.h"
#include "clients/cli/render.h"

#include <assert.h>
#include <string.h>

#define CATALOG &tenon__v1__catalog__descriptor

/* What stands behind "year=" in one of the values that follow the table's name. */
static const char *value_of_key(const struct options *options, const char *key)
{
	size_t length = strlen(key);
	for (size_t i = 1; i < options->count; i++) {
		struct text value = text_of(options->arguments[i]);
		if (text_equal_folded(text_until(value, length), text_of(key)) &&
			options->arguments[i][length] == '=')
			return options->arguments[i] + length + 1;
	}
	return NULL;
}

/* The values of year=2013 month=07, as Hive writes a partition; false when these are not the
 * table's keys, for a value may hold a '='. */
static enum status named_values(struct cli *cli, const struct options *options, char *database,
	char *name, char **values, bool *found_out, struct error *err)
{
	Tenon__V1__GetTableRequest request = TENON__V1__GET_TABLE_REQUEST__INIT;
	Tenon__V1__GetTableResponse *response = NULL;
	request.database = database;
	request.name = name;
	TRY(cli_call(cli, CATALOG, "GetTable", &request.base, &response, err));
	const Tenon__V1__Table *table = response->table;
	*found_out = table && table->n_partition_keys == options->count - 1;
	for (size_t i = 0; *found_out && i < table->n_partition_keys; i++) {
		const char *value = value_of_key(options, table->partition_keys[i]->name);
		*found_out = value != NULL;
		if (value)
			values[i] = arena_text(cli->arena, text_of(value));
	}
	return STATUS_OK;
}

/* The values that follow the table's name: 2013 07, or year=2013 month=07. */
static enum status values_read(struct cli *cli, const struct options *options, char *database,
	char *table, char ***values_out, struct error *err)
{
	char **values = arena_array(cli->arena, options->count, sizeof *values);
	bool named = true;
	*values_out = values;
	for (size_t i = 1; i < options->count; i++)
		named = named && strchr(options->arguments[i], '=');
	if (named)
		TRY(named_values(cli, options, database, table, values, &named, err));
	for (size_t i = 1; !named && i < options->count; i++)
		values[i - 1] = arena_text(cli->arena, text_of(options->arguments[i]));
	return STATUS_OK;
}

/* "2013/01" for messages. */
static const char *values_text(struct cli *cli, char *const *values, size_t count)
{
	const char *text = "";
	for (size_t i = 0; i < count; i++)
		text = arena_printf(cli->arena, "%s%s%s", text, i ? "/" : "", values[i]);
	return text;
}

/* The answer to a batch of one: its item's error is the command's. */
static enum status only_item(Tenon__V1__ItemError *const *errors, size_t count, struct error *err)
{
	if (count == 0)
		return STATUS_OK;
	enum status status = errors[0]->code > 0 ? (enum status)errors[0]->code : STATUS_UNKNOWN;
	return fail(err, status, "%s", errors[0]->message);
}

static enum status run_partition_add(
	struct cli *cli, const struct options *options, struct error *err)
{
	Tenon__V1__CreatePartitionsRequest request = TENON__V1__CREATE_PARTITIONS_REQUEST__INIT;
	Tenon__V1__CreatePartitionsResponse *response = NULL;
	Tenon__V1__Partition partition = TENON__V1__PARTITION__INIT;
	Tenon__V1__Partition *partitions[] = {&partition};
	Tenon__V1__StorageDescriptor storage = TENON__V1__STORAGE_DESCRIPTOR__INIT;
	const char *location = options_value(options, "--location");
	TRY(cli_table_name(cli, options->arguments[0], &request.database, &request.table, err));
	TRY(values_read(cli, options, request.database, request.table, &partition.values, err));
	partition.n_values = options->count - 1;
	if (location) {
		/* Beside a file of this folder; it need not be there yet. */
		TRY(path_beside(cli->arena, "-", location, &storage.location, err));
		partition.storage = &storage;
	}
	request.partitions = partitions;
	request.n_partitions = 1;
	request.if_not_exists = options_has(options, "--if-not-exists");
	TRY(cli_call(cli, CATALOG, "CreatePartitions", &request.base, &response, err));
	assert(response && "the call succeeded");
	TRY(only_item(response->errors, response->n_errors, err));
	if (cli->json)
		return cli_json(cli, &response->base, err);
	screen_printf(&cli->screen, PAINT_NONE, "partition '%s' of '%s.%s' is there\n",
		values_text(cli, partition.values, partition.n_values), request.database,
		request.table);
	return STATUS_OK;
}

static enum status run_partition_drop(
	struct cli *cli, const struct options *options, struct error *err)
{
	Tenon__V1__DeletePartitionsRequest request = TENON__V1__DELETE_PARTITIONS_REQUEST__INIT;
	Tenon__V1__DeletePartitionsResponse *response = NULL;
	Tenon__V1__Partition partition = TENON__V1__PARTITION__INIT;
	Tenon__V1__Partition *partitions[] = {&partition};
	TRY(cli_table_name(cli, options->arguments[0], &request.database, &request.table, err));
	TRY(values_read(cli, options, request.database, request.table, &partition.values, err));
	partition.n_values = options->count - 1;
	request.partitions = partitions;
	request.n_partitions = 1;
	TRY(cli_call(cli, CATALOG, "DeletePartitions", &request.base, &response, err));
	assert(response && "the call succeeded");
	TRY(only_item(response->errors, response->n_errors, err));
	if (cli->json)
		return cli_json(cli, &response->base, err);
	screen_printf(&cli->screen, PAINT_NONE,
		"partition '%s' of '%s.%s' is dropped; its data files stay\n",
		values_text(cli, partition.values, partition.n_values), request.database,
		request.table);
	return STATUS_OK;
}

static enum status run_partition_show(
	struct cli *cli, const struct options *options, struct error *err)
{
	Tenon__V1__GetPartitionRequest request = TENON__V1__GET_PARTITION_REQUEST__INIT;
	Tenon__V1__GetPartitionResponse *response = NULL;
	Tenon__V1__GetTableRequest of = TENON__V1__GET_TABLE_REQUEST__INIT;
	Tenon__V1__GetTableResponse *table = NULL;
	TRY(cli_table_name(cli, options->arguments[0], &request.database, &request.table, err));
	TRY(values_read(cli, options, request.database, request.table, &request.values, err));
	request.n_values = options->count - 1;
	TRY(cli_call(cli, CATALOG, "GetPartition", &request.base, &response, err));
	assert(response && "the call succeeded");
	if (!response->partition)
		return fail(err, STATUS_DATA_LOSS, "the daemon answered without a partition");
	if (cli->json)
		return cli_json(cli, &response->partition->base, err);
	of.database = request.database;
	of.name = request.table;
	TRY(cli_call(cli, CATALOG, "GetTable", &of.base, &table, err));
	assert(table && "the call succeeded");
	if (!table->table)
		return fail(err, STATUS_DATA_LOSS, "the daemon answered without a table");
	render_partitions(&cli->screen, table->table, &response->partition, 1);
	for (size_t i = 0; i < response->partition->n_parameters; i++)
		screen_printf(&cli->screen, PAINT_DIM, "  %s = %s\n",
			response->partition->parameters[i]->key,
			response->partition->parameters[i]->value);
	return STATUS_OK;
}

static const struct flag add_flags[] = {
	{"--location", 0, "PATH", "where its files are; else where its keys say"},
	{"--if-not-exists", 0, NULL, "no error when it is there"},
	{NULL, 0, NULL, NULL},
};

static const char see_partitions[] = "'tenon partitions DB.TABLE' lists what there is";

enum { MOST = 1 + LIMIT_PARTITION_KEYS };

static const struct command rows[] = {
	{"partition add", "DB.TABLE VALUE...", "Add a partition: a value for each key",
		"  tenon partition add sales.orders 2013 07\n"
		"  tenon partition add sales.orders 2013 08 --location ./late\n"
		"  tenon partition add sales.orders year=2013 month=09\n",
		add_flags, 2, MOST, see_tables, run_partition_add},
	{"partition show", "DB.TABLE VALUE...", "One partition: its place and parameters",
		"  tenon partition show sales.orders 2013 07\n", no_flags, 2, MOST, see_partitions,
		run_partition_show},
	{"partition drop", "DB.TABLE VALUE...", "Forget a partition; its data files stay",
		"  tenon partition drop sales.orders 2013 07\n", no_flags, 2, MOST, see_partitions,
		run_partition_drop},
};

const struct commands partition_commands = COMMANDS(rows);
