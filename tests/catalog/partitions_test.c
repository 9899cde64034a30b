#include "tests/catalog/partition_law.h"

#include "base/buffer.h"
#include "catalog/feed_read.h"

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

static const char *const rows[][3] = {
	/* in the order they must list in */
	{"-5", "2020-01-01", "a"},
	{"9", "2020-01-01", "a"},
	{"10", "1969-12-31", "a"},
	{"10", "2020-01-01", ""},
	{"10", "2020-01-01", "A"},
	{"10", "2020-01-01", "a"},
	{"10", "2020-01-01", "a "},
	{"10", "2020-01-01", "ab"},
	{"10", "2020-01-02", "a"},
	{"2013", "2020-01-01", "a"},
};
enum { ROWS = sizeof rows / sizeof *rows };

static void rows_make(struct fixture *f)
{
	static const int order[ROWS] = {5, 2, 9, 0, 7, 3, 1, 8, 6, 4};
	for (int i = 0; i < ROWS; i++)
		assert_ok(make_partition(f, "d", "t", rows[order[i]], 3), &f->err);
}

static void partitions_list_in_the_order_of_their_values(void **state)
{
	struct fixture *f = *state;
	Tenon__V1__Partition *found[ROWS + 1];
	rows_make(f);
	for (size_t limit = 1; limit <= ROWS + 1; limit++) {
		assert_int_equal(list(f, "", limit, found), ROWS);
		for (int i = 0; i < ROWS; i++) {
			for (int k = 0; k < 3; k++)
				assert_string_equal(found[i]->values[k], rows[i][k]);
		}
	}
	assert_int_equal(get_table(f, "d", "t")->partition_count, ROWS);
}

static void expressions_choose_by_type_with_or_without_a_prefix(void **state)
{
	struct fixture *f = *state;
	rows_make(f);
	static const struct {
		const char *expression;
		size_t count;
	} cases[] = {
		{"year = 10", 7},
		{"year = '10'", 7},
		{"year = 10 and day = '2020-01-01'", 5},
		{"year = 10 and day = '2020-01-01' and kind = 'a'", 1},
		{"year = 10 and kind = 'a'", 3},
		{"year > 9", 8},
		{"year < 10 or year = 2013", 3},
		{"day < '1970-01-01'", 1},
		{"kind like 'a%'", 8},
		{"year = 11", 0},
		{"year in (9, 10)", 8},
	};
	Tenon__V1__Partition *found[ROWS + 1];
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		for (size_t limit = 1; limit < 5; limit += 3) {
			size_t count = list(f, cases[i].expression, limit, found);
			if (count != cases[i].count)
				fail_msg("%s: %zu", cases[i].expression, count);
		}
	}
	OWNED(catalog_txn) txn = NULL;
	Tenon__V1__Partition **partitions;
	size_t count;
	struct text next;
	static const char *const bad[] = {"yeer = 1", "year = 'x'", "year =", "year = 1 garbage"};
	assert_ok(catalog_read(f->catalog, &txn, &f->err), &f->err);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		enum status status = partition_list(txn, TEXT("d"), TEXT("t"), text_of(bad[i]),
			TEXT(""), 0, f->arena, &partitions, &count, &next, &f->err);
		if (status != STATUS_INVALID_ARGUMENT)
			fail_msg("%s: %s", bad[i], status_name(status));
	}
}

static enum status get(struct fixture *f, const char *const *values, size_t count)
{
	OWNED(catalog_txn) txn = NULL;
	Tenon__V1__Partition *partition;
	assert_ok(catalog_read(f->catalog, &txn, &f->err), &f->err);
	enum status status = partition_get(txn, TEXT("D"), TEXT("T"),
		(char *const *)(uintptr_t)values, count, f->arena, &partition, &f->err);
	for (size_t i = 0; status == STATUS_OK && i < count; i++)
		assert_string_equal(partition->values[i], values[i]);
	return status;
}

static void values_are_the_same_as_texts_only(void **state)
{
	struct fixture *f = *state;
	static const char *const seven[] = {"7", "2020-01-01", "a"};
	static const char *const padded[] = {"07", "2020-01-01", "a"};
	static const char *const null[] = {"__HIVE_DEFAULT_PARTITION__", "2020-01-01", "a"};
	static const char *const empty[] = {"", "2020-01-01", "a"};
	static const char *const *const all[] = {null, empty, seven, padded};
	for (size_t i = 0; i < 4; i++)
		assert_ok(make_partition(f, "d", "t", all[i], 3), &f->err);
	for (size_t i = 0; i < 4; i++) {
		assert_ok(get(f, all[i], 3), &f->err);
		assert_int_equal(make_partition(f, "d", "t", all[i], 3), STATUS_ALREADY_EXISTS);
	}
	Tenon__V1__Partition *found[5];
	assert_int_equal(list(f, "year = 7", 1, found), 2);
	assert_int_equal(list(f, "year is null", 1, found), 2);
	MUST(f, .what = TASK_PARTITION_DELETE, .database = "d", .name = "t", .values = padded,
		.count = 3);
	assert_int_equal(get(f, padded, 3), STATUS_NOT_FOUND);
	assert_ok(get(f, seven, 3), &f->err);
	assert_int_equal(get_table(f, "d", "t")->partition_count, 3);
}

static void wrong_values_are_refused(void **state)
{
	struct fixture *f = *state;
	char big[1026];
	memset(big, 'v', sizeof big);
	big[1025] = 0;
	const struct {
		const char *values[3];
		size_t count;
	} cases[] = {
		{{"1"}, 1},
		{{"x", "2020-01-01", "a"}, 3},
		{{"1", "2020-02-30", "a"}, 3},
		{{"1", "2020-01-01", big}, 3},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		assert_int_equal(make_partition(f, "d", "t", cases[i].values, cases[i].count),
			STATUS_INVALID_ARGUMENT);
		assert_int_equal(get(f, cases[i].values, cases[i].count), STATUS_INVALID_ARGUMENT);
	}
	assert_ok(make_partition(f, "d", "t", (const char *[]){"1", "2020-01-01", big + 1}, 3),
		&f->err);
	assert_ok(make_table(f, "d", "flat", "a int"), &f->err);
	assert_int_equal(make_partition(f, "d", "flat", NULL, 0), STATUS_INVALID_ARGUMENT);
}

static void the_longest_values_keep_order_and_identity(void **state)
{
	struct fixture *f = *state;
	enum { KEYS = 32, COUNT = 6 };
	struct buffer SCOPED_BUFFER columns = {0};
	buffer_init(&columns, 4096);
	buffer_add_string(&columns, "a int | ");
	for (int i = 0; i < KEYS; i++)
		buffer_printf(&columns, "%sk%d string", i ? ", " : "", i);
	buffer_add_byte(&columns, 0);
	assert_ok(make_table(f, "d", "wide", columns.at), &f->err);
	static char bytes[COUNT][KEYS][1025];
	static const char *values[COUNT][KEYS];
	for (int i = 0; i < COUNT; i++) {
		for (int k = 0; k < KEYS; k++) {
			memset(bytes[i][k], 'm', 1024);
			values[i][k] = bytes[i][k];
		}
		bytes[i][KEYS - 1][1000] = (char)('a' + i); /* differ 32 KB into the key */
	}
	for (int i = COUNT - 1; i >= 0; i--)
		assert_ok(make_partition(f, "d", "wide", values[i], KEYS), &f->err);
	OWNED(catalog_txn) txn = NULL;
	Tenon__V1__Partition **found;
	size_t count;
	struct text token = TEXT("");
	assert_ok(catalog_read(f->catalog, &txn, &f->err), &f->err);
	for (int i = 0; i < COUNT; i++) {
		assert_ok(partition_list(txn, TEXT("d"), TEXT("wide"), TEXT(""), token, 1, f->arena,
				  &found, &count, &token, &f->err),
			&f->err);
		assert_int_equal(count, 1);
		assert_string_equal(found[0]->values[KEYS - 1], values[i][KEYS - 1]);
	}
	assert_int_equal(token.length, 0);
	catalog_txn_free(TAKE(txn));
	MUST(f, .what = TASK_TABLE_DELETE, .database = "d", .name = "wide");
}

static void what_equals_the_table_is_not_kept(void **state)
{
	struct fixture *f = *state;
	Tenon__V1__Table *table = get_table(f, "d", "t");
	Tenon__V1__StorageDescriptor storage = *table->storage;
	static char location[] = "/elsewhere";
	storage.location = location;
	Tenon__V1__Partition partition = TENON__V1__PARTITION__INIT;
	const char *values[3] = {"1", "2020-01-01", "a"};
	partition.values = (char **)(uintptr_t)values;
	partition.n_values = 3;
	partition.storage = &storage;
	MUST(f, .what = TASK_PARTITION_CREATE, .database = "d", .name = "t", .message = &partition);
	Tenon__V1__Column changed = *storage.columns[0];
	static char type[] = "bigint";
	changed.type = type;
	Tenon__V1__Column *columns[] = {&changed};
	storage.columns = columns;
	values[0] = "2";
	MUST(f, .what = TASK_PARTITION_CREATE, .database = "d", .name = "t", .message = &partition);
	Tenon__V1__Partition *found[2];
	assert_int_equal(list(f, "", 10, found), 2);
	assert_int_equal(found[0]->storage->n_columns, 0);
	assert_string_equal(found[0]->storage->location, "/elsewhere");
	assert_int_equal(found[1]->storage->n_columns, 1);
	assert_string_equal(found[1]->storage->columns[0]->type, "bigint");
	OWNED(catalog_txn) txn = NULL;
	Tenon__V1__Partition **bare;
	size_t count;
	struct text token;
	const struct partition_query query = {.exclude_columns = true};
	assert_ok(catalog_read(f->catalog, &txn, &f->err), &f->err);
	assert_ok(partition_list_query(txn, TEXT("d"), TEXT("t"), &query, f->arena, &bare, &count,
			  &token, &f->err),
		&f->err);
	assert_int_equal(count, 2);
	assert_int_equal(bare[1]->storage->n_columns, 0);
	assert_string_equal(bare[1]->storage->location, "/elsewhere");
}

static enum status thousand(struct catalog_txn *txn, void *state, struct error *err)
{
	bool *remove = state;
	for (int i = 0; i < 1000; i++) {
		char year[16];
		(void)snprintf(year, sizeof year, "%d", i);
		char day[] = "2020-01-01";
		char kind[] = "a";
		char *values[] = {year, day, kind};
		Tenon__V1__Partition partition = TENON__V1__PARTITION__INIT;
		partition.values = values;
		partition.n_values = 3;
		bool created;
		if (*remove)
			TRY(partition_delete(txn, TEXT("d"), TEXT("t"), values, 3, err));
		else
			TRY(partition_create(
				txn, TEXT("d"), TEXT("t"), &partition, false, &created, err));
	}
	/* Inside the write the count is right already. */
	OWNED(arena) arena = arena_new();
	Tenon__V1__Table *table;
	TRY(table_get(txn, TEXT("d"), TEXT("t"), arena, &table, err));
	if (table->partition_count != (*remove ? 0 : 1000))
		return fail(err, STATUS_INTERNAL, "counted %zu", (size_t)table->partition_count);
	return STATUS_OK;
}

static void a_thousand_in_one_write_are_counted_once(void **state)
{
	struct fixture *f = *state;
	bool remove = false;
	assert_ok(catalog_write_now(f->catalog, thousand, &remove, &f->err), &f->err);
	assert_int_equal(get_table(f, "d", "t")->partition_count, 1000);
	assert_int_equal(get_table(f, "d", "t")->version, 0);
	remove = true;
	assert_ok(catalog_write_now(f->catalog, thousand, &remove, &f->err), &f->err);
	assert_int_equal(get_table(f, "d", "t")->partition_count, 0);
	/* The first is missing: the write fails whole. */
	assert_int_equal(
		catalog_write_now(f->catalog, thousand, &remove, &f->err), STATUS_NOT_FOUND);
	assert_int_equal(get_table(f, "d", "t")->partition_count, 0);
}

struct update {
	const char *const *values;
	Tenon__V1__Partition partition;
};

static enum status update_apply(struct catalog_txn *txn, void *state, struct error *err)
{
	const struct update *update = state;
	return partition_update(txn, TEXT("d"), TEXT("t"), (char *const *)(uintptr_t)update->values,
		3, &update->partition, err);
}

static enum status update(
	struct fixture *f, const char *const *from, const char *const *to, const char *location)
{
	Tenon__V1__StorageDescriptor storage = TENON__V1__STORAGE_DESCRIPTOR__INIT;
	struct update task = {.values = from, .partition = TENON__V1__PARTITION__INIT};
	storage.location = (char *)(uintptr_t)location;
	task.partition.storage = &storage;
	task.partition.values = (char **)(uintptr_t)to;
	task.partition.n_values = to ? 3 : 0;
	return catalog_write_now(f->catalog, update_apply, &task, &f->err);
}

static uint64_t newest_change(struct fixture *f)
{
	OWNED(catalog_txn) txn = NULL;
	uint64_t oldest;
	uint64_t newest = 0;
	assert_ok(catalog_read(f->catalog, &txn, &f->err), &f->err);
	assert_ok(feed_range(txn, &oldest, &newest, &f->err), &f->err);
	return newest;
}

static void an_update_that_changes_nothing_writes_nothing(void **state)
{
	struct fixture *f = *state;
	static const char *const one[] = {"1", "2020-01-01", "a"};
	Tenon__V1__Partition *before;
	Tenon__V1__Partition *after;
	assert_ok(make_partition(f, "d", "t", one, 3), &f->err);
	assert_ok(update(f, one, NULL, "/at"), &f->err);
	uint64_t newest = newest_change(f);
	assert_int_equal(list(f, "", 9, &before), 1);
	assert_ok(update(f, one, NULL, "/at"), &f->err);
	assert_ok(update(f, one, one, "/at"), &f->err);
	assert_int_equal(list(f, "", 9, &after), 1);
	assert_int_equal(newest_change(f), newest);
	assert_int_equal(after->update_time_us, before->update_time_us);
	assert_ok(update(f, one, one, "/at/other"), &f->err);
	assert_int_equal(newest_change(f), newest + 1);
}

static void an_update_replaces_and_its_other_values_rename(void **state)
{
	struct fixture *f = *state;
	static const char *const one[] = {"1", "2020-01-01", "a"};
	static const char *const two[] = {"2", "2020-01-01", "a"};
	static const char *const padded[] = {"01", "2020-01-01", "a"};
	static const char *const bad[] = {"x", "2020-01-01", "a"};
	Tenon__V1__Partition *found[4];
	assert_ok(make_partition(f, "d", "t", one, 3), &f->err);
	assert_ok(make_partition(f, "d", "t", two, 3), &f->err);
	assert_int_equal(list(f, "year = 1", 9, found), 1);
	int64_t created = found[0]->create_time_us;
	const struct {
		const char *const *from, *const *to;
		enum status status;
	} cases[] = {
		{one, NULL, STATUS_OK},
		{one, one, STATUS_OK},
		{one, two, STATUS_ALREADY_EXISTS},
		{one, bad, STATUS_INVALID_ARGUMENT},
		{padded, two, STATUS_NOT_FOUND},
		{one, padded, STATUS_OK},
		{one, padded, STATUS_NOT_FOUND},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char location[32];
		(void)snprintf(location, sizeof location, "/at/%zu", i);
		enum status status = update(f, cases[i].from, cases[i].to, location);
		if (status != cases[i].status)
			fail_msg("case %zu: %s", i, status_name(status));
	}
	assert_int_equal(get(f, one, 3), STATUS_NOT_FOUND);
	assert_int_equal(list(f, "", 9, found), 2);
	assert_string_equal(found[0]->values[0], "01");
	assert_string_equal(found[0]->storage->location, "/at/5");
	assert_int_equal(found[0]->create_time_us, created);
	assert_true(found[0]->update_time_us >= created);
	assert_null(found[1]->storage);
	assert_int_equal(get_table(f, "d", "t")->partition_count, 2);
}

static void a_batch_leaves_out_what_is_missing(void **state)
{
	struct fixture *f = *state;
	rows_make(f);
	static const char *const absent[] = {"77", "2020-01-01", "a"};
	const char *const *const asked[] = {rows[9], absent, rows[0], rows[9]};
	Tenon__V1__PartitionValues keys[4];
	Tenon__V1__PartitionValues *pointers[4];
	for (size_t i = 0; i < 4; i++) {
		tenon__v1__partition_values__init(&keys[i]);
		keys[i].values = (char **)(uintptr_t)asked[i];
		keys[i].n_values = 3;
		pointers[i] = &keys[i];
	}
	OWNED(catalog_txn) txn = NULL;
	Tenon__V1__Partition **found;
	size_t count;
	assert_ok(catalog_read(f->catalog, &txn, &f->err), &f->err);
	assert_ok(partitions_get(txn, TEXT("d"), TEXT("t"), pointers, 4, f->arena, &found, &count,
			  &f->err),
		&f->err);
	assert_int_equal(count, 3);
	assert_string_equal(found[0]->values[0], "2013");
	assert_string_equal(found[1]->values[0], "-5");
	assert_string_equal(found[2]->values[0], "2013");
	keys[1].n_values = 2;
	assert_int_equal(partitions_get(txn, TEXT("d"), TEXT("t"), pointers, 4, f->arena, &found,
				 &count, &f->err),
		STATUS_INVALID_ARGUMENT);
	assert_non_null(strstr(f->err.message, "item 1"));
}

/* Counts each row that is in one segment. */
static void segment_count(struct fixture *f, struct catalog_txn *txn,
	const struct partition_query *asked, int seen[ROWS])
{
	struct partition_query query = *asked;
	do {
		Tenon__V1__Partition **found;
		size_t count;
		assert_ok(partition_list_query(txn, TEXT("d"), TEXT("t"), &query, f->arena, &found,
				  &count, &query.token, &f->err),
			&f->err);
		for (size_t i = 0; i < count; i++) {
			for (size_t row = 0; row < ROWS; row++)
				seen[row] += !strcmp(found[i]->values[0], rows[row][0]) &&
					     !strcmp(found[i]->values[1], rows[row][1]) &&
					     !strcmp(found[i]->values[2], rows[row][2]);
		}
	} while (query.token.length);
}

static void segments_are_disjoint_and_whole(void **state)
{
	struct fixture *f = *state;
	rows_make(f);
	OWNED(catalog_txn) txn = NULL;
	assert_ok(catalog_read(f->catalog, &txn, &f->err), &f->err);
	for (uint32_t segments = 0; segments <= 10; segments++) {
		int seen[ROWS] = {0};
		for (uint32_t segment = 0; segment < segments || segment == 0; segment++)
			segment_count(f, txn,
				&(struct partition_query){
					.limit = 1, .segment = segment, .segments = segments},
				seen);
		for (size_t i = 0; i < ROWS; i++)
			assert_int_equal(seen[i], 1);
	}
	Tenon__V1__Partition **found;
	size_t count;
	struct text token;
	const struct partition_query bad[] = {
		{.segments = 11}, {.segment = 1}, {.segment = 3, .segments = 3}};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_int_equal(partition_list_query(txn, TEXT("d"), TEXT("t"), &bad[i], f->arena,
					 &found, &count, &token, &f->err),
			STATUS_INVALID_ARGUMENT);
	/* A token of one part is none of another. */
	struct partition_query query = {.limit = 1};
	assert_ok(partition_list_query(txn, TEXT("d"), TEXT("t"), &query, f->arena, &found, &count,
			  &query.token, &f->err),
		&f->err);
	query.segments = 2;
	assert_int_equal(partition_list_query(txn, TEXT("d"), TEXT("t"), &query, f->arena, &found,
				 &count, &token, &f->err),
		STATUS_INVALID_ARGUMENT);
}

static void bounds_of_a_scan_change_no_answer(void **state)
{
	struct fixture *f = *state;
	for (size_t i = 0; i < LAW_ROWS; i++)
		assert_ok(make_partition(f, "d", "t", law_row(f, i), 3), &f->err);
	struct judged judged;
	judged_make(f, &judged);
	assert_int_equal(judged.count, LAW_ROWS);
	uint64_t seed = 42;
	size_t some = 0;
	for (size_t trial = 0; trial < LAW_TRIALS; trial++)
		some += answer_is_right(
			f, &judged, random_expression(f, &seed), trial % 2 ? 7 : 1000);
	assert_true(some > LAW_TRIALS / 4);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_one, close_one)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(partitions_list_in_the_order_of_their_values),
		TEST(expressions_choose_by_type_with_or_without_a_prefix),
		TEST(values_are_the_same_as_texts_only),
		TEST(wrong_values_are_refused),
		TEST(the_longest_values_keep_order_and_identity),
		TEST(what_equals_the_table_is_not_kept),
		TEST(an_update_that_changes_nothing_writes_nothing),
		TEST(an_update_replaces_and_its_other_values_rename),
		TEST(a_batch_leaves_out_what_is_missing),
		TEST(segments_are_disjoint_and_whole),
		TEST(bounds_of_a_scan_change_no_answer),
		TEST(a_thousand_in_one_write_are_counted_once),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
