#include "tests/catalog/fixture.h"

#include "catalog/check.h"
#include "catalog/conflicts.h"
#include "catalog/dropped.h"
#include "catalog/functions.h"
#include "catalog/key.h"
#include "catalog/partition_indexes.h"
#include "catalog/search.h"
#include "catalog/store.h"
#include "catalog/tags.h"
#include "catalog/version_keep.h"
#include "tenon/store/v1/conflicts.pb-c.h"

/* What was dropped comes back as it was, or goes for good; whatever is done meanwhile, the
 * catalog is whole. */

struct act {
	enum {
		UNDROP_TABLE,
		UNDROP_DATABASE,
		RETAIN,
		PURGE,
		TAG,
		FUNCTION,
		INDEX,
		PIN,
		CONFLICT,
	} what;
	const char *database;
	const char *name;
	const char *new_name;
	uint64_t drop_id;
	int64_t seconds;
	uint64_t limit;
	bool more;
	uint64_t tables;
	struct arena *arena;
};

static enum status tag(struct catalog_txn *txn, const struct act *a, struct error *err)
{
	Tenon__Store__V1__Tag one = TENON__STORE__V1__TAG__INIT;
	Tenon__Store__V1__Tag *tags[] = {&one};
	Tenon__Store__V1__TagsRecord record = TENON__STORE__V1__TAGS_RECORD__INIT;
	Tenon__Store__V1__TagsRecord *out;
	one.key = arena_text(a->arena, TEXT("owner"));
	one.value = arena_text(a->arena, TEXT("shop"));
	record.tags = tags;
	record.n_tags = 1;
	return tags_add(txn, text_of(a->name), &record, a->arena, &out, err);
}

static enum status make_function(struct catalog_txn *txn, const struct act *a, struct error *err)
{
	Tenon__V1__Function function = TENON__V1__FUNCTION__INIT;
	Tenon__V1__Function *out;
	function.database = arena_text(a->arena, text_of(a->database));
	function.name = arena_text(a->arena, text_of(a->name));
	function.class_name = arena_text(a->arena, TEXT("org.example.F"));
	return function_create(txn, &function, a->arena, &out, err);
}

static enum status make_index(struct catalog_txn *txn, const struct act *a, struct error *err)
{
	Tenon__V1__PartitionIndex index = TENON__V1__PARTITION_INDEX__INIT;
	Tenon__V1__PartitionIndex *out;
	char *keys[] = {arena_text(a->arena, TEXT("k"))};
	index.name = arena_text(a->arena, TEXT("by_k"));
	index.keys = keys;
	index.n_keys = 1;
	return partition_index_create(
		txn, text_of(a->database), text_of(a->name), &index, a->arena, &out, err);
}

static enum status conflict(struct catalog_txn *txn, const struct act *a, struct error *err)
{
	Tenon__Store__V1__ConflictRecord record = TENON__STORE__V1__CONFLICT_RECORD__INIT;
	Tenon__V1__Conflict found = TENON__V1__CONFLICT__INIT;
	struct buffer SCOPED_BUFFER key = {0};
	Tenon__V1__Table *table;
	TRY(table_get(txn, text_of(a->database), text_of(a->name), a->arena, &table, err));
	found.path = arena_text(a->arena, TEXT("columns.a.type"));
	record.conflict = &found;
	key_init(&key);
	key_add_u64(&key, table->id);
	buffer_add_string(&key, found.path);
	return store_put_message(txn, DB_CONFLICTS, buffer_text(&key), &record.base, err);
}

static enum status apply(struct catalog_txn *txn, void *state, struct error *err)
{
	struct act *a = state;
	struct text database = text_of(a->database ? a->database : "");
	struct text name = text_of(a->name ? a->name : "");
	struct text new_name = text_of(a->new_name ? a->new_name : "");
	Tenon__V1__Retention retention = TENON__V1__RETENTION__INIT;
	Tenon__V1__Table *table;
	Tenon__V1__Database *made;
	Tenon__V1__TableVersion *version;
	switch (a->what) {
	case UNDROP_TABLE:
		return table_undrop(
			txn, database, name, a->drop_id, new_name, a->arena, &table, err);
	case UNDROP_DATABASE:
		return database_undrop(
			txn, database, a->drop_id, new_name, a->arena, &made, &a->tables, err);
	case RETAIN:
		retention.dropped_s = a->seconds;
		return retention_put(txn, TEXT(""), TEXT(""), &retention, a->arena, err);
	case PURGE:
		return dropped_purge(txn, a->limit, &a->more, err);
	case TAG:
		return tag(txn, a, err);
	case FUNCTION:
		return make_function(txn, a, err);
	case INDEX:
		return make_index(txn, a, err);
	case CONFLICT:
		return conflict(txn, a, err);
	case PIN:
		return version_pin(txn, database, name, 0, TEXT("first"), a->arena, &version, err);
	}
	return STATUS_UNKNOWN;
}

static enum status run(struct fixture *f, struct act *a)
{
	a->arena = f->arena;
	return catalog_write_now(f->catalog, apply, a, &f->err);
}
#define ACT(...)  run(f, &(struct act){__VA_ARGS__})
#define WELL(...) assert_ok(ACT(__VA_ARGS__), &f->err)

static void problem(void *state, const struct check_problem *problem)
{
	(void)state;
	fail_msg("%s: %s: %s", problem->invariant, problem->place, problem->message);
}

static void is_whole(struct fixture *f)
{
	struct check_sink sink = {problem, NULL};
	uint64_t records;
	assert_ok(catalog_check(f->catalog, &sink, &records, &f->err), &f->err);
}

static int open_one(void **state)
{
	struct fixture *f = malloc(sizeof *f);
	fixture_open(f, 0);
	assert_ok(make_database(f, "d"), &f->err);
	*state = f;
	return 0;
}

static int close_one(void **state)
{
	is_whole(*state);
	fixture_close(*state);
	free(*state);
	return 0;
}

/* A table with a bit of everything: 2 versions, one pinned, 3 partitions, an index, tags. */
static void fill(struct fixture *f, const char *name)
{
	static const char *const values[] = {"1", "2", "3"};
	assert_ok(make_table(f, "d", name, "a int | k int"), &f->err);
	for (int i = 0; i < 3; i++)
		assert_ok(make_partition(f, "d", name, &values[i], 1), &f->err);
	MUST(f, .what = TASK_TABLE_UPDATE,
		.message = table_made(f->arena, "d", name, "a int, b string | k int"));
	WELL(.what = INDEX, .database = "d", .name = name);
	WELL(.what = PIN, .database = "d", .name = name);
	WELL(.what = CONFLICT, .database = "d", .name = name);
	WELL(.what = TAG, .name = arena_printf(f->arena, "table/d/%s", name));
}

static size_t records_of(struct fixture *f, enum db db)
{
	OWNED(catalog_txn) txn = NULL;
	OWNED(scan) scan = NULL;
	struct text key;
	struct text value;
	bool found = true;
	size_t count = 0;
	assert_ok(catalog_read(f->catalog, &txn, &f->err), &f->err);
	assert_ok(scan_open(txn, db, TEXT(""), TEXT(""), &scan, &f->err), &f->err);
	for (;; count++) {
		assert_ok(scan_next(scan, &found, &key, &value, &f->err), &f->err);
		if (!found)
			break;
	}
	scan_free(TAKE(scan));
	return count;
}

/* "e (1) d.t": newest first. */
static const char *listed(struct fixture *f, const char *database)
{
	OWNED(catalog_txn) txn = NULL;
	const char *text = "";
	struct text next = TEXT("");
	assert_ok(catalog_read(f->catalog, &txn, &f->err), &f->err);
	do {
		Tenon__V1__Dropped **dropped;
		size_t count;
		assert_ok(dropped_list(txn, text_of(database), next, 1, f->arena, &dropped, &count,
				  &next, &f->err),
			&f->err);
		for (size_t i = 0; i < count; i++)
			text = dropped[i]->table[0]
				       ? arena_printf(f->arena, "%s%s%s.%s", text,
						 text[0] ? " " : "", dropped[i]->database,
						 dropped[i]->table)
				       : arena_printf(f->arena, "%s%s%s (%u)", text,
						 text[0] ? " " : "", dropped[i]->database,
						 (unsigned)dropped[i]->tables);
	} while (next.length);
	return text;
}

static size_t conflicts_of(struct fixture *f)
{
	OWNED(catalog_txn) txn = NULL;
	Tenon__V1__ListConflictsRequest request = TENON__V1__LIST_CONFLICTS_REQUEST__INIT;
	Tenon__V1__Conflict **conflicts;
	size_t count;
	struct text next;
	assert_ok(catalog_read(f->catalog, &txn, &f->err), &f->err);
	assert_ok(conflicts_list(txn, &request, 0, f->arena, &conflicts, &count, &next, &f->err),
		&f->err);
	return count;
}

static void a_dropped_table_is_absent_and_comes_back_as_it_was(void **state)
{
	struct fixture *f = *state;
	fill(f, "t");
	Tenon__V1__Table *before = get_table(f, "d", "t");
	MUST(f, .what = TASK_TABLE_DELETE, .database = "d", .name = "t");
	is_whole(f);
	assert_null(get_table(f, "d", "t"));
	assert_int_equal(records_of(f, DB_TABLES_BY_LOCATION), 0);
	assert_int_equal(records_of(f, DB_SEARCH), 0);
	assert_int_equal(records_of(f, DB_SEARCH_FRESH), 0);
	assert_int_equal(make_partition(f, "d", "t", (const char *[]){"4"}, 1), STATUS_NOT_FOUND);
	assert_int_equal(conflicts_of(f), 0);
	assert_string_equal(listed(f, ""), "d.t");
	assert_string_equal(listed(f, "e"), "");
	WELL(.what = UNDROP_TABLE, .database = "D", .name = "T");
	Tenon__V1__Table *after = get_table(f, "d", "t");
	assert_non_null(after);
	assert_int_equal(after->id, before->id);
	assert_int_equal(after->version, 1);
	assert_int_equal(after->partition_count, 3);
	assert_int_equal(conflicts_of(f), 1);
	assert_string_equal(listed(f, ""), "");
	assert_int_equal(records_of(f, DB_DROPPED), 0);
	assert_int_equal(records_of(f, DB_TAGS), 1);
	assert_int_equal(ACT(.what = UNDROP_TABLE, .database = "d", .name = "t"), STATUS_NOT_FOUND);
}

static void a_name_that_is_taken_needs_another(void **state)
{
	struct fixture *f = *state;
	for (int i = 0; i < 3; i++) {
		fill(f, "t");
		if (i < 2)
			MUST(f, .what = TASK_TABLE_DELETE, .database = "d", .name = "t");
	}
	assert_int_equal(
		ACT(.what = UNDROP_TABLE, .database = "d", .name = "t"), STATUS_ALREADY_EXISTS);
	assert_string_equal(listed(f, "d"), "d.t d.t");
	WELL(.what = UNDROP_TABLE, .database = "d", .name = "t", .new_name = "Last");
	WELL(.what = UNDROP_TABLE, .database = "d", .name = "t", .new_name = "first");
	assert_true(get_table(f, "d", "last")->id > get_table(f, "d", "first")->id);
	assert_int_equal(records_of(f, DB_DROPPED), 0);
}

static void the_drop_is_chosen_by_its_id(void **state)
{
	struct fixture *f = *state;
	uint64_t first = 0;
	for (int i = 0; i < 2; i++) {
		assert_ok(make_table(f, "d", "t", "a int"), &f->err);
		first = first ? first : get_table(f, "d", "t")->id;
		MUST(f, .what = TASK_TABLE_DELETE, .database = "d", .name = "t");
	}
	assert_int_equal(ACT(.what = UNDROP_TABLE, .database = "d", .name = "t", .drop_id = 9),
		STATUS_NOT_FOUND);
	assert_int_equal(ACT(.what = UNDROP_TABLE, .database = "d", .name = "u", .drop_id = 1),
		STATUS_NOT_FOUND);
	WELL(.what = UNDROP_TABLE, .database = "d", .name = "t", .drop_id = 1);
	assert_int_equal(get_table(f, "d", "t")->id, first);
}

static void a_database_brings_back_what_was_in_it(void **state)
{
	enum { TABLES = 70 };
	struct fixture *f = *state;
	fill(f, "t");
	for (int i = 1; i < TABLES; i++)
		assert_ok(make_table(f, "d", arena_printf(f->arena, "t%d", i), "a int"), &f->err);
	assert_ok(make_table(f, "d", "earlier", "a int"), &f->err);
	MUST(f, .what = TASK_TABLE_DELETE, .database = "d", .name = "earlier");
	for (int i = 0; i < TABLES; i++)
		WELL(.what = FUNCTION, .database = "d", .name = arena_printf(f->arena, "f%d", i));
	WELL(.what = TAG, .name = "database/d");
	MUST(f, .what = TASK_DATABASE_DELETE, .name = "d", .flag = true);
	is_whole(f);
	assert_int_equal(records_of(f, DB_FUNCTIONS), 0);
	assert_int_equal(records_of(f, DB_TABLES), 0);
	assert_string_equal(listed(f, ""), "d (70) d.earlier");

	assert_ok(make_database(f, "d"), &f->err);
	assert_ok(make_table(f, "d", "t", "other int"), &f->err);
	assert_int_equal(ACT(.what = UNDROP_DATABASE, .database = "d"), STATUS_ALREADY_EXISTS);
	struct act back = {.what = UNDROP_DATABASE, .database = "d", .new_name = "E"};
	assert_ok(run(f, &back), &f->err);
	assert_int_equal(back.tables, TABLES);
	is_whole(f);
	assert_int_equal(get_table(f, "e", "t")->partition_count, 3);
	assert_string_equal(get_table(f, "d", "t")->storage->columns[0]->name, "other");
	assert_int_equal(records_of(f, DB_FUNCTIONS), TABLES);
	assert_int_equal(records_of(f, DB_TAGS), 2);
	assert_string_equal(listed(f, ""), "d.earlier");
	/* Dropped before it was: it belongs to the name, which is another database now. */
	WELL(.what = UNDROP_TABLE, .database = "d", .name = "earlier");
	assert_int_equal(records_of(f, DB_DROPPED), 0);
}

static void one_table_of_a_dropped_database_can_be_had_alone(void **state)
{
	struct fixture *f = *state;
	fill(f, "t");
	assert_ok(make_table(f, "d", "u", "a int"), &f->err);
	MUST(f, .what = TASK_DATABASE_DELETE, .name = "d", .flag = true);
	assert_int_equal(ACT(.what = UNDROP_TABLE, .database = "d", .name = "t"), STATUS_NOT_FOUND);
	assert_ok(make_database(f, "d"), &f->err);
	WELL(.what = UNDROP_TABLE, .database = "d", .name = "t");
	struct act back = {.what = UNDROP_DATABASE, .database = "d", .new_name = "e"};
	assert_ok(run(f, &back), &f->err);
	assert_int_equal(back.tables, 1);
	assert_non_null(get_table(f, "e", "u"));
}

static void purge(struct fixture *f, uint64_t limit, bool look)
{
	struct act a = {.what = PURGE, .limit = limit, .more = true};
	for (int steps = 0; a.more; steps++) {
		assert_true(steps < 10000);
		assert_ok(run(f, &a), &f->err);
		if (look)
			is_whole(f);
	}
}

static void what_is_due_goes_in_steps_that_leave_the_catalog_whole(void **state)
{
	static const uint64_t limits[] = {1, 2, 7, 1000};
	static const enum db dbs[] = {DB_DROPPED, DB_VERSIONS, DB_PARTITIONS, DB_PINS, DB_TAGS,
		DB_PARTITION_INDEXES, DB_PARTITION_ORDERS, DB_FUNCTIONS, DB_CONFLICTS};
	struct fixture *f = *state;
	for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
		fill(f, "t");
		MUST(f, .what = TASK_TABLE_DELETE, .database = "d", .name = "t");
		fill(f, "t");
		fill(f, "u");
		WELL(.what = FUNCTION, .database = "d", .name = "f");
		MUST(f, .what = TASK_DATABASE_DELETE, .name = "d", .flag = true);
		WELL(.what = RETAIN, .seconds = 3600);
		purge(f, limits[i], true);
		assert_string_equal(listed(f, ""), "d (2) d.t"); /* not yet */
		WELL(.what = RETAIN, .seconds = 0);
		purge(f, limits[i], true);
		assert_string_equal(listed(f, ""), "d (2) d.t"); /* never */
		WELL(.what = RETAIN, .seconds = -1);
		struct act one = {.what = PURGE, .limit = 1};
		assert_ok(run(f, &one), &f->err);
		assert_true(one.more);
		assert_int_equal(ACT(.what = UNDROP_TABLE, .database = "d", .name = "t",
					 .drop_id = 1 + 4 * i),
			STATUS_NOT_FOUND); /* begun */
		purge(f, limits[i], true);
		for (size_t d = 0; d < sizeof dbs / sizeof *dbs; d++)
			assert_int_equal(records_of(f, dbs[d]), 0);
		assert_ok(make_database(f, "d"), &f->err);
		WELL(.what = RETAIN, .seconds = 3600);
	}
}

static void what_is_not_kept_at_all_cannot_be_had_back(void **state)
{
	struct fixture *f = *state;
	WELL(.what = RETAIN, .seconds = -1);
	fill(f, "t");
	MUST(f, .what = TASK_TABLE_DELETE, .database = "d", .name = "t");
	is_whole(f);
	assert_string_equal(listed(f, ""), "");
	WELL(.what = RETAIN, .seconds = 3600);
	assert_int_equal(ACT(.what = UNDROP_TABLE, .database = "d", .name = "t"), STATUS_NOT_FOUND);
	purge(f, 2, true);
	assert_int_equal(records_of(f, DB_DROPPED), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_one, close_one)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_dropped_table_is_absent_and_comes_back_as_it_was),
		TEST(a_name_that_is_taken_needs_another),
		TEST(the_drop_is_chosen_by_its_id),
		TEST(a_database_brings_back_what_was_in_it),
		TEST(one_table_of_a_dropped_database_can_be_had_alone),
		TEST(what_is_due_goes_in_steps_that_leave_the_catalog_whole),
		TEST(what_is_not_kept_at_all_cannot_be_had_back),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
