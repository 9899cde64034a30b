#include "catalog/check.h"
#include "catalog/partition_indexes.h"
#include "tests/catalog/partition_law.h"

static int open_one(void **state)
{
	struct fixture *f = malloc(sizeof *f);
	fixture_open(f, 0);
	*state = f;
	assert_ok(make_database(f, "d"), &f->err);
	assert_ok(make_table(f, "d", "t", "a int | year int, day date, kind string"), &f->err);
	return 0;
}

static int close_one(void **state)
{
	fixture_close(*state);
	free(*state);
	return 0;
}

struct index_task {
	const char *name;
	const char *keys[4];
	bool remove;
	struct arena *arena;
};

static enum status index_apply(struct catalog_txn *txn, void *state, struct error *err)
{
	struct index_task *task = state;
	if (task->remove)
		return partition_index_delete(txn, TEXT("d"), TEXT("t"), text_of(task->name), err);
	Tenon__V1__PartitionIndex index = TENON__V1__PARTITION_INDEX__INIT;
	Tenon__V1__PartitionIndex *made;
	index.name = (char *)(uintptr_t)task->name;
	index.keys = (char **)(uintptr_t)task->keys;
	while (index.n_keys < 4 && task->keys[index.n_keys])
		index.n_keys++;
	return partition_index_create(txn, TEXT("D"), TEXT("T"), &index, task->arena, &made, err);
}

static enum status index_task(struct fixture *f, struct index_task task)
{
	task.arena = f->arena;
	return catalog_write_now(f->catalog, index_apply, &task, &f->err);
}
#define CREATE(...) index_task(f, (struct index_task){__VA_ARGS__})
#define DELETE(...) index_task(f, (struct index_task){__VA_ARGS__, .remove = true})

static Tenon__V1__PartitionIndex **indexes(struct fixture *f, size_t *count_out)
{
	OWNED(catalog_txn) txn = NULL;
	Tenon__V1__PartitionIndex **found;
	assert_ok(catalog_read(f->catalog, &txn, &f->err), &f->err);
	assert_ok(partition_indexes_list(
			  txn, TEXT("d"), TEXT("t"), f->arena, &found, count_out, &f->err),
		&f->err);
	return found;
}

/* One step of the chore; whether there may be more. */
static bool work(struct fixture *f)
{
	bool more;
	assert_ok(partition_indexes_work(f->catalog, &more, &f->err), &f->err);
	return more;
}

static void problem_print(void *state, const struct check_problem *problem)
{
	++*(size_t *)state;
	print_message("%s: %s: %s\n", problem->invariant, problem->place, problem->message);
}

static void assert_consistent(struct fixture *f)
{
	size_t problems = 0;
	uint64_t records;
	const struct check_sink sink = {.problem = problem_print, .state = &problems};
	assert_ok(catalog_check(f->catalog, &sink, &records, &f->err), &f->err);
	assert_int_equal(problems, 0);
}

static void assert_state(struct fixture *f, const char *name, int state)
{
	size_t count;
	Tenon__V1__PartitionIndex **found = indexes(f, &count);
	for (size_t i = 0; i < count; i++) {
		if (strcmp(found[i]->name, name) != 0)
			continue;
		assert_int_equal(found[i]->state, state);
		return;
	}
	assert_int_equal(state, 0);
}

#define STATE(name) TENON__V1__PARTITION_INDEX_STATE__PARTITION_INDEX_STATE_##name

static void what_is_no_index_is_refused(void **state)
{
	struct fixture *f = *state;
	const struct {
		struct index_task task;
		enum status status;
		const char *says;
	} cases[] = {
		{{.name = "", .keys = {"day"}}, STATUS_INVALID_ARGUMENT, "name"},
		{{.name = "i", .keys = {NULL}}, STATUS_INVALID_ARGUMENT, "0 keys"},
		{{.name = "i", .keys = {"dya"}}, STATUS_INVALID_ARGUMENT,
			"'dya' is no partition key"},
		{{.name = "i", .keys = {"a"}}, STATUS_INVALID_ARGUMENT, "'a' is no partition key"},
		{{.name = "i", .keys = {"day", "DAY"}}, STATUS_INVALID_ARGUMENT, "named twice"},
		{{.name = "i", .keys = {"day", "kind", "year", "day"}}, STATUS_INVALID_ARGUMENT,
			"4 keys"},
		{{.name = "one", .keys = {"Day"}}, STATUS_OK, NULL},
		{{.name = "one", .keys = {"kind"}}, STATUS_ALREADY_EXISTS, "'one' exists"},
		{{.name = "two", .keys = {"kind", "day"}}, STATUS_OK, NULL},
		{{.name = "three", .keys = {"day"}}, STATUS_OK, NULL},
		{{.name = "four", .keys = {"kind"}}, STATUS_RESOURCE_EXHAUSTED, "3 are the most"},
		{{.name = "four", .remove = true}, STATUS_NOT_FOUND, "no partition index 'four'"},
		{{.name = "two", .remove = true}, STATUS_OK, NULL},
		{{.name = "two", .keys = {"kind"}}, STATUS_FAILED_PRECONDITION,
			"still being deleted"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		enum status status = index_task(f, cases[i].task);
		if (status != cases[i].status)
			fail_msg("case %zu: %s", i, status_name(status));
		if (status != STATUS_OK && !strstr(f->err.message, cases[i].says))
			fail_msg("case %zu: '%s'", i, f->err.message);
	}
	size_t count;
	Tenon__V1__PartitionIndex **found = indexes(f, &count);
	assert_int_equal(count, 3);
	assert_string_equal(found[0]->keys[0], "day");
	assert_int_equal(found[1]->n_keys, 2);
	assert_consistent(f);
	while (work(f))
		continue;
	assert_ok(CREATE(.name = "two", .keys = {"kind"}), &f->err);
	assert_state(f, "two", STATE(ACTIVE));
}

/* Whatever index there is, of whatever partitions come, go and are renamed. */
static void an_index_changes_no_answer(void **state)
{
	struct fixture *f = *state;
	static const struct index_task made[] = {{.name = "a", .keys = {"kind"}},
		{.name = "b", .keys = {"day", "kind"}},
		{.name = "c", .keys = {"kind", "day", "year"}}};
	struct judged judged;
	uint64_t seed = 7;
	size_t some = 0;
	assert_ok(index_task(f, made[0]), &f->err);
	for (size_t i = 0; i < LAW_ROWS; i++) {
		assert_ok(make_partition(f, "d", "t", law_row(f, i), 3), &f->err);
		if (i == LAW_ROWS / 2)
			assert_ok(index_task(f, made[1]), &f->err);
	}
	for (size_t i = 0; i < LAW_ROWS; i += 7)
		MUST(f, .what = TASK_PARTITION_DELETE, .database = "d", .name = "t",
			.values = law_row(f, i), .count = 3);
	assert_ok(index_task(f, made[2]), &f->err);
	assert_consistent(f);
	judged_make(f, &judged);
	for (size_t trial = 0; trial < LAW_TRIALS / 2; trial++)
		some += answer_is_right(
			f, &judged, random_expression(f, &seed), trial % 2 ? 3 : 1000);
	assert_true(some > LAW_TRIALS / 8);
	assert_ok(DELETE(.name = "b"), &f->err);
	for (size_t trial = 0; trial < 200; trial++)
		(void)answer_is_right(f, &judged, random_expression(f, &seed), 1000);
	while (work(f))
		continue;
	assert_state(f, "b", 0);
	assert_consistent(f);
}

static enum status many_apply(struct catalog_txn *txn, void *state, struct error *err)
{
	const int *from = state;
	for (int i = *from; i < *from + 1000; i++) {
		char year[16];
		char kind[16];
		char day[] = "2020-01-01";
		(void)snprintf(year, sizeof year, "%d", i);
		(void)snprintf(kind, sizeof kind, "k%d", i % 100);
		char *values[] = {year, day, kind};
		Tenon__V1__Partition partition = TENON__V1__PARTITION__INIT;
		partition.values = values;
		partition.n_values = 3;
		bool created;
		TRY(partition_create(txn, TEXT("d"), TEXT("t"), &partition, false, &created, err));
	}
	return STATUS_OK;
}

static void many(struct fixture *f, int from)
{
	assert_ok(catalog_write_now(f->catalog, many_apply, &from, &f->err), &f->err);
}

static size_t of_kind(struct fixture *f, const char *kind)
{
	Tenon__V1__Partition *found[200];
	return list(f, arena_printf(f->arena, "kind = '%s'", kind), 7, found);
}

static void filling_goes_in_steps_while_writes_go_on(void **state)
{
	struct fixture *f = *state;
	enum { THOUSANDS = 5 };
	for (int i = 0; i < THOUSANDS; i++)
		many(f, i * 1000);
	assert_ok(CREATE(.name = "by_kind", .keys = {"kind"}), &f->err);
	assert_state(f, "by_kind", STATE(CREATING));
	static const char *const early[] = {"5", "2020-01-01", "k5"};
	static const char *const late[] = {"4905", "2020-01-01", "k5"};
	static const char *const before[] = {"-1", "2020-01-01", "k5"};
	static const char *const behind[] = {"9999", "2020-01-01", "k5"};
	size_t steps = 0;
	for (; work(f); steps++) {
		assert_consistent(f);
		if (steps == 0) {
			assert_state(f, "by_kind", STATE(CREATING));
			MUST(f, .what = TASK_PARTITION_DELETE, .database = "d", .name = "t",
				.values = early, .count = 3);
			MUST(f, .what = TASK_PARTITION_DELETE, .database = "d", .name = "t",
				.values = late, .count = 3);
			assert_ok(make_partition(f, "d", "t", before, 3), &f->err);
			assert_ok(make_partition(f, "d", "t", behind, 3), &f->err);
		}
		assert_int_equal(of_kind(f, "k5"), 50);
	}
	assert_true(steps >= 3);
	assert_state(f, "by_kind", STATE(ACTIVE));
	assert_consistent(f);
	assert_int_equal(of_kind(f, "k5"), 50);
	assert_int_equal(of_kind(f, "k6"), 50);
	size_t count;
	assert_int_equal(indexes(f, &count)[0]->entries, THOUSANDS * 1000);
	MUST(f, .what = TASK_TABLE_DELETE, .database = "d", .name = "t");
	assert_consistent(f);
}

/* More entries than are sorted for a page, and a run longer than a page. */
static void large_answers_come_in_the_order_of_the_partitions(void **state)
{
	struct fixture *f = *state;
	enum { THOUSANDS = 6 };
	for (int i = 0; i < THOUSANDS; i++)
		many(f, i * 1000);
	assert_ok(CREATE(.name = "by_kind", .keys = {"kind", "day"}), &f->err);
	while (work(f))
		continue;
	assert_state(f, "by_kind", STATE(ACTIVE));
	const struct {
		const char *expression;
		size_t count;
	} cases[] = {
		{"kind = 'k7'", 60},
		{"kind in ('k7', 'k8')", 120},
		{"kind in ('k7', 'k8') and day = '2020-01-01'", 120},
		{"kind >= 'k'", THOUSANDS * 1000},
		{"day <> '2019-01-01' and kind like 'k%'", THOUSANDS * 1000},
		{"kind = 'k7' and year > 3000", 30},
		{"kind = 'k7' or kind like 'k8%'", 60 + 60 * 11},
	};
	Tenon__V1__Partition **found = arena_array(f->arena, THOUSANDS * 1000, sizeof *found);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		for (size_t limit = 13; limit <= 1000; limit += 987) {
			size_t count = list(f, cases[i].expression, limit, found);
			if (count != cases[i].count)
				fail_msg("%s: %zu", cases[i].expression, count);
			for (size_t k = 1; k < count; k++)
				assert_true(
					atoi(found[k - 1]->values[0]) < atoi(found[k]->values[0]));
		}
	}
}

static void other_types_of_keys_fill_an_index_anew(void **state)
{
	struct fixture *f = *state;
	Tenon__V1__Partition *found[200];
	static const char *const kinds[] = {"10", "1", "3", "5", "7"};
	for (size_t i = 0; i < 5; i++)
		assert_ok(make_partition(
				  f, "d", "t", (const char *[]){"1", "2020-01-01", kinds[i]}, 3),
			&f->err);
	assert_ok(CREATE(.name = "by_kind", .keys = {"kind"}), &f->err);
	assert_int_equal(list(f, "kind > '5'", 10, found), 1);
	Tenon__V1__Table *table =
		table_made(f->arena, "d", "t", "a int | year int, day date, kind bigint");
	MUST(f, .what = TASK_TABLE_UPDATE, .message = table);
	assert_state(f, "by_kind", STATE(CREATING));
	assert_int_equal(list(f, "kind > 5", 10, found), 2);
	assert_consistent(f);
	while (work(f))
		continue;
	assert_state(f, "by_kind", STATE(ACTIVE));
	assert_int_equal(list(f, "kind > 5", 10, found), 2);
	assert_consistent(f);
	table = table_made(f->arena, "d", "t", "a int | year int, day date, sort bigint");
	MUST(f, .what = TASK_TABLE_UPDATE, .message = table);
	size_t count;
	assert_string_equal(indexes(f, &count)[0]->keys[0], "sort");
	assert_int_equal(list(f, "sort > 5", 10, found), 2);
}

static void the_number_of_keys_stays_while_there_is_an_index(void **state)
{
	struct fixture *f = *state;
	assert_ok(CREATE(.name = "by_kind", .keys = {"kind"}), &f->err);
	Tenon__V1__Table *table = table_made(f->arena, "d", "t", "a int | year int");
	assert_int_equal(
		DO(f, .what = TASK_TABLE_UPDATE, .message = table), STATUS_FAILED_PRECONDITION);
	assert_non_null(strstr(f->err.message, "'by_kind'"));
	assert_ok(DELETE(.name = "by_kind"), &f->err);
	while (work(f))
		continue;
	MUST(f, .what = TASK_TABLE_UPDATE, .message = table);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_one, close_one)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_is_no_index_is_refused),
		TEST(an_index_changes_no_answer),
		TEST(filling_goes_in_steps_while_writes_go_on),
		TEST(large_answers_come_in_the_order_of_the_partitions),
		TEST(other_types_of_keys_fill_an_index_anew),
		TEST(the_number_of_keys_stays_while_there_is_an_index),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
