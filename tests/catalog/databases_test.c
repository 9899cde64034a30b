#include "tests/catalog/fixture.h"

static Tenon__V1__Database *get(struct fixture *f, const char *name)
{
	OWNED(catalog_txn) txn = NULL;
	Tenon__V1__Database *database = NULL;
	assert_ok(catalog_read(f->catalog, &txn, &f->err), &f->err);
	assert_ok(database_get(txn, text_of(name), f->arena, &database, &f->err), &f->err);
	return database;
}

static void an_update_replaces_what_is_said_and_keeps_the_tables(void **state)
{
	(void)state;
	struct fixture f;
	fixture_open(&f, 0);
	assert_ok(make_database(&f, "sales"), &f.err);
	assert_ok(make_table(&f, "sales", "orders", "id int"), &f.err);
	int64_t made = get(&f, "sales")->create_time_us;
	Tenon__V1__Database to = TENON__V1__DATABASE__INIT;
	to.description = (char *)(uintptr_t) "what the shop writes";
	to.table_count = 77; /* the server's own: ignored */
	MUST(&f, .what = TASK_DATABASE_UPDATE, .name = "SALES", .message = &to);
	Tenon__V1__Database *after = get(&f, "sales");
	assert_string_equal(after->description, "what the shop writes");
	assert_int_equal(after->create_time_us, made);
	assert_int_equal(after->table_count, 1);
	assert_true(after->update_time_us >= made);
	assert_non_null(get_table(&f, "sales", "orders"));
	fixture_close(&f);
}

static void the_same_again_writes_nothing(void **state)
{
	(void)state;
	struct fixture f;
	fixture_open(&f, 0);
	assert_ok(make_database(&f, "sales"), &f.err);
	Tenon__V1__Database to = TENON__V1__DATABASE__INIT;
	to.location = (char *)(uintptr_t) "/lake/sales";
	MUST(&f, .what = TASK_DATABASE_UPDATE, .name = "sales", .message = &to);
	struct catalog_stats before;
	struct catalog_stats after;
	catalog_stats(f.catalog, &before);
	MUST(&f, .what = TASK_DATABASE_UPDATE, .name = "sales", .message = &to);
	catalog_stats(f.catalog, &after);
	assert_int_equal(after.commits, before.commits);
	fixture_close(&f);
}

static void an_update_of_nothing_or_to_another_name_is_refused(void **state)
{
	(void)state;
	struct fixture f;
	fixture_open(&f, 0);
	assert_ok(make_database(&f, "sales"), &f.err);
	Tenon__V1__Database to = TENON__V1__DATABASE__INIT;
	assert_int_equal(DO(&f, .what = TASK_DATABASE_UPDATE, .name = "none", .message = &to),
		STATUS_NOT_FOUND);
	to.name = (char *)(uintptr_t) "other";
	assert_int_equal(DO(&f, .what = TASK_DATABASE_UPDATE, .name = "sales", .message = &to),
		STATUS_FAILED_PRECONDITION);
	assert_string_equal(f.err.message,
		"database 'sales' cannot be renamed to 'other': make that one and move the "
		"tables");
	fixture_close(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_update_replaces_what_is_said_and_keeps_the_tables),
		cmocka_unit_test(the_same_again_writes_nothing),
		cmocka_unit_test(an_update_of_nothing_or_to_another_name_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
