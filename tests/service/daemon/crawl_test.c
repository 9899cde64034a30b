#include "tests/service/daemon/daemon_process.h"

#include "jobs/run_state.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* What a crawl's plan does to the catalog. The plans are written here and sent by
 * the fake worker. */

struct lake {
	struct daemon_process daemon;
	char *folder;
};

static void lake_init(struct lake *lake)
{
	daemon_init(&lake->daemon);
	lake->folder = test_path(&lake->daemon, "lake");
	assert_int_equal(mkdir(lake->folder, 0700), 0);
	daemon_start(&lake->daemon, NULL, NULL);
}

/* One table `orders` at LAKE/orders with these columns, partitioned by `day`. */
static char *plan(struct lake *lake, const char *columns, const char *days, const char *files)
{
	return arena_printf(lake->daemon.arena,
		"{\"tables\": [{\"table\": {\"name\": \"orders\", \"storage\": {\"location\": "
		"\"%s/orders\", \"columns\": [%s]}, \"partition_keys\": [{\"name\": \"day\", "
		"\"type\": \"string\"}], \"parameters\": {\"classification\": \"csv\"}},"
		"\"partitions\": [%s], \"files\": [%s], \"summary\": {\"path\": \"%s/orders\", "
		"\"classification\": \"csv\"}}],"
		"\"result\": {\"objects_listed\": 2}}",
		lake->folder, columns, days, files, lake->folder);
}

static const char *start_crawl(struct lake *lake, const char *sent, bool plan_only)
{
	struct error err;
	Tenon__V1__CrawlOptions options = TENON__V1__CRAWL_OPTIONS__INIT;
	Tenon__V1__StartCrawlRequest request = TENON__V1__START_CRAWL_REQUEST__INIT;
	Tenon__V1__StartCrawlResponse *response;
	write_file(arena_printf(lake->daemon.arena, "%s/plan.json", lake->folder), sent);
	options.plan_only = plan_only;
	request.path = lake->folder;
	request.database = arena_printf(lake->daemon.arena, "sales");
	request.options = &options;
	assert_ok(daemon_call(&lake->daemon, &tenon__v1__crawlers__descriptor, "StartCrawl",
			  &request, &response, &err),
		&err);
	return response->run_id;
}

static Tenon__V1__CrawlResult *crawl(struct lake *lake, const char *sent, bool plan_only)
{
	struct error err;
	Tenon__V1__GetCrawlRequest request = TENON__V1__GET_CRAWL_REQUEST__INIT;
	Tenon__V1__GetCrawlResponse *response;
	const char *id = start_crawl(lake, sent, plan_only);
	Tenon__V1__Run *run = wait_run(&lake->daemon, id);
	if (run->state != TENON__V1__RUN_STATE__RUN_STATE_SUCCEEDED)
		fail_msg("crawl is %s: %s", run_state_name(run->state), run->error);
	request.run_id = arena_text(lake->daemon.arena, text_of(id));
	assert_ok(daemon_call(&lake->daemon, &tenon__v1__crawlers__descriptor, "GetCrawl", &request,
			  &response, &err),
		&err);
	return response->result;
}

static const char amount[] = "{\"name\": \"amount\", \"type\": \"int\"}";
static const char wider[] = "{\"name\": \"amount\", \"type\": \"double\"}, "
			    "{\"name\": \"note\", \"type\": \"string\"}";
static const char monday[] = "{\"values\": [\"mon\"]}";
static const char both_days[] = "{\"values\": [\"mon\"]}, {\"values\": [\"tue\"]}";
static const char one_file[] = "{\"path\": \"/lake/orders/day=mon/a.csv\", \"bytes\": 10}";

static enum status update(struct lake *lake, Tenon__V1__Table *table, struct error *err)
{
	Tenon__V1__UpdateTableRequest request = TENON__V1__UPDATE_TABLE_REQUEST__INIT;
	Tenon__V1__UpdateTableResponse *response;
	request.table = table;
	return daemon_call(&lake->daemon, &tenon__v1__catalog__descriptor, "UpdateTable", &request,
		&response, err);
}

static void a_crawl_makes_the_database_the_table_and_its_partitions(void **state)
{
	(void)state;
	struct lake lake;
	lake_init(&lake);
	Tenon__V1__CrawlResult *result = crawl(&lake, plan(&lake, amount, monday, one_file), false);
	assert_int_equal(result->tables_created, 1);
	assert_int_equal(result->partitions_added, 1);
	assert_int_equal(result->objects_listed, 2);
	assert_int_equal(result->n_tables, 1);
	assert_string_equal(result->tables[0]->outcome, "created");
	assert_string_equal(result->tables[0]->table, "sales.orders");
	Tenon__V1__Table *table = get_table(&lake.daemon, "sales", "orders");
	assert_int_equal(table->partition_count, 1);
	assert_int_equal(strncmp(table->updated_by, "crawl ", 6), 0);
	daemon_done(&lake.daemon);
}

static void the_same_plan_again_writes_nothing(void **state)
{
	(void)state;
	struct lake lake;
	lake_init(&lake);
	(void)crawl(&lake, plan(&lake, amount, monday, one_file), false);
	Tenon__V1__Table *before = get_table(&lake.daemon, "sales", "orders");
	Tenon__V1__CrawlResult *result = crawl(&lake, plan(&lake, amount, monday, ""), false);
	assert_int_equal(result->tables_unchanged, 1);
	assert_int_equal(result->tables_created + result->tables_updated, 0);
	assert_int_equal(result->partitions_added, 0);
	Tenon__V1__Table *after = get_table(&lake.daemon, "sales", "orders");
	assert_int_equal(after->version, before->version);
	assert_int_equal(after->update_time_us, before->update_time_us);
	daemon_done(&lake.daemon);
}

static void a_changed_plan_makes_a_version_and_tells_the_changes(void **state)
{
	(void)state;
	struct lake lake;
	lake_init(&lake);
	(void)crawl(&lake, plan(&lake, amount, monday, one_file), false);
	Tenon__V1__CrawlResult *result = crawl(&lake, plan(&lake, wider, both_days, ""), false);
	assert_int_equal(result->tables_updated, 1);
	assert_int_equal(result->partitions_added, 1);
	Tenon__V1__Inferred *report = result->tables[0];
	assert_string_equal(report->outcome, "updated");
	assert_int_equal(report->version, 1);
	assert_int_equal(report->n_changes, 2);
	assert_string_equal(report->severity, "widening");
	assert_int_equal(get_table(&lake.daemon, "sales", "orders")->version, 1);
	daemon_done(&lake.daemon);
}

static void a_plan_tells_all_and_changes_nothing(void **state)
{
	(void)state;
	struct lake lake;
	struct error err;
	lake_init(&lake);
	Tenon__V1__CrawlResult *result = crawl(&lake, plan(&lake, amount, monday, one_file), true);
	assert_true(result->plan_only);
	assert_int_equal(result->tables_created, 1);
	assert_int_equal(result->partitions_added, 1);
	Tenon__V1__GetDatabaseRequest get = TENON__V1__GET_DATABASE_REQUEST__INIT;
	Tenon__V1__GetDatabaseResponse *got;
	get.name = arena_printf(lake.daemon.arena, "sales");
	assert_int_equal(daemon_call(&lake.daemon, &tenon__v1__catalog__descriptor, "GetDatabase",
				 &get, &got, &err),
		STATUS_NOT_FOUND);
	(void)crawl(&lake, plan(&lake, amount, monday, one_file), false);
	result = crawl(&lake, plan(&lake, wider, both_days, ""), true);
	assert_int_equal(result->tables_updated, 1);
	assert_int_equal(result->tables[0]->n_changes, 2);
	Tenon__V1__Table *table = get_table(&lake.daemon, "sales", "orders");
	assert_int_equal(table->version, 0);
	assert_int_equal(table->partition_count, 1);
	daemon_done(&lake.daemon);
}

static char *text(struct lake *lake, const char *value)
{
	return arena_text(lake->daemon.arena, text_of(value));
}

static void what_a_person_wrote_outlives_every_crawl(void **state)
{
	(void)state;
	struct lake lake;
	struct error err;
	lake_init(&lake);
	(void)crawl(&lake, plan(&lake, amount, monday, one_file), false);
	Tenon__V1__Table *table = get_table(&lake.daemon, "sales", "orders");
	table->description = text(&lake, "what was ordered");
	table->storage->columns[0]->type = text(&lake, "decimal(10,2)");
	table->storage->columns[0]->comment = text(&lake, "in euros");
	assert_ok(update(&lake, table, &err), &err);
	for (int round = 0; round < 2; round++) {
		Tenon__V1__CrawlResult *result =
			crawl(&lake, plan(&lake, wider, monday, ""), false);
		bool told = false;
		for (size_t i = 0; i < result->tables[0]->n_changes; i++) {
			Tenon__V1__SchemaChange *change = result->tables[0]->changes[i];
			told = told || (strcmp(change->kind, "kept") == 0 &&
					       strcmp(change->path, "amount") == 0 &&
					       strcmp(change->after, "double") == 0);
		}
		assert_true(told);
		table = get_table(&lake.daemon, "sales", "orders");
		assert_string_equal(table->storage->columns[0]->type, "decimal(10,2)");
		assert_string_equal(table->storage->columns[0]->comment, "in euros");
		assert_string_equal(table->description, "what was ordered");
		assert_int_equal(table->storage->n_columns, 2);
	}
	daemon_done(&lake.daemon);
}

static void a_name_that_another_place_has_gets_the_location_s_hash(void **state)
{
	(void)state;
	struct lake lake;
	struct error err;
	lake_init(&lake);
	put_database(&lake.daemon, "sales");
	Tenon__V1__StorageDescriptor storage = TENON__V1__STORAGE_DESCRIPTOR__INIT;
	Tenon__V1__Table table = TENON__V1__TABLE__INIT;
	Tenon__V1__CreateTableRequest request = TENON__V1__CREATE_TABLE_REQUEST__INIT;
	Tenon__V1__CreateTableResponse *response;
	table.database = text(&lake, "sales");
	table.name = text(&lake, "orders");
	storage.location = text(&lake, "/elsewhere/orders");
	table.storage = &storage;
	request.table = &table;
	assert_ok(daemon_call(&lake.daemon, &tenon__v1__catalog__descriptor, "CreateTable",
			  &request, &response, &err),
		&err);
	Tenon__V1__CrawlResult *first = crawl(&lake, plan(&lake, amount, monday, one_file), false);
	const char *name = first->tables[0]->table;
	assert_int_equal(strncmp(name, "sales.orders_", 13), 0);
	assert_int_equal(strlen(name), 13 + 32);
	Tenon__V1__CrawlResult *second = crawl(&lake, plan(&lake, wider, monday, ""), false);
	assert_string_equal(second->tables[0]->table, name);
	assert_string_equal(
		get_table(&lake.daemon, "sales", "orders")->storage->location, "/elsewhere/orders");
	daemon_done(&lake.daemon);
}

static void a_crawl_that_cannot_be_applied_whole_changes_nothing(void **state)
{
	(void)state;
	struct lake lake;
	struct error err;
	lake_init(&lake);
	const char *id = start_crawl(
		&lake, plan(&lake, amount, "{\"values\": [\"mon\", \"too many\"]}", ""), false);
	Tenon__V1__Run *run = wait_run(&lake.daemon, id);
	assert_int_equal(run->state, TENON__V1__RUN_STATE__RUN_STATE_FAILED);
	assert_non_null(strstr(run->error, "orders"));
	Tenon__V1__GetDatabaseRequest get = TENON__V1__GET_DATABASE_REQUEST__INIT;
	Tenon__V1__GetDatabaseResponse *got;
	get.name = text(&lake, "sales");
	assert_int_equal(daemon_call(&lake.daemon, &tenon__v1__catalog__descriptor, "GetDatabase",
				 &get, &got, &err),
		STATUS_NOT_FOUND);
	Tenon__V1__GetCrawlRequest request = TENON__V1__GET_CRAWL_REQUEST__INIT;
	Tenon__V1__GetCrawlResponse *response;
	request.run_id = text(&lake, id);
	assert_int_equal(daemon_call(&lake.daemon, &tenon__v1__crawlers__descriptor, "GetCrawl",
				 &request, &response, &err),
		STATUS_FAILED_PRECONDITION);
	daemon_done(&lake.daemon);
}

static void a_plan_whose_parts_were_not_staged_changes_nothing(void **state)
{
	(void)state;
	struct lake lake;
	lake_init(&lake);
	const char *sent = arena_printf(
		lake.daemon.arena, "{\"parts\": 2, %s", plan(&lake, amount, monday, one_file) + 1);
	Tenon__V1__Run *run = wait_run(&lake.daemon, start_crawl(&lake, sent, false));
	assert_int_equal(run->state, TENON__V1__RUN_STATE__RUN_STATE_FAILED);
	assert_non_null(strstr(run->error, "part 0 was not staged"));
	struct error err;
	Tenon__V1__GetTableRequest request = TENON__V1__GET_TABLE_REQUEST__INIT;
	Tenon__V1__GetTableResponse *response;
	request.database = arena_printf(lake.daemon.arena, "sales");
	request.name = arena_printf(lake.daemon.arena, "orders");
	assert_int_equal(daemon_call(&lake.daemon, &tenon__v1__catalog__descriptor, "GetTable",
				 &request, &response, &err),
		STATUS_NOT_FOUND);
	daemon_done(&lake.daemon);
}

static void new_partition_keys_replace_the_partitions_of_the_old_ones(void **state)
{
	(void)state;
	struct lake lake;
	lake_init(&lake);
	(void)crawl(&lake, plan(&lake, amount, both_days, one_file), false);
	char *rekeyed = arena_printf(lake.daemon.arena,
		"{\"tables\": [{\"table\": {\"name\": \"orders\", \"storage\": {\"location\": "
		"\"%s/orders\", \"columns\": [%s]}, \"partition_keys\": [{\"name\": \"year\", "
		"\"type\": \"int\"}, {\"name\": \"day\", \"type\": \"string\"}]}, "
		"\"partitions\": [{\"values\": [\"2013\", \"mon\"]}]}]}",
		lake.folder, amount);
	Tenon__V1__CrawlResult *result = crawl(&lake, rekeyed, false);
	assert_int_equal(result->partitions_added, 1);
	Tenon__V1__Table *table = get_table(&lake.daemon, "sales", "orders");
	assert_int_equal(table->n_partition_keys, 2);
	assert_int_equal(table->partition_count, 1);
	daemon_done(&lake.daemon);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_crawl_makes_the_database_the_table_and_its_partitions),
		cmocka_unit_test(the_same_plan_again_writes_nothing),
		cmocka_unit_test(a_changed_plan_makes_a_version_and_tells_the_changes),
		cmocka_unit_test(a_plan_tells_all_and_changes_nothing),
		cmocka_unit_test(what_a_person_wrote_outlives_every_crawl),
		cmocka_unit_test(a_name_that_another_place_has_gets_the_location_s_hash),
		cmocka_unit_test(a_crawl_that_cannot_be_applied_whole_changes_nothing),
		cmocka_unit_test(a_plan_whose_parts_were_not_staged_changes_nothing),
		cmocka_unit_test(new_partition_keys_replace_the_partitions_of_the_old_ones),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
