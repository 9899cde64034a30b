#include "tests/service/daemon/daemon_process.h"

#include "tenon/v1/statistics.pb-c.h"

#include <string.h>

#define STATISTICS &tenon__v1__statistics__descriptor

static char sales[] = "sales";
static char orders[] = "Orders";

/* sales.orders (id int, price decimal(10,2) | year int), with partition 2013. */
static void start(struct daemon_process *daemon, const char *id_type)
{
	static char year[] = "2013";
	struct error err;
	Tenon__V1__UpdateTableRequest put = TENON__V1__UPDATE_TABLE_REQUEST__INIT;
	Tenon__V1__UpdateTableResponse *response;
	Tenon__V1__Table table = TENON__V1__TABLE__INIT;
	Tenon__V1__StorageDescriptor storage = TENON__V1__STORAGE_DESCRIPTOR__INIT;
	Tenon__V1__Column columns[3] = {
		TENON__V1__COLUMN__INIT, TENON__V1__COLUMN__INIT, TENON__V1__COLUMN__INIT};
	Tenon__V1__Column *pointers[] = {&columns[0], &columns[1], &columns[2]};
	static const char *const names[] = {"id", "price", "year"};
	const char *types[] = {id_type, "decimal(10,2)", "int"};
	for (size_t i = 0; i < 3; i++) {
		columns[i].name = arena_text(daemon->arena, text_of(names[i]));
		columns[i].type = arena_text(daemon->arena, text_of(types[i]));
	}
	storage.columns = pointers;
	storage.n_columns = 2;
	table.database = sales;
	table.name = orders;
	table.storage = &storage;
	table.partition_keys = pointers + 2;
	table.n_partition_keys = 1;
	put.table = &table;
	put.create_if_missing = true;
	assert_ok(daemon_call(daemon, &tenon__v1__catalog__descriptor, "UpdateTable", &put,
			  &response, &err),
		&err);
	if (!response->created)
		return;
	Tenon__V1__CreatePartitionsRequest parts = TENON__V1__CREATE_PARTITIONS_REQUEST__INIT;
	Tenon__V1__CreatePartitionsResponse *made;
	Tenon__V1__Partition partition = TENON__V1__PARTITION__INIT;
	Tenon__V1__Partition *list[] = {&partition};
	char *values[] = {year};
	partition.values = values;
	partition.n_values = 1;
	parts.database = sales;
	parts.table = orders;
	parts.partitions = list;
	parts.n_partitions = 1;
	assert_ok(daemon_call(daemon, &tenon__v1__catalog__descriptor, "CreatePartitions", &parts,
			  &made, &err),
		&err);
	assert_int_equal(made->n_errors, 0);
}

/* Long statistics of `column`, with so many nulls; the item's error, or OK. */
static enum status put(struct daemon_process *daemon, const char *partition, const char *column,
	uint64_t nulls, struct error *err)
{
	Tenon__V1__UpdateColumnStatisticsRequest request =
		TENON__V1__UPDATE_COLUMN_STATISTICS_REQUEST__INIT;
	Tenon__V1__UpdateColumnStatisticsResponse *response;
	Tenon__V1__ColumnStatistics one = TENON__V1__COLUMN_STATISTICS__INIT;
	Tenon__V1__LongStatistics data = TENON__V1__LONG_STATISTICS__INIT;
	Tenon__V1__ColumnStatistics *list[] = {&one};
	char *values[] = {arena_text(daemon->arena, text_of(partition))};
	data.has_range = true;
	data.minimum = -5;
	data.maximum = 17;
	one.column = arena_text(daemon->arena, text_of(column));
	one.nulls = nulls;
	one.table_version = 99; /* the server's to say */
	one.data_case = TENON__V1__COLUMN_STATISTICS__DATA_LONG_VALUES;
	one.long_values = &data;
	request.database = sales;
	request.table = orders;
	request.partition = values;
	request.n_partition = partition ? 1 : 0;
	request.statistics = list;
	request.n_statistics = 1;
	enum status status =
		daemon_call(daemon, STATISTICS, "UpdateColumnStatistics", &request, &response, err);
	if (status != STATUS_OK || response->n_errors == 0)
		return status;
	return fail(
		err, (enum status)response->errors[0]->code, "%s", response->errors[0]->message);
}

static Tenon__V1__GetColumnStatisticsResponse *get(
	struct daemon_process *daemon, const char *partition, const char *column)
{
	struct error err;
	Tenon__V1__GetColumnStatisticsRequest request =
		TENON__V1__GET_COLUMN_STATISTICS_REQUEST__INIT;
	Tenon__V1__GetColumnStatisticsResponse *response;
	char *values[] = {arena_text(daemon->arena, text_of(partition))};
	char *columns[] = {arena_text(daemon->arena, text_of(column))};
	request.database = sales;
	request.table = orders;
	request.partition = values;
	request.n_partition = partition ? 1 : 0;
	request.columns = columns;
	request.n_columns = column ? 1 : 0;
	assert_ok(daemon_call(daemon, STATISTICS, "GetColumnStatistics", &request, &response, &err),
		&err);
	return response;
}

static enum status drop(struct daemon_process *daemon, const char *column, struct error *err)
{
	Tenon__V1__DeleteColumnStatisticsRequest request =
		TENON__V1__DELETE_COLUMN_STATISTICS_REQUEST__INIT;
	Tenon__V1__DeleteColumnStatisticsResponse *response;
	char *columns[] = {arena_text(daemon->arena, text_of(column))};
	request.database = sales;
	request.table = orders;
	request.columns = columns;
	request.n_columns = column ? 1 : 0;
	return daemon_call(daemon, STATISTICS, "DeleteColumnStatistics", &request, &response, err);
}

static void statistics_are_put_got_and_dropped_by_column(void **state)
{
	(void)state;
	struct daemon_process daemon;
	struct error err;
	daemon_init(&daemon);
	daemon_start(&daemon, NULL, NULL);
	put_database(&daemon, "sales");
	assert_int_equal(put(&daemon, NULL, "id", 1, &err), STATUS_NOT_FOUND);
	start(&daemon, "int");
	assert_int_equal(get(&daemon, NULL, NULL)->n_statistics, 0);
	assert_ok(put(&daemon, NULL, "ID", 1, &err), &err);
	assert_ok(put(&daemon, NULL, "year", 2, &err), &err);
	assert_ok(put(&daemon, "2013", "id", 3, &err), &err);
	assert_int_equal(put(&daemon, NULL, "none", 1, &err), STATUS_INVALID_ARGUMENT);
	assert_string_equal(err.message, "table 'sales.orders' has no column 'none'");
	assert_int_equal(put(&daemon, "2014", "id", 1, &err), STATUS_NOT_FOUND);

	/* It outlives the daemon. */
	daemon_kill(&daemon);
	daemon_start(&daemon, NULL, NULL);
	Tenon__V1__GetColumnStatisticsResponse *all = get(&daemon, NULL, NULL);
	assert_int_equal(all->n_statistics, 2);
	assert_string_equal(all->statistics[0]->column, "id");
	assert_int_equal(all->statistics[0]->nulls, 1);
	assert_int_equal(all->statistics[0]->table_version, 0);
	assert_int_equal(all->statistics[0]->long_values->minimum, -5);
	assert_string_equal(all->statistics[1]->column, "year");
	assert_int_equal(get(&daemon, "2013", NULL)->n_statistics, 1);
	Tenon__V1__GetColumnStatisticsResponse *none = get(&daemon, "2013", "price");
	assert_int_equal(none->n_errors, 1);
	assert_int_equal(none->errors[0]->code, STATUS_NOT_FOUND);

	assert_ok(drop(&daemon, "Id", &err), &err);
	assert_ok(drop(&daemon, "Id", &err), &err);
	assert_int_equal(get(&daemon, NULL, NULL)->n_statistics, 1);
	assert_ok(drop(&daemon, NULL, &err), &err);
	assert_int_equal(get(&daemon, NULL, NULL)->n_statistics, 0);
	assert_int_equal(get(&daemon, "2013", NULL)->n_statistics, 1);
	daemon_done(&daemon);
}

static void a_column_of_another_type_has_no_statistics(void **state)
{
	(void)state;
	struct daemon_process daemon;
	struct error err;
	daemon_init(&daemon);
	daemon_start(&daemon, NULL, NULL);
	put_database(&daemon, "sales");
	start(&daemon, "int");
	assert_ok(put(&daemon, NULL, "id", 1, &err), &err);
	assert_ok(put(&daemon, "2013", "id", 1, &err), &err);
	assert_ok(put(&daemon, "2013", "price", 1, &err), &err);
	start(&daemon, "string");
	assert_int_equal(get(&daemon, NULL, NULL)->n_statistics, 0);
	assert_int_equal(get(&daemon, "2013", NULL)->n_statistics, 1);
	assert_string_equal(get(&daemon, "2013", NULL)->statistics[0]->column, "price");
	start(&daemon, "int"); /* they do not come back */
	assert_int_equal(get(&daemon, "2013", NULL)->n_statistics, 1);
	assert_ok(put(&daemon, "2013", "id", 1, &err), &err);
	assert_int_equal(get(&daemon, "2013", NULL)->n_statistics, 2);
	assert_int_equal(get(&daemon, "2013", "id")->statistics[0]->table_version, 2);
	daemon_done(&daemon);
}

static void a_batch_of_columns_succeeds_in_part(void **state)
{
	(void)state;
	enum { COLUMNS = 1001 };
	struct daemon_process daemon;
	struct error err;
	Tenon__V1__UpdateColumnStatisticsRequest request =
		TENON__V1__UPDATE_COLUMN_STATISTICS_REQUEST__INIT;
	Tenon__V1__UpdateColumnStatisticsResponse *response;
	static const char *const names[] = {"id", "none", "price"};
	daemon_init(&daemon);
	daemon_start(&daemon, NULL, NULL);
	put_database(&daemon, "sales");
	start(&daemon, "int");
	request.database = sales;
	request.table = orders;
	request.statistics = arena_array(daemon.arena, COLUMNS, sizeof *request.statistics);
	for (size_t i = 0; i < COLUMNS; i++) {
		Tenon__V1__ColumnStatistics *one = arena_alloc(daemon.arena, sizeof *one);
		Tenon__V1__BinaryStatistics *data = arena_alloc(daemon.arena, sizeof *data);
		*one = (Tenon__V1__ColumnStatistics)TENON__V1__COLUMN_STATISTICS__INIT;
		*data = (Tenon__V1__BinaryStatistics)TENON__V1__BINARY_STATISTICS__INIT;
		one->column = arena_text(daemon.arena, text_of(names[i % 3]));
		one->data_case = TENON__V1__COLUMN_STATISTICS__DATA_BINARY_VALUES;
		one->binary_values = data;
		request.statistics[i] = one;
	}
	request.n_statistics = COLUMNS;
	assert_int_equal(daemon_call(&daemon, STATISTICS, "UpdateColumnStatistics", &request,
				 &response, &err),
		STATUS_RESOURCE_EXHAUSTED);
	request.n_statistics = 3;
	request.statistics[2]->data_case = TENON__V1__COLUMN_STATISTICS__DATA__NOT_SET;
	assert_ok(daemon_call(
			  &daemon, STATISTICS, "UpdateColumnStatistics", &request, &response, &err),
		&err);
	assert_int_equal(response->n_errors, 2);
	assert_int_equal(response->errors[0]->index, 1);
	assert_int_equal(response->errors[1]->index, 2);
	assert_int_equal(get(&daemon, NULL, NULL)->n_statistics, 1);
	daemon_done(&daemon);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(statistics_are_put_got_and_dropped_by_column),
		cmocka_unit_test(a_column_of_another_type_has_no_statistics),
		cmocka_unit_test(a_batch_of_columns_succeeds_in_part),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
