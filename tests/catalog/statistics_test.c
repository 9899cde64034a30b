#include "tests/catalog/fixture.h"

#include "catalog/statistics.h"

struct change {
	struct statistics_place place;
	Tenon__V1__ColumnStatistics *put; /* NULL: delete */
	const char *column;
};

static enum status change_apply(struct catalog_txn *txn, void *state, struct error *err)
{
	struct change *c = state;
	if (c->put)
		return statistics_put(txn, &c->place, c->put, err);
	return statistics_delete(txn, &c->place, text_of(c->column), err);
}

static struct statistics_place place_of(char *const *day)
{
	return (struct statistics_place){TEXT("sales"), TEXT("orders"), day, day ? 1 : 0};
}

static enum status put(struct fixture *f, char *const *day, const char *column, uint64_t nulls)
{
	Tenon__V1__BooleanStatistics data = TENON__V1__BOOLEAN_STATISTICS__INIT;
	Tenon__V1__ColumnStatistics one = TENON__V1__COLUMN_STATISTICS__INIT;
	struct change change = {.place = place_of(day), .put = &one};
	one.column = arena_text(f->arena, text_of(column));
	one.nulls = nulls;
	one.data_case = TENON__V1__COLUMN_STATISTICS__DATA_BOOLEAN;
	one.boolean = &data;
	return catalog_write_now(f->catalog, change_apply, &change, &f->err);
}

/* The nulls known of; -1 when nothing is. */
static int64_t nulls(struct fixture *f, char *const *day, const char *column)
{
	OWNED(catalog_txn) txn = NULL;
	struct statistics_place place = place_of(day);
	Tenon__V1__ColumnStatistics *one = NULL;
	assert_ok(catalog_read(f->catalog, &txn, &f->err), &f->err);
	assert_ok(statistics_get(txn, &place, text_of(column), f->arena, &one, &f->err), &f->err);
	return one ? (int64_t)one->nulls : -1;
}

static void statistics_are_kept_by_column_and_go_with_table_and_partition(void **state)
{
	(void)state;
	struct fixture fixture;
	struct fixture *f = &fixture;
	char *days[][1] = {{(char[]){"1"}}, {(char[]){"2"}}};
	fixture_open(f, 0);
	assert_ok(make_database(f, "sales"), &f->err);
	assert_ok(make_table(f, "sales", "orders", "id int, x int | day int"), &f->err);
	assert_int_equal(put(f, days[0], "id", 1), STATUS_NOT_FOUND);
	Tenon__V1__Partition partition = TENON__V1__PARTITION__INIT;
	partition.n_values = 1;
	for (size_t i = 0; i < 2; i++) {
		partition.values = days[i];
		MUST(f, .what = TASK_PARTITION_CREATE, .database = "sales", .name = "orders",
			.message = &partition);
		assert_ok(put(f, days[i], "id", 10 + i), &f->err);
	}
	assert_int_equal(put(f, NULL, "none", 1), STATUS_INVALID_ARGUMENT);
	assert_ok(put(f, NULL, "ID", 1), &f->err);
	assert_ok(put(f, NULL, "id", 2), &f->err);
	assert_ok(put(f, NULL, "x", 3), &f->err);
	assert_int_equal(nulls(f, NULL, "Id"), 2);
	struct change change = {.place = place_of(NULL), .column = "id"};
	assert_ok(catalog_write_now(f->catalog, change_apply, &change, &f->err), &f->err);
	assert_int_equal(nulls(f, NULL, "id"), -1);
	assert_int_equal(nulls(f, NULL, "x"), 3);
	assert_int_equal(nulls(f, days[0], "id"), 10);
	change.column = "";
	assert_ok(catalog_write_now(f->catalog, change_apply, &change, &f->err), &f->err);
	assert_int_equal(nulls(f, NULL, "x"), -1);
	MUST(f, .what = TASK_PARTITION_DELETE, .database = "sales", .name = "orders",
		.values = (const char *const *)(uintptr_t)days[0], .count = 1);
	partition.values = days[0];
	MUST(f, .what = TASK_PARTITION_CREATE, .database = "sales", .name = "orders",
		.message = &partition);
	assert_int_equal(nulls(f, days[0], "id"), -1);
	assert_int_equal(nulls(f, days[1], "id"), 11);
	fixture_close(f);
}

static void update(struct fixture *f, const char *columns)
{
	MUST(f, .what = TASK_TABLE_UPDATE,
		.message = table_made(f->arena, "sales", "orders", columns));
}

/* Of the table and of a partition; a column that is back is a new one. */
static void statistics_go_when_their_column_goes_or_changes(void **state)
{
	(void)state;
	struct fixture fixture;
	struct fixture *f = &fixture;
	char *day[] = {(char[]){"1"}};
	fixture_open(f, 0);
	assert_ok(make_database(f, "sales"), &f->err);
	assert_ok(make_table(f, "sales", "orders", "id int, x int, y int | day int"), &f->err);
	Tenon__V1__Partition partition = TENON__V1__PARTITION__INIT;
	partition.n_values = 1;
	partition.values = day;
	MUST(f, .what = TASK_PARTITION_CREATE, .database = "sales", .name = "orders",
		.message = &partition);
	static const char *const columns[] = {"id", "x", "y"};
	for (size_t i = 0; i < 3; i++) {
		assert_ok(put(f, NULL, columns[i], i), &f->err);
		assert_ok(put(f, day, columns[i], 10 + i), &f->err);
	}
	/* x goes, y changes; id has only another place and more capitals. */
	update(f, "y bigint, ID int | day int");
	static const int64_t known[] = {0, -1, -1};
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(nulls(f, NULL, columns[i]), known[i]);
		assert_int_equal(nulls(f, day, columns[i]), known[i] < 0 ? -1 : 10 + known[i]);
	}
	/* x is back, and what was put for another column of its name is not. */
	update(f, "y bigint, id int, x int | day int");
	assert_int_equal(nulls(f, day, "x"), -1);
	assert_ok(put(f, NULL, "x", 7), &f->err);
	assert_int_equal(nulls(f, NULL, "x"), 7);
	assert_int_equal(nulls(f, day, "x"), -1);
	assert_ok(put(f, day, "x", 8), &f->err);
	assert_int_equal(nulls(f, day, "x"), 8);
	assert_ok(put(f, day, "y", 9), &f->err);
	assert_int_equal(nulls(f, day, "y"), 9);
	fixture_close(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(statistics_go_when_their_column_goes_or_changes),
		cmocka_unit_test(statistics_are_kept_by_column_and_go_with_table_and_partition),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
