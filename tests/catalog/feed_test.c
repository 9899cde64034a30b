#include "tests/catalog/fixture.h"

#include "catalog/feed_read.h"
#include "catalog/feed_trim.h"
#include "catalog/key.h"
#include "catalog/store.h"

#include <stdatomic.h>

/* d is 1, e is 2, t is 3; then t is widened, renamed to e.u, u is broken, d is gone. */
static const struct {
	const char *kind;
	const char *database;
	const char *table;
	const char *severity; /* of an update */
} history[] = {
	{"database_created", "d", "", ""},
	{"database_created", "e", "", ""},
	{"table_created", "d", "t", ""},
	{"table_updated", "d", "t", "widening"},
	{"table_renamed", "e", "u", ""},
	{"table_updated", "e", "u", "breaking"},
	{"database_deleted", "d", "", ""},
};
enum { CHANGES = sizeof history / sizeof *history };

static void update(struct fixture *f, const char *database, const char *name, const char *columns)
{
	Tenon__V1__Table *table = table_made(f->arena, database, name, columns);
	MUST(f, .what = TASK_TABLE_UPDATE, .message = table);
}

static int open_one(void **state)
{
	struct fixture *f = malloc(sizeof *f);
	fixture_open(f, 0);
	*state = f;
	assert_ok(make_database(f, "d"), &f->err);
	assert_ok(make_database(f, "e"), &f->err);
	assert_ok(make_table(f, "d", "t", "a int"), &f->err);
	update(f, "d", "t", "a bigint");
	MUST(f, .what = TASK_TABLE_RENAME, .id = get_table(f, "d", "t")->id, .database = "e",
		.name = "u");
	update(f, "e", "u", "b bigint");
	MUST(f, .what = TASK_DATABASE_DELETE, .name = "d");
	return 0;
}

static int close_one(void **state)
{
	fixture_close(*state);
	free(*state);
	return 0;
}

static enum status read_step(struct fixture *f, uint64_t after,
	const Tenon__V1__WatchRequest *filter, size_t limit, struct feed_step *step)
{
	OWNED(catalog_txn) txn = NULL;
	assert_ok(catalog_read(f->catalog, &txn, &f->err), &f->err);
	return feed_read(txn, after, filter, limit, f->arena, step, &f->err);
}

static void the_feed_tells_each_change_in_order_from_any_position_in_any_step(void **state)
{
	struct fixture *f = *state;
	const Tenon__V1__WatchRequest all = TENON__V1__WATCH_REQUEST__INIT;
	for (size_t limit = 1; limit <= CHANGES + 1; limit++) {
		for (uint64_t from = 0; from <= CHANGES; from++) {
			struct feed_step step = {.sequence = from, .more = true};
			uint64_t expected = from;
			while (step.more) {
				uint64_t after = step.sequence;
				assert_ok(read_step(f, after, &all, limit, &step), &f->err);
				for (size_t i = 0; i < step.count; i++, expected++) {
					assert_int_equal(step.changes[i]->sequence, expected + 1);
					assert_string_equal(
						step.changes[i]->kind, history[expected].kind);
					assert_string_equal(step.changes[i]->database,
						history[expected].database);
					assert_string_equal(
						step.changes[i]->table, history[expected].table);
				}
			}
			assert_int_equal(expected, CHANGES);
			assert_int_equal(step.sequence, CHANGES);
		}
	}
}

static void a_change_says_who_why_what_was_before_and_how_the_schema_differs(void **state)
{
	struct fixture *f = *state;
	const Tenon__V1__WatchRequest all = TENON__V1__WATCH_REQUEST__INIT;
	struct feed_step step;
	assert_ok(read_step(f, 3, &all, 10, &step), &f->err);
	assert_string_equal(step.changes[0]->author, "local");
	assert_string_equal(step.changes[0]->reason, "test");
	assert_true(step.changes[0]->time_us > 0);
	assert_int_equal(step.changes[0]->version, 1); /* from 0 */
	assert_string_equal(step.changes[0]->severity, "widening");
	assert_int_equal(step.changes[0]->n_changes, 1);
	assert_string_equal(step.changes[0]->changes[0]->before, "int");
	assert_string_equal(step.changes[0]->changes[0]->after, "bigint");
	assert_int_equal(step.changes[0]->n_fields, 0);
	assert_string_equal(step.changes[1]->before_name, "d.t");
	assert_int_equal(step.changes[1]->n_fields, 2);
	assert_string_equal(step.changes[1]->fields[1]->path, "name");
	assert_string_equal(step.changes[1]->fields[1]->before, "t");
	assert_string_equal(step.changes[1]->fields[1]->after, "u");
}

static void filters_choose(void **state)
{
	struct fixture *f = *state;
	static const struct {
		const char *database;
		const char *table;
		const char *severity;
		const char *kind;
		const char *expected; /* sequences */
	} rows[] = {
		{"D", "", "", "", "13457"},
		{"e", "", "", "", "256"},
		{"d", "T", "", "", "345"},
		{"e", "u", "", "", "56"},
		{"none", "", "", "", ""},
		{"", "", "safe", "", "46"},
		{"", "", "widening", "", "46"},
		{"", "", "breaking", "", "6"},
		{"d", "t", "breaking", "", ""},
		{"", "", "", "database_created", "12"},
		{"e", "", "", "database_created", "2"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		Tenon__V1__WatchRequest filter = TENON__V1__WATCH_REQUEST__INIT;
		char *kind = arena_text(f->arena, text_of(rows[i].kind));
		struct feed_step step;
		char seen[CHANGES + 1] = "";
		filter.database = arena_text(f->arena, text_of(rows[i].database));
		filter.table = arena_text(f->arena, text_of(rows[i].table));
		filter.severity = arena_text(f->arena, text_of(rows[i].severity));
		filter.kinds = &kind;
		filter.n_kinds = kind[0] != 0;
		assert_ok(read_step(f, 0, &filter, 100, &step), &f->err);
		for (size_t k = 0; k < step.count; k++)
			seen[k] = (char)('0' + step.changes[k]->sequence);
		assert_string_equal(seen, rows[i].expected);
		assert_int_equal(step.sequence, CHANGES); /* also where nothing matched */
	}
}

static void a_change_is_as_severe_as_the_worst_of_its_fields(void **state)
{
	struct fixture *f = *state;
	Tenon__V1__WatchRequest filter = TENON__V1__WATCH_REQUEST__INIT;
	struct feed_step step;
	filter.severity = arena_text(f->arena, TEXT("breaking"));
	Tenon__V1__Table *table = table_made(f->arena, "e", "u", "b bigint");
	table->description = arena_text(f->arena, TEXT("safe"));
	MUST(f, .what = TASK_TABLE_UPDATE, .message = table);
	assert_ok(read_step(f, 6, &filter, 100, &step), &f->err);
	assert_int_equal(step.count, 0);
	table->storage->location = arena_text(f->arena, TEXT("/moved"));
	MUST(f, .what = TASK_TABLE_UPDATE, .message = table);
	assert_ok(read_step(f, 6, &filter, 100, &step), &f->err);
	assert_int_equal(step.count, 1);
	assert_string_equal(step.changes[0]->severity, "breaking");
	assert_int_equal(step.changes[0]->n_changes, 0);
	assert_string_equal(step.changes[0]->fields[0]->path, "storage.location");
	assert_string_equal(step.changes[0]->fields[0]->severity, "breaking");
}

static void what_no_change_can_match_is_refused(void **state)
{
	struct fixture *f = *state;
	static const struct {
		const char *database;
		const char *table;
		const char *severity;
		const char *kind;
		size_t kinds;
		enum status expected;
	} rows[] = {
		{"", "t", "", "", 0, STATUS_INVALID_ARGUMENT},
		{"d", "", "worse", "", 0, STATUS_INVALID_ARGUMENT},
		{"a\x01", "", "", "", 0, STATUS_INVALID_ARGUMENT},
		{"", "", "", "table_update", 1, STATUS_INVALID_ARGUMENT},
		{"", "", "", "table_updated", LIMIT_FEED_KINDS + 1, STATUS_RESOURCE_EXHAUSTED},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		Tenon__V1__WatchRequest filter = TENON__V1__WATCH_REQUEST__INIT;
		char *kinds[LIMIT_FEED_KINDS + 1];
		struct feed_step step;
		for (size_t k = 0; k < rows[i].kinds; k++)
			kinds[k] = arena_text(f->arena, text_of(rows[i].kind));
		filter.kinds = kinds;
		filter.n_kinds = rows[i].kinds;
		filter.database = arena_text(f->arena, text_of(rows[i].database));
		filter.table = arena_text(f->arena, text_of(rows[i].table));
		filter.severity = arena_text(f->arena, text_of(rows[i].severity));
		assert_int_equal(read_step(f, 0, &filter, 10, &step), rows[i].expected);
	}
}

struct trimming {
	struct feed_keep keep;
	size_t limit;
	size_t removed;
};

static enum status trim(struct catalog_txn *txn, void *state, struct error *err)
{
	struct trimming *trimming = state;
	return feed_trim(txn, &trimming->keep, trimming->limit, &trimming->removed, err);
}

/* The oldest kept, and in the message of a watch from before it. */
static uint64_t oldest_kept(struct fixture *f)
{
	OWNED(catalog_txn) txn = NULL;
	uint64_t oldest;
	uint64_t newest;
	assert_ok(catalog_read(f->catalog, &txn, &f->err), &f->err);
	assert_ok(feed_range(txn, &oldest, &newest, &f->err), &f->err);
	assert_int_equal(newest, CHANGES);
	return oldest;
}

static void what_retention_does_not_hold_goes_from_the_oldest_on_a_handful_at_a_time(void **state)
{
	struct fixture *f = *state;
	static const struct {
		const char *label;
		struct feed_keep keep;
		size_t limit;
		uint64_t oldest;
		bool is_long; /* after it */
	} rows[] = {
		{"all is kept for ever", {0, 0}, 100, 1, false},
		{"as many as there are", {CHANGES, 0}, 100, 1, false},
		{"younger than a day", {0, 86400}, 100, 1, false},
		{"one less", {CHANGES - 1, 0}, 100, 2, false},
		{"in handfuls", {CHANGES - 4, 0}, 2, 4, true},
		{"and the rest", {CHANGES - 4, 0}, 2, 5, false},
		{"more than there are again", {CHANGES, 0}, 100, 5, false},
		{"older than tomorrow", {0, -1}, 100, 5, false},
		{"the last", {1, 0}, 100, CHANGES, false},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct trimming trimming = {rows[i].keep, rows[i].limit, 0};
		print_message("%s\n", rows[i].label);
		assert_ok(catalog_write_now(f->catalog, trim, &trimming, &f->err), &f->err);
		assert_int_equal(oldest_kept(f), rows[i].oldest);
		OWNED(catalog_txn) txn = NULL;
		bool is_long;
		assert_ok(catalog_read(f->catalog, &txn, &f->err), &f->err);
		assert_ok(feed_is_long(txn, &rows[i].keep, &is_long, &f->err), &f->err);
		assert_int_equal(is_long, rows[i].is_long);
	}
}

static enum status date_back(struct catalog_txn *txn, void *state, struct error *err)
{
	OWNED(arena) arena = arena_new();
	uint64_t sequence = *(uint64_t *)state;
	void *record;
	char bytes[8];
	struct text key = key_u64_text(sequence, bytes);
	TRY(store_message(txn, DB_FEED, key, &tenon__store__v1__change_record__descriptor, arena,
		&record, err));
	((Tenon__Store__V1__ChangeRecord *)record)->time_us -= 7200 * INT64_C(1000000);
	return store_put_message(txn, DB_FEED, key, record, err);
}

static void what_is_old_goes_but_not_from_behind_what_is_young(void **state)
{
	struct fixture *f = *state;
	struct trimming trimming = {{0, 3600}, 100, 0};
	for (uint64_t sequence = 1; sequence <= 5; sequence++) {
		if (sequence != 4)
			assert_ok(catalog_write_now(f->catalog, date_back, &sequence, &f->err),
				&f->err);
	}
	assert_ok(catalog_write_now(f->catalog, trim, &trimming, &f->err), &f->err);
	assert_int_equal(trimming.removed, 3);
	assert_int_equal(oldest_kept(f), 4);
	/* Numbers go on from where they were. */
	trimming.keep = (struct feed_keep){1, 0};
	assert_ok(catalog_write_now(f->catalog, trim, &trimming, &f->err), &f->err);
	assert_ok(make_database(f, "next"), &f->err);
	const Tenon__V1__WatchRequest all = TENON__V1__WATCH_REQUEST__INIT;
	struct feed_step step;
	assert_ok(read_step(f, CHANGES, &all, 10, &step), &f->err);
	assert_int_equal(step.changes[0]->sequence, CHANGES + 1);
}

static void a_position_that_is_gone_or_not_made_yet_is_out_of_range(void **state)
{
	struct fixture *f = *state;
	const Tenon__V1__WatchRequest all = TENON__V1__WATCH_REQUEST__INIT;
	struct feed_step step;
	struct trimming trimming = {{CHANGES - 2, 0}, 100, 0};
	assert_ok(catalog_write_now(f->catalog, trim, &trimming, &f->err), &f->err);
	assert_int_equal(read_step(f, 1, &all, 10, &step), STATUS_OUT_OF_RANGE);
	assert_non_null(strstr(f->err.message, "the oldest is 3"));
	assert_int_equal(read_step(f, CHANGES + 1, &all, 10, &step), STATUS_OUT_OF_RANGE);
	assert_int_equal(read_step(f, UINT64_MAX, &all, 10, &step), STATUS_OUT_OF_RANGE);
	assert_ok(read_step(f, 2, &all, 10, &step), &f->err);
	assert_int_equal(step.changes[0]->sequence, 3);
	assert_ok(read_step(f, 0, &all, 10, &step), &f->err);
	assert_int_equal(step.changes[0]->sequence, 3);
}

static void a_listing_pages_through_all_in_both_directions(void **state)
{
	struct fixture *f = *state;
	for (size_t limit = 1; limit <= CHANGES + 1; limit++) {
		for (int down = 0; down <= 1; down++) {
			Tenon__V1__WatchRequest filter = TENON__V1__WATCH_REQUEST__INIT;
			Tenon__V1__ListChangesRequest request =
				TENON__V1__LIST_CHANGES_REQUEST__INIT;
			struct text token = TEXT("");
			uint64_t seen = 0;
			filter.after = 2;
			request.filter = &filter;
			request.newest_first = down;
			do {
				OWNED(catalog_txn) txn = NULL;
				Tenon__V1__Change **changes;
				size_t count;
				request.page_token = arena_text(f->arena, token);
				assert_ok(catalog_read(f->catalog, &txn, &f->err), &f->err);
				assert_ok(feed_list(txn, &request, limit, f->arena, &changes,
						  &count, &token, &f->err),
					&f->err);
				for (size_t i = 0; i < count; i++, seen++)
					assert_int_equal(changes[i]->sequence,
						down ? CHANGES - seen : 3 + seen);
			} while (token.length);
			assert_int_equal(seen, CHANGES - 2);
		}
	}
}

static void a_token_is_of_its_filter_alone(void **state)
{
	struct fixture *f = *state;
	OWNED(catalog_txn) txn = NULL;
	Tenon__V1__ListChangesRequest request = TENON__V1__LIST_CHANGES_REQUEST__INIT;
	Tenon__V1__Change **changes;
	size_t count;
	struct text token;
	assert_ok(catalog_read(f->catalog, &txn, &f->err), &f->err);
	assert_ok(
		feed_list(txn, &request, 1, f->arena, &changes, &count, &token, &f->err), &f->err);
	request.page_token = arena_text(f->arena, token);
	request.newest_first = true;
	assert_int_equal(feed_list(txn, &request, 1, f->arena, &changes, &count, &token, &f->err),
		STATUS_INVALID_ARGUMENT);
}

static void count_up(void *state)
{
	atomic_fetch_add((atomic_int *)state, 1);
}

static void each_commit_is_told_and_a_failed_write_is_not(void **state)
{
	(void)state;
	struct fixture f;
	static atomic_int commits;
	fixture_open(&f, 0);
	catalog_on_commit(f.catalog, count_up, &commits);
	assert_ok(make_database(&f, "d"), &f.err);
	assert_int_equal(make_database(&f, "d"), STATUS_ALREADY_EXISTS);
	assert_ok(make_database(&f, "e"), &f.err);
	fixture_close(&f); /* waits for the writer */
	assert_int_equal(atomic_load(&commits), 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define EACH(test) cmocka_unit_test_setup_teardown(test, open_one, close_one)
		EACH(the_feed_tells_each_change_in_order_from_any_position_in_any_step),
		EACH(a_change_says_who_why_what_was_before_and_how_the_schema_differs),
		EACH(filters_choose),
		EACH(a_change_is_as_severe_as_the_worst_of_its_fields),
		EACH(what_no_change_can_match_is_refused),
		EACH(what_retention_does_not_hold_goes_from_the_oldest_on_a_handful_at_a_time),
		EACH(what_is_old_goes_but_not_from_behind_what_is_young),
		EACH(a_position_that_is_gone_or_not_made_yet_is_out_of_range),
		EACH(a_listing_pages_through_all_in_both_directions),
		EACH(a_token_is_of_its_filter_alone),
		cmocka_unit_test(each_commit_is_told_and_a_failed_write_is_not),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
