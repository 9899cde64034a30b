#include "tests/service/daemon/daemon_process.h"

#include <string.h>
#include <unistd.h>

static char *copy(struct daemon_process *daemon, const char *text)
{
	return arena_text(daemon->arena, text_of(text));
}

/* A table of one column `amount`, and one partition key when asked. */
static Tenon__V1__Table *table_of(
	struct daemon_process *daemon, const char *name, const char *type, const char *key)
{
	struct arena *arena = daemon->arena;
	Tenon__V1__Table *table = arena_alloc(arena, sizeof *table);
	Tenon__V1__StorageDescriptor *storage = arena_alloc(arena, sizeof *storage);
	*table = (Tenon__V1__Table)TENON__V1__TABLE__INIT;
	*storage = (Tenon__V1__StorageDescriptor)TENON__V1__STORAGE_DESCRIPTOR__INIT;
	Tenon__V1__Column **columns = arena_array(arena, 2, sizeof *columns);
	for (size_t i = 0; i < 2; i++) {
		columns[i] = arena_alloc(arena, sizeof **columns);
		*columns[i] = (Tenon__V1__Column)TENON__V1__COLUMN__INIT;
		columns[i]->name = copy(daemon, i ? (key ? key : "") : "amount");
		columns[i]->type = copy(daemon, i ? "int" : type);
	}
	table->database = copy(daemon, "sales");
	table->name = copy(daemon, name);
	table->storage = storage;
	storage->columns = columns;
	storage->n_columns = 1;
	storage->location = arena_printf(arena, "/lake/%s", "here");
	if (key) {
		table->partition_keys = columns + 1;
		table->n_partition_keys = 1;
	}
	return table;
}

static enum status create(struct daemon_process *daemon, Tenon__V1__Table *table, struct error *err)
{
	Tenon__V1__CreateTableRequest request = TENON__V1__CREATE_TABLE_REQUEST__INIT;
	Tenon__V1__CreateTableResponse *response;
	request.table = table;
	return daemon_call(
		daemon, &tenon__v1__catalog__descriptor, "CreateTable", &request, &response, err);
}

static enum status update(struct daemon_process *daemon, Tenon__V1__Table *table,
	const uint64_t *version, Tenon__V1__UpdateTableResponse **response_out, struct error *err)
{
	Tenon__V1__UpdateTableRequest request = TENON__V1__UPDATE_TABLE_REQUEST__INIT;
	request.table = table;
	request.check_version = version != NULL;
	request.version = version ? *version : 0;
	request.create_if_missing = !version;
	return daemon_call(daemon, &tenon__v1__catalog__descriptor, "UpdateTable", &request,
		response_out, err);
}

static void start(struct daemon_process *daemon)
{
	daemon_init(daemon);
	daemon_start(daemon, NULL, NULL);
	put_database(daemon, "sales");
}

static void a_table_is_created_read_changed_and_dropped(void **state)
{
	(void)state;
	struct daemon_process daemon;
	struct error err;
	Tenon__V1__UpdateTableResponse *updated;
	start(&daemon);
	assert_ok(create(&daemon, table_of(&daemon, "Orders", "int", NULL), &err), &err);
	assert_int_equal(create(&daemon, table_of(&daemon, "orders", "int", NULL), &err),
		STATUS_ALREADY_EXISTS);
	Tenon__V1__Table *table = get_table(&daemon, "SALES", "ORDERS");
	assert_string_equal(table->name, "orders");
	assert_string_equal(table->storage->columns[0]->type, "int");
	assert_string_equal(table->updated_by, "local");
	assert_int_equal(table->version, 0);

	assert_ok(update(&daemon, table_of(&daemon, "orders", "int", NULL), NULL, &updated, &err),
		&err);
	assert_false(updated->changed);
	assert_ok(
		update(&daemon, table_of(&daemon, "orders", "bigint", NULL), NULL, &updated, &err),
		&err);
	assert_true(updated->changed && !updated->created);
	assert_int_equal(updated->table->version, 1);

	Tenon__V1__DeleteTableRequest drop = TENON__V1__DELETE_TABLE_REQUEST__INIT;
	Tenon__V1__DeleteTableResponse *dropped;
	drop.database = copy(&daemon, "sales");
	drop.name = copy(&daemon, "orders");
	assert_ok(daemon_call(&daemon, &tenon__v1__catalog__descriptor, "DeleteTable", &drop,
			  &dropped, &err),
		&err);
	assert_int_equal(daemon_call(&daemon, &tenon__v1__catalog__descriptor, "DeleteTable", &drop,
				 &dropped, &err),
		STATUS_NOT_FOUND);
	assert_non_null(strstr(err.message, "orders"));
	assert_ok(update(&daemon, table_of(&daemon, "orders", "int", NULL), NULL, &updated, &err),
		&err);
	assert_true(updated->created);
	daemon_done(&daemon);
}

static void tables_are_renamed_rolled_back_and_dropped_together(void **state)
{
	(void)state;
	struct daemon_process daemon;
	struct error err;
	const ProtobufCServiceDescriptor *catalog = &tenon__v1__catalog__descriptor;
	Tenon__V1__UpdateTableResponse *updated;
	start(&daemon);
	put_database(&daemon, "archive");
	assert_ok(create(&daemon, table_of(&daemon, "orders", "int", NULL), &err), &err);
	assert_ok(create(&daemon, table_of(&daemon, "other", "int", NULL), &err), &err);
	assert_ok(
		update(&daemon, table_of(&daemon, "orders", "bigint", NULL), NULL, &updated, &err),
		&err);

	Tenon__V1__GetTableRequest then = TENON__V1__GET_TABLE_REQUEST__INIT;
	Tenon__V1__GetTableResponse *got;
	then.database = copy(&daemon, "sales");
	then.name = copy(&daemon, "orders");
	then.as_of_time_us = updated->table->update_time_us - 1;
	assert_ok(daemon_call(&daemon, catalog, "GetTable", &then, &got, &err), &err);
	assert_int_equal(got->table->version, 0);
	assert_string_equal(got->table->storage->columns[0]->type, "int");
	then.as_of_time_us = 1;
	assert_int_equal(
		daemon_call(&daemon, catalog, "GetTable", &then, &got, &err), STATUS_NOT_FOUND);

	Tenon__V1__RollbackTableRequest back = TENON__V1__ROLLBACK_TABLE_REQUEST__INIT;
	Tenon__V1__RollbackTableResponse *rolled;
	back.database = then.database;
	back.name = then.name;
	back.check_version = true;
	assert_int_equal(daemon_call(&daemon, catalog, "RollbackTable", &back, &rolled, &err),
		STATUS_ABORTED);
	back.version = 1;
	assert_ok(daemon_call(&daemon, catalog, "RollbackTable", &back, &rolled, &err), &err);
	assert_true(rolled->changed);
	assert_int_equal(rolled->table->version, 2);

	Tenon__V1__RenameTableRequest rename = TENON__V1__RENAME_TABLE_REQUEST__INIT;
	Tenon__V1__RenameTableResponse *renamed;
	rename.database = then.database;
	rename.name = then.name;
	rename.new_name = copy(&daemon, "Other");
	assert_int_equal(daemon_call(&daemon, catalog, "RenameTable", &rename, &renamed, &err),
		STATUS_ALREADY_EXISTS);
	rename.new_database = copy(&daemon, "archive");
	assert_ok(daemon_call(&daemon, catalog, "RenameTable", &rename, &renamed, &err), &err);
	assert_string_equal(renamed->table->database, "archive");
	assert_string_equal(
		get_table(&daemon, "archive", "other")->storage->columns[0]->type, "int");

	Tenon__V1__DeleteTablesRequest drop = TENON__V1__DELETE_TABLES_REQUEST__INIT;
	Tenon__V1__DeleteTablesResponse *dropped;
	char *names[] = {copy(&daemon, "none"), copy(&daemon, "OTHER")};
	drop.database = then.database;
	drop.names = names;
	drop.n_names = 2;
	assert_ok(daemon_call(&daemon, catalog, "DeleteTables", &drop, &dropped, &err), &err);
	assert_int_equal(dropped->n_errors, 1);
	assert_int_equal(dropped->errors[0]->index, 0);
	assert_int_equal(dropped->errors[0]->code, STATUS_NOT_FOUND);
	then.name = names[1];
	then.as_of_time_us = 0;
	assert_int_equal(
		daemon_call(&daemon, catalog, "GetTable", &then, &got, &err), STATUS_NOT_FOUND);
	char *many[101];
	for (size_t i = 0; i < 101; i++)
		many[i] = names[0];
	drop.names = many;
	drop.n_names = 101;
	assert_int_equal(daemon_call(&daemon, catalog, "DeleteTables", &drop, &dropped, &err),
		STATUS_RESOURCE_EXHAUSTED);
	daemon_done(&daemon);
}

static void an_update_from_a_stale_version_is_aborted(void **state)
{
	(void)state;
	struct daemon_process daemon;
	struct error err;
	Tenon__V1__UpdateTableResponse *updated;
	uint64_t version = 0;
	start(&daemon);
	assert_ok(create(&daemon, table_of(&daemon, "orders", "int", NULL), &err), &err);
	assert_ok(update(&daemon, table_of(&daemon, "orders", "bigint", NULL), &version, &updated,
			  &err),
		&err);
	assert_int_equal(update(&daemon, table_of(&daemon, "orders", "double", NULL), &version,
				 &updated, &err),
		STATUS_ABORTED);
	assert_string_equal(
		get_table(&daemon, "sales", "orders")->storage->columns[0]->type, "bigint");
	daemon_done(&daemon);
}

static void versions_and_their_difference_are_told(void **state)
{
	(void)state;
	struct daemon_process daemon;
	struct error err;
	Tenon__V1__UpdateTableResponse *updated;
	start(&daemon);
	assert_ok(create(&daemon, table_of(&daemon, "orders", "int", NULL), &err), &err);
	assert_ok(
		update(&daemon, table_of(&daemon, "orders", "bigint", NULL), NULL, &updated, &err),
		&err);
	Tenon__V1__ListTableVersionsRequest list = TENON__V1__LIST_TABLE_VERSIONS_REQUEST__INIT;
	Tenon__V1__ListTableVersionsResponse *versions;
	list.database = copy(&daemon, "sales");
	list.name = copy(&daemon, "orders");
	assert_ok(daemon_call(&daemon, &tenon__v1__catalog__descriptor, "ListTableVersions", &list,
			  &versions, &err),
		&err);
	assert_int_equal(versions->n_versions, 2);
	assert_int_equal(versions->versions[0]->version, 1);
	Tenon__V1__DiffTableVersionsRequest diff = TENON__V1__DIFF_TABLE_VERSIONS_REQUEST__INIT;
	Tenon__V1__DiffTableVersionsResponse *changes;
	diff.database = list.database;
	diff.name = list.name;
	diff.to = 1;
	assert_ok(daemon_call(&daemon, &tenon__v1__catalog__descriptor, "DiffTableVersions", &diff,
			  &changes, &err),
		&err);
	assert_int_equal(changes->n_changes, 1);
	assert_string_equal(changes->changes[0]->kind, "widened");
	assert_string_equal(changes->severity, "widening");
	Tenon__V1__GetTableVersionRequest get = TENON__V1__GET_TABLE_VERSION_REQUEST__INIT;
	Tenon__V1__GetTableVersionResponse *version;
	get.database = list.database;
	get.name = list.name;
	assert_ok(daemon_call(&daemon, &tenon__v1__catalog__descriptor, "GetTableVersion", &get,
			  &version, &err),
		&err);
	assert_string_equal(version->version->table->storage->columns[0]->type, "int");
	daemon_done(&daemon);
}

static Tenon__V1__Partition *partition_of(struct daemon_process *daemon, const char *value)
{
	Tenon__V1__Partition *partition = arena_alloc(daemon->arena, sizeof *partition);
	*partition = (Tenon__V1__Partition)TENON__V1__PARTITION__INIT;
	partition->values = arena_array(daemon->arena, 1, sizeof *partition->values);
	partition->values[0] = copy(daemon, value);
	partition->n_values = 1;
	return partition;
}

static size_t count_where(struct daemon_process *daemon, const char *expression)
{
	struct error err;
	Tenon__V1__ListPartitionsRequest request = TENON__V1__LIST_PARTITIONS_REQUEST__INIT;
	Tenon__V1__ListPartitionsResponse *response;
	size_t count = 0;
	request.database = copy(daemon, "sales");
	request.table = copy(daemon, "orders");
	request.expression = copy(daemon, expression);
	request.page_size = 2;
	do {
		assert_ok(daemon_call(daemon, &tenon__v1__catalog__descriptor, "ListPartitions",
				  &request, &response, &err),
			&err);
		count += response->n_partitions;
		request.page_token = response->next_page_token;
	} while (*request.page_token);
	return count;
}

static void thousands_make(struct daemon_process *daemon, int count)
{
	struct error err;
	Tenon__V1__Partition *partitions[1000];
	for (int from = 0; from < count; from += 1000) {
		Tenon__V1__CreatePartitionsRequest request =
			TENON__V1__CREATE_PARTITIONS_REQUEST__INIT;
		Tenon__V1__CreatePartitionsResponse *response;
		for (int i = 0; i < 1000; i++)
			partitions[i] =
				partition_of(daemon, arena_printf(daemon->arena, "%d", from + i));
		request.database = copy(daemon, "sales");
		request.table = copy(daemon, "orders");
		request.partitions = partitions;
		request.n_partitions = 1000;
		assert_ok(daemon_call(daemon, &tenon__v1__catalog__descriptor, "CreatePartitions",
				  &request, &response, &err),
			&err);
		assert_int_equal(response->n_errors, 0);
	}
}

/* Asks until the only index is in `state`; 0: until there is none. */
static void index_wait(struct daemon_process *daemon, int state)
{
	enum { PAUSE_MS = 20, PAUSES = 1000 };
	struct error err;
	Tenon__V1__ListPartitionIndexesRequest request =
		TENON__V1__LIST_PARTITION_INDEXES_REQUEST__INIT;
	Tenon__V1__ListPartitionIndexesResponse *response;
	request.database = copy(daemon, "sales");
	request.table = copy(daemon, "orders");
	for (int i = 0; i < PAUSES; i++) {
		assert_ok(daemon_call(daemon, &tenon__v1__catalog__descriptor,
				  "ListPartitionIndexes", &request, &response, &err),
			&err);
		int now = response->n_indexes ? (int)response->indexes[0]->state : 0;
		if (now == state)
			return;
		usleep(PAUSE_MS * 1000);
	}
	fail_msg("the index never came to state %d", state);
}

static void a_partition_index_fills_and_goes_by_itself(void **state)
{
	(void)state;
	struct daemon_process daemon;
	struct error err;
	Tenon__V1__CreatePartitionIndexRequest request =
		TENON__V1__CREATE_PARTITION_INDEX_REQUEST__INIT;
	Tenon__V1__CreatePartitionIndexResponse *response;
	Tenon__V1__DeletePartitionIndexRequest removal =
		TENON__V1__DELETE_PARTITION_INDEX_REQUEST__INIT;
	Tenon__V1__DeletePartitionIndexResponse *removed;
	Tenon__V1__PartitionIndex index = TENON__V1__PARTITION_INDEX__INIT;
	char *keys[1];
	start(&daemon);
	keys[0] = copy(&daemon, "year");
	assert_ok(create(&daemon, table_of(&daemon, "orders", "int", "year"), &err), &err);
	thousands_make(&daemon, 5000);
	index.name = copy(&daemon, "by_year");
	index.keys = keys;
	index.n_keys = 1;
	request.database = copy(&daemon, "sales");
	request.table = copy(&daemon, "orders");
	request.index = &index;
	assert_ok(daemon_call(&daemon, &tenon__v1__catalog__descriptor, "CreatePartitionIndex",
			  &request, &response, &err),
		&err);
	assert_int_equal(response->index->state,
		TENON__V1__PARTITION_INDEX_STATE__PARTITION_INDEX_STATE_CREATING);
	index_wait(&daemon, TENON__V1__PARTITION_INDEX_STATE__PARTITION_INDEX_STATE_ACTIVE);
	assert_int_equal(count_where(&daemon, "year = 77 or year > 4995"), 5);
	removal.database = request.database;
	removal.table = request.table;
	removal.name = index.name;
	assert_ok(daemon_call(&daemon, &tenon__v1__catalog__descriptor, "DeletePartitionIndex",
			  &removal, &removed, &err),
		&err);
	index_wait(&daemon, 0);
	assert_int_equal(count_where(&daemon, "year = 77 or year > 4995"), 5);
	daemon_done(&daemon);
}

static void a_batch_of_partitions_succeeds_item_by_item(void **state)
{
	(void)state;
	static const char *const values[] = {"2012", "2013", "not a year", "2013", "2014"};
	enum { COUNT = sizeof values / sizeof *values };
	struct daemon_process daemon;
	struct error err;
	Tenon__V1__Partition *partitions[COUNT];
	Tenon__V1__CreatePartitionsRequest request = TENON__V1__CREATE_PARTITIONS_REQUEST__INIT;
	Tenon__V1__CreatePartitionsResponse *response;
	start(&daemon);
	assert_ok(create(&daemon, table_of(&daemon, "orders", "int", "year"), &err), &err);
	for (size_t i = 0; i < COUNT; i++)
		partitions[i] = partition_of(&daemon, values[i]);
	request.database = copy(&daemon, "sales");
	request.table = copy(&daemon, "orders");
	request.partitions = partitions;
	request.n_partitions = COUNT;
	assert_ok(daemon_call(&daemon, &tenon__v1__catalog__descriptor, "CreatePartitions",
			  &request, &response, &err),
		&err);
	assert_int_equal(response->n_errors, 2);
	assert_int_equal(response->errors[0]->index, 2);
	assert_int_equal(response->errors[0]->code, STATUS_INVALID_ARGUMENT);
	assert_int_equal(response->errors[1]->index, 3);
	assert_int_equal(response->errors[1]->code, STATUS_ALREADY_EXISTS);
	assert_int_equal(count_where(&daemon, ""), 3);
	assert_int_equal(count_where(&daemon, "year >= 2013"), 2);
	assert_int_equal(get_table(&daemon, "sales", "orders")->partition_count, 3);

	Tenon__V1__UpdatePartitionsRequest change = TENON__V1__UPDATE_PARTITIONS_REQUEST__INIT;
	Tenon__V1__UpdatePartitionsResponse *changed;
	Tenon__V1__PartitionUpdate items[3];
	Tenon__V1__PartitionUpdate *updates[3];
	for (size_t i = 0; i < 3; i++) {
		tenon__v1__partition_update__init(&items[i]);
		items[i].values = partitions[4]->values;
		items[i].n_values = 1;
		updates[i] = &items[i];
	}
	items[1].partition = partitions[0];
	items[2].partition = partition_of(&daemon, "2015");
	change.database = request.database;
	change.table = request.table;
	change.updates = updates;
	change.n_updates = 3;
	assert_ok(daemon_call(&daemon, &tenon__v1__catalog__descriptor, "UpdatePartitions", &change,
			  &changed, &err),
		&err);
	assert_int_equal(changed->n_errors, 2);
	assert_int_equal(changed->errors[0]->code, STATUS_INVALID_ARGUMENT);
	assert_int_equal(changed->errors[1]->index, 1);
	assert_int_equal(changed->errors[1]->code, STATUS_ALREADY_EXISTS);
	assert_int_equal(count_where(&daemon, "year = 2015"), 1);

	Tenon__V1__DeletePartitionsRequest gone = TENON__V1__DELETE_PARTITIONS_REQUEST__INIT;
	Tenon__V1__DeletePartitionsResponse *went;
	gone.database = request.database;
	gone.table = request.table;
	gone.partitions = partitions;
	gone.n_partitions = 2;
	assert_ok(daemon_call(&daemon, &tenon__v1__catalog__descriptor, "DeletePartitions", &gone,
			  &went, &err),
		&err);
	assert_int_equal(went->n_errors, 0);
	assert_int_equal(count_where(&daemon, ""), 1);
	request.table = copy(&daemon, "missing");
	assert_int_equal(daemon_call(&daemon, &tenon__v1__catalog__descriptor, "CreatePartitions",
				 &request, &response, &err),
		STATUS_NOT_FOUND);
	daemon_done(&daemon);
}

static void listings_come_in_pages_that_miss_nothing(void **state)
{
	(void)state;
	enum { COUNT = 23, PAGE = 5 };
	struct daemon_process daemon;
	struct error err;
	start(&daemon);
	for (unsigned i = 0; i < COUNT; i++)
		assert_ok(create(&daemon,
				  table_of(&daemon, arena_printf(daemon.arena, "t%02u", i), "int",
					  NULL),
				  &err),
			&err);
	Tenon__V1__ListTablesRequest request = TENON__V1__LIST_TABLES_REQUEST__INIT;
	Tenon__V1__ListTablesResponse *response;
	size_t seen = 0;
	request.database = copy(&daemon, "sales");
	request.page_size = PAGE;
	request.names_only = true;
	do {
		assert_ok(daemon_call(&daemon, &tenon__v1__catalog__descriptor, "ListTables",
				  &request, &response, &err),
			&err);
		assert_true(response->n_tables <= PAGE);
		for (size_t i = 0; i < response->n_tables; i++, seen++)
			assert_string_equal(response->tables[i]->name,
				arena_printf(daemon.arena, "t%02zu", seen));
		request.page_token = response->next_page_token;
	} while (*request.page_token);
	assert_int_equal(seen, COUNT);
	request.page_token = copy(&daemon, "not a token of ours");
	assert_int_equal(daemon_call(&daemon, &tenon__v1__catalog__descriptor, "ListTables",
				 &request, &response, &err),
		STATUS_INVALID_ARGUMENT);
	daemon_done(&daemon);
}

static void what_is_missing_is_named(void **state)
{
	(void)state;
	struct daemon_process daemon;
	struct error err;
	start(&daemon);
	assert_int_equal(create(&daemon, NULL, &err), STATUS_INVALID_ARGUMENT);
	assert_non_null(strstr(err.message, "table is missing"));
	Tenon__V1__UndropTableRequest undrop = TENON__V1__UNDROP_TABLE_REQUEST__INIT;
	Tenon__V1__UndropTableResponse *undropped;
	assert_int_equal(daemon_call(&daemon, &tenon__v1__catalog__descriptor, "UndropTable",
				 &undrop, &undropped, &err),
		STATUS_INVALID_ARGUMENT);
	assert_non_null(strstr(err.message, "database name"));
	Tenon__V1__GetDatabaseRequest get = TENON__V1__GET_DATABASE_REQUEST__INIT;
	Tenon__V1__GetDatabaseResponse *got;
	get.name = copy(&daemon, "nowhere");
	assert_int_equal(daemon_call(&daemon, &tenon__v1__catalog__descriptor, "GetDatabase", &get,
				 &got, &err),
		STATUS_NOT_FOUND);
	assert_non_null(strstr(err.message, "nowhere"));
	daemon_done(&daemon);
}

static void a_request_that_unpacks_to_far_more_is_refused_and_harms_nothing(void **state)
{
	(void)state;
	enum { COLUMNS = 500000 }; /* 1 MB of empty messages */
	struct daemon_process daemon;
	struct error err;
	daemon_init(&daemon);
	daemon_start(&daemon, NULL, NULL);
	put_database(&daemon, "sales");
	Tenon__V1__Column empty = TENON__V1__COLUMN__INIT;
	Tenon__V1__StorageDescriptor storage = TENON__V1__STORAGE_DESCRIPTOR__INIT;
	Tenon__V1__Table table = TENON__V1__TABLE__INIT;
	Tenon__V1__UpdateTableRequest request = TENON__V1__UPDATE_TABLE_REQUEST__INIT;
	Tenon__V1__UpdateTableResponse *response;
	table.database = arena_printf(daemon.arena, "sales");
	table.name = arena_printf(daemon.arena, "wide");
	storage.columns = arena_array(daemon.arena, COLUMNS, sizeof *storage.columns);
	for (size_t i = 0; i < COLUMNS; i++)
		storage.columns[i] = &empty;
	storage.n_columns = COLUMNS;
	table.storage = &storage;
	request.table = &table;
	request.create_if_missing = true;
	enum status status = daemon_call(
		&daemon, &tenon__v1__catalog__descriptor, "UpdateTable", &request, &response, &err);
	assert_true(status == STATUS_INVALID_ARGUMENT || status == STATUS_RESOURCE_EXHAUSTED);
	put_database(&daemon, "after");
	daemon_done(&daemon);
}

static void a_database_with_tables_goes_only_when_told_to_cascade(void **state)
{
	(void)state;
	struct daemon_process daemon;
	struct error err;
	Tenon__V1__DeleteDatabaseRequest request = TENON__V1__DELETE_DATABASE_REQUEST__INIT;
	Tenon__V1__DeleteDatabaseResponse *response;
	Tenon__V1__ListDatabasesRequest list = TENON__V1__LIST_DATABASES_REQUEST__INIT;
	Tenon__V1__ListDatabasesResponse *databases;
	start(&daemon);
	assert_ok(create(&daemon, table_of(&daemon, "orders", "int", NULL), &err), &err);
	request.name = copy(&daemon, "sales");
	assert_int_equal(daemon_call(&daemon, &tenon__v1__catalog__descriptor, "DeleteDatabase",
				 &request, &response, &err),
		STATUS_FAILED_PRECONDITION);
	request.cascade = true;
	assert_ok(daemon_call(&daemon, &tenon__v1__catalog__descriptor, "DeleteDatabase", &request,
			  &response, &err),
		&err);
	assert_ok(daemon_call(&daemon, &tenon__v1__catalog__descriptor, "ListDatabases", &list,
			  &databases, &err),
		&err);
	assert_int_equal(databases->n_databases, 0);
	daemon_done(&daemon);
}

static void a_table_is_searched_as_soon_as_its_write_is_answered(void **state)
{
	(void)state;
	struct daemon_process daemon;
	struct error err;
	Tenon__V1__SearchTablesRequest request = TENON__V1__SEARCH_TABLES_REQUEST__INIT;
	Tenon__V1__SearchTablesResponse *found;
	start(&daemon);
	assert_ok(create(&daemon, table_of(&daemon, "customer-link", "int", NULL), &err), &err);
	assert_ok(create(&daemon, table_of(&daemon, "xxlinkyy", "int", NULL), &err), &err);
	request.query = copy(&daemon, "link");
	assert_ok(daemon_call(&daemon, &tenon__v1__catalog__descriptor, "SearchTables", &request,
			  &found, &err),
		&err);
	assert_int_equal(found->n_hits, 1);
	assert_string_equal(found->hits[0]->table->name, "customer-link");
	assert_string_equal(found->next_page_token, "");
	assert_false(found->truncated);
	request.query = copy(&daemon, "\"link");
	assert_int_equal(daemon_call(&daemon, &tenon__v1__catalog__descriptor, "SearchTables",
				 &request, &found, &err),
		STATUS_INVALID_ARGUMENT);
	daemon_done(&daemon);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_table_is_created_read_changed_and_dropped),
		cmocka_unit_test(tables_are_renamed_rolled_back_and_dropped_together),
		cmocka_unit_test(an_update_from_a_stale_version_is_aborted),
		cmocka_unit_test(versions_and_their_difference_are_told),
		cmocka_unit_test(a_batch_of_partitions_succeeds_item_by_item),
		cmocka_unit_test(a_partition_index_fills_and_goes_by_itself),
		cmocka_unit_test(listings_come_in_pages_that_miss_nothing),
		cmocka_unit_test(what_is_missing_is_named),
		cmocka_unit_test(a_request_that_unpacks_to_far_more_is_refused_and_harms_nothing),
		cmocka_unit_test(a_database_with_tables_goes_only_when_told_to_cascade),
		cmocka_unit_test(a_table_is_searched_as_soon_as_its_write_is_answered),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
