#include "catalog/search_fresh.h"

#include "catalog/check.h"
#include "catalog/key.h"
#include "catalog/search_cursor.h"
#include "catalog/store.h"
#include "tests/catalog/fixture.h"

enum { LINES_MAX = 4096 };

/* The index as searches see it, forwards or backwards, one line an entry. */
static struct text dump(struct fixture *f, struct text prefix, bool backwards)
{
	OWNED(catalog_txn) txn = NULL;
	OWNED(search_cursor) cursor = NULL;
	struct buffer SCOPED_BUFFER all = {0};
	bool found;
	struct search_entry entry;
	buffer_init(&all, 64 << 20);
	assert_ok(catalog_read(f->catalog, &txn, &f->err), &f->err);
	assert_ok(search_cursor_open(txn, prefix, &cursor, &f->err), &f->err);
	char *end = arena_printf(f->arena, "%.*s\xff", (int)prefix.length, prefix.at);
	if (prefix.length) {
		memcpy(end, prefix.at, prefix.length);
		end[prefix.length - 1]++;
	}
	const struct text behind = {end, prefix.length ? prefix.length : 1};
	assert_ok(search_cursor_seek(
			  cursor, backwards ? behind : prefix, backwards, &found, &entry, &f->err),
		&f->err);
	struct text *lines = arena_array(f->arena, LINES_MAX, sizeof *lines);
	size_t count = 0;
	while (found) {
		size_t word = text_find(entry.key, 0);
		assert_true(count < LINES_MAX);
		lines[count++] = text_of(arena_printf(f->arena, "%.*s %llu %u\n", (int)word,
			entry.key.at, (unsigned long long)key_u64(entry.key.at + word + 1),
			entry.fields));
		assert_ok(search_cursor_next(cursor, &found, &entry, &f->err), &f->err);
	}
	for (size_t i = 0; i < count; i++)
		buffer_add_text(&all, lines[backwards ? count - 1 - i : i]);
	return arena_copy(f->arena, buffer_text(&all));
}

static enum status merge(struct catalog_txn *txn, void *state, struct error *err)
{
	(void)state;
	return fresh_merge(txn, err);
}

static void must_merge(struct fixture *f)
{
	assert_ok(catalog_write_now(f->catalog, merge, NULL, &f->err), &f->err);
}

static uint64_t fresh_tables(struct fixture *f)
{
	OWNED(catalog_txn) txn = NULL;
	uint64_t count;
	assert_ok(catalog_read(f->catalog, &txn, &f->err), &f->err);
	assert_ok(store_count(txn, DB_SEARCH_FRESH, &count, &f->err), &f->err);
	return count;
}

static void tell(void *state, const struct check_problem *problem)
{
	(void)state;
	fail_msg("%s: %s %s", problem->invariant, problem->place, problem->message);
}

static void must_be_whole(struct fixture *f)
{
	uint64_t records;
	const struct check_sink sink = {.problem = tell};
	assert_ok(catalog_check(f->catalog, &sink, &records, &f->err), &f->err);
}

/* One of a few dozen tables comes, becomes another, moves or goes. */
static void change_one(struct fixture *f)
{
	const char *name = arena_printf(
		f->arena, "t%02d_%s", rand() % 40, (const char *[]){"red", "green"}[rand() % 2]);
	const char *columns[] = {"id int, red string", "id int", "id string, green int | day date"};
	Tenon__V1__Table *table = table_made(f->arena, "d", name, columns[rand() % 3]);
	const Tenon__V1__Table *there = get_table(f, "d", name);
	table->description = arena_printf(f->arena, "word%d of red or green", rand() % 50);
	if (!there)
		MUST(f, .what = TASK_TABLE_CREATE, .message = table);
	else if (rand() % 4 == 0)
		MUST(f, .what = TASK_TABLE_DELETE, .database = "d", .name = name);
	else if (rand() % 6 == 0)
		(void)DO(f, .what = TASK_TABLE_RENAME, .id = there->id, .database = "d",
			.name = arena_printf(f->arena, "t%02d_red", rand() % 40));
	else
		MUST(f, .what = TASK_TABLE_UPDATE, .message = table);
}

/* Nobody can tell from outside what has been put in its place and what has not. */
static void what_is_fresh_reads_like_what_is_in_its_place(void **state)
{
	(void)state;
	struct fixture f;
	srand(7);
	fixture_open(&f, 0);
	assert_ok(make_database(&f, "d"), &f.err);
	const struct text prefixes[] = {TEXT(""), TEXT("re"), TEXT("red"), TEXT("red\0"),
		TEXT("\1n"), TEXT("\1u"), TEXT("none")};
	for (int round = 0; round < 40; round++) {
		for (int i = 0; i < 25; i++)
			change_one(&f);
		must_be_whole(&f);
		struct text before[7];
		for (size_t i = 0; i < 7; i++) {
			before[i] = dump(&f, prefixes[i], false);
			assert_true(text_equal(before[i], dump(&f, prefixes[i], true)));
		}
		assert_true(before[0].length > 1000 && before[6].length == 0);
		if (round % 3)
			continue;
		assert_true(fresh_tables(&f) > 0);
		must_merge(&f);
		assert_int_equal(fresh_tables(&f), 0);
		must_be_whole(&f);
		for (size_t i = 0; i < 7; i++)
			assert_true(text_equal(before[i], dump(&f, prefixes[i], false)));
	}
	fixture_close(&f);
}

static void a_change_that_is_taken_back_leaves_nothing_to_do(void **state)
{
	(void)state;
	struct fixture f;
	fixture_open(&f, 0);
	assert_ok(make_database(&f, "d"), &f.err);
	assert_ok(make_table(&f, "d", "t", "a int"), &f.err);
	assert_int_equal(fresh_tables(&f), 1);
	MUST(&f, .what = TASK_TABLE_DELETE, .database = "d", .name = "t");
	assert_int_equal(fresh_tables(&f), 0);
	must_be_whole(&f);
	fixture_close(&f);
}

static enum status make_many(struct catalog_txn *txn, void *state, struct error *err)
{
	struct fixture *f = state;
	for (int i = 0; i <= FRESH_TABLES_MAX; i++) {
		Tenon__V1__Table *made;
		TRY(table_create(txn,
			table_made(f->arena, "d", arena_printf(f->arena, "m%04d", i), "a int"),
			f->arena, &made, err));
	}
	return STATUS_OK;
}

static void many_tables_go_to_their_places_by_themselves(void **state)
{
	(void)state;
	struct fixture f;
	fixture_open(&f, 0);
	assert_ok(make_database(&f, "d"), &f.err);
	assert_ok(catalog_write_now(f.catalog, make_many, &f, &f.err), &f.err);
	assert_int_equal(fresh_tables(&f), 0);
	assert_ok(make_table(&f, "d", "one_more", "a int"), &f.err);
	assert_int_equal(fresh_tables(&f), 1);
	must_be_whole(&f);
	fixture_close(&f);
}

static void a_table_of_very_many_words_does_not_wait(void **state)
{
	(void)state;
	struct fixture f;
	struct buffer SCOPED_BUFFER words = {0};
	fixture_open(&f, 0);
	buffer_init(&words, 1 << 20);
	for (int i = 0; i < 2 * FRESH_WORDS_MAX; i++)
		buffer_printf(&words, "%x ", i);
	assert_ok(make_database(&f, "d"), &f.err);
	assert_ok(make_table(&f, "d", "small", "a int"), &f.err);
	Tenon__V1__Table *table = table_made(f.arena, "d", "t", "a int");
	table->description = arena_text(f.arena, buffer_text(&words));
	if (DO(&f, .what = TASK_TABLE_CREATE, .message = table) != STATUS_OK) {
		/* Longer than a description may be: in parameters then. */
		struct text rest = buffer_text(&words);
		for (int i = 0; rest.length; i++) {
			struct text piece = text_until(rest, 2000);
			rest = text_from(rest, piece.length);
			parameter_add(f.arena, table, arena_printf(f.arena, "p%d", i),
				arena_text(f.arena, piece));
		}
		table->description = arena_text(f.arena, TEXT(""));
		MUST(&f, .what = TASK_TABLE_CREATE, .message = table);
	}
	assert_int_equal(fresh_tables(&f), 0);
	assert_true(dump(&f, TEXT("7ff"), false).length > 0);
	must_be_whole(&f);
	fixture_close(&f);
}

static void a_record_that_is_cut_short_is_told(void **state)
{
	(void)state;
	static const char whole[] = "\x80\1\0\0\0\3red\0\0\x80\2\0\4blue";
	for (size_t length = 1; length < sizeof whole - 1; length++) {
		struct text record = {whole, length};
		struct fresh_word word;
		struct error err;
		enum status status = STATUS_OK;
		while (record.length && status == STATUS_OK)
			status = fresh_next(&record, &word, &err);
		assert_int_equal(status, length == 9 ? STATUS_OK : STATUS_DATA_LOSS);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_fresh_reads_like_what_is_in_its_place),
		cmocka_unit_test(a_change_that_is_taken_back_leaves_nothing_to_do),
		cmocka_unit_test(many_tables_go_to_their_places_by_themselves),
		cmocka_unit_test(a_table_of_very_many_words_does_not_wait),
		cmocka_unit_test(a_record_that_is_cut_short_is_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
