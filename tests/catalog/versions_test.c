#include "tests/catalog/fixture.h"

#include "base/clock.h"

#include <time.h>

static int open_one(void **state)
{
	struct fixture *f = malloc(sizeof *f);
	fixture_open(f, 0);
	*state = f;
	return 0;
}

static int close_one(void **state)
{
	fixture_close(*state);
	free(*state);
	return 0;
}

/* The clock moves on, so that two versions never have one time. */
static void tick(void)
{
	int64_t now = clock_now_us();
	while (clock_now_us() <= now + 1)
		(void)nanosleep(&(struct timespec){0, 2000}, NULL);
}

/* Table `t` of `d` in versions 0..count-1: version v has the columns c0..cv. */
static void grow(struct fixture *f, size_t count)
{
	char columns[1024] = "";
	assert_ok(make_database(f, "d"), &f->err);
	for (size_t v = 0; v < count; v++) {
		tick();
		size_t length = strlen(columns);
		(void)snprintf(
			columns + length, sizeof columns - length, "%sc%zu int", v ? ", " : "", v);
		if (v == 0)
			assert_ok(make_table(f, "d", "t", columns), &f->err);
		else
			MUST(f, .what = TASK_TABLE_UPDATE,
				.message = table_made(f->arena, "d", "t", columns));
	}
	tick();
}

static Tenon__V1__TableVersion *version_of(struct fixture *f, uint64_t version)
{
	OWNED(catalog_txn) txn = NULL;
	Tenon__V1__TableVersion *found;
	assert_ok(catalog_read(f->catalog, &txn, &f->err), &f->err);
	assert_ok(version_get(txn, TEXT("d"), TEXT("t"), version, f->arena, &found, &f->err),
		&f->err);
	return found;
}

static enum status as_of(struct fixture *f, int64_t time_us, Tenon__V1__Table **table_out)
{
	OWNED(catalog_txn) txn = NULL;
	assert_ok(catalog_read(f->catalog, &txn, &f->err), &f->err);
	return table_get_as_of(txn, TEXT("D"), TEXT("T"), time_us, f->arena, table_out, &f->err);
}

static void every_time_finds_the_version_of_then(void **state)
{
	struct fixture *f = *state;
	static const size_t counts[] = {1, 2, 3, 8, 13};
	for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
		grow(f, counts[i]);
		for (uint64_t v = 0; v < counts[i]; v++) {
			Tenon__V1__Table *table;
			int64_t made = version_of(f, v)->time_us;
			assert_ok(as_of(f, made, &table), &f->err);
			assert_int_equal(table->version, v);
			assert_int_equal(table->storage->n_columns, v + 1);
			if (v == 0)
				assert_int_equal(as_of(f, made - 1, &table), STATUS_NOT_FOUND);
			else {
				assert_ok(as_of(f, made - 1, &table), &f->err);
				assert_int_equal(table->version, v - 1);
			}
		}
		Tenon__V1__Table *table;
		assert_ok(as_of(f, INT64_MAX, &table), &f->err);
		assert_int_equal(table->version, counts[i] - 1);
		assert_int_equal(as_of(f, 1, &table), STATUS_NOT_FOUND);
		assert_int_equal(as_of(f, -1, &table), STATUS_NOT_FOUND);
		MUST(f, .what = TASK_DATABASE_DELETE, .name = "d", .flag = true);
	}
}

static void a_rollback_is_a_new_version_of_an_old_definition(void **state)
{
	struct fixture *f = *state;
	grow(f, 4);
	struct task task = {.what = TASK_TABLE_ROLLBACK, .database = "D", .name = "T", .id = 1};
	assert_ok(task_run(f, &task), &f->err);
	assert_true(task.changed);
	Tenon__V1__Table *now = get_table(f, "d", "t");
	assert_int_equal(now->version, 4);
	assert_int_equal(now->storage->n_columns, 2);
	Tenon__V1__TableVersion *newest = version_of(f, 4);
	assert_string_equal(newest->reason, "test");
	assert_string_equal(newest->severity, "breaking");
	assert_string_equal(newest->fingerprint, version_of(f, 1)->fingerprint);
	assert_int_equal(version_of(f, 3)->table->storage->n_columns, 4);

	assert_ok(task_run(f, &task), &f->err);
	assert_false(task.changed);
	assert_int_equal(get_table(f, "d", "t")->version, 4);

	uint64_t stale = 3;
	task.id = 0;
	task.version = &stale;
	assert_int_equal(task_run(f, &task), STATUS_ABORTED);
	task.version = NULL;
	task.id = 9;
	assert_int_equal(task_run(f, &task), STATUS_NOT_FOUND);
	assert_int_equal(get_table(f, "d", "t")->version, 4);
}

static void a_rollback_keeps_the_name_and_what_measures_the_data(void **state)
{
	struct fixture *f = *state;
	assert_ok(make_database(f, "d"), &f->err);
	assert_ok(make_database(f, "e"), &f->err);
	Tenon__V1__Table *table = table_made(f->arena, "d", "t", "a int | k string");
	parameter_add(f->arena, table, "recordCount", "1");
	parameter_add(f->arena, table, "owner", "me");
	MUST(f, .what = TASK_TABLE_CREATE, .message = table);
	assert_ok(make_partition(f, "d", "t", (const char *[]){"1"}, 1), &f->err);
	table = table_made(f->arena, "d", "t", "a bigint | k string");
	parameter_add(f->arena, table, "recordCount", "2");
	Tenon__V1__ColumnEvidence evidence = TENON__V1__COLUMN_EVIDENCE__INIT;
	evidence.path = arena_text(f->arena, TEXT("a"));
	table->evidence = (Tenon__V1__ColumnEvidence *[]){&evidence};
	table->n_evidence = 1;
	MUST(f, .what = TASK_TABLE_UPDATE, .message = table);
	uint64_t id = get_table(f, "d", "t")->id;
	MUST(f, .what = TASK_TABLE_RENAME, .id = id, .database = "e", .name = "moved");
	MUST(f, .what = TASK_TABLE_ROLLBACK, .database = "e", .name = "moved", .id = 0);
	assert_null(get_table(f, "d", "t"));
	Tenon__V1__Table *now = get_table(f, "e", "moved");
	assert_int_equal(now->id, id);
	assert_int_equal(now->version, 2);
	assert_int_equal(now->partition_count, 1);
	assert_string_equal(now->storage->columns[0]->type, "int");
	assert_int_equal(now->n_parameters, 2);
	assert_string_equal(now->parameters[0]->key, "owner");
	assert_string_equal(now->parameters[1]->value, "2");
	assert_int_equal(now->n_evidence, 1);
	assert_string_equal(now->updated_by, "local");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_one, close_one)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_time_finds_the_version_of_then),
		TEST(a_rollback_is_a_new_version_of_an_old_definition),
		TEST(a_rollback_keeps_the_name_and_what_measures_the_data),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
