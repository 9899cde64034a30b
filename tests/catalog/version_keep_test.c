#include "tests/catalog/fixture.h"

#include "base/clock.h"
#include "catalog/check.h"
#include "catalog/version_keep.h"

#include <time.h>

/* Which versions stay: pinned, deleted by hand, by retention. */

enum { VERSIONS = 12 };

struct keep {
	struct fixture f;
	enum {
		PIN,
		UNPIN,
		DELETE,
		RETAIN,
		SKIP,
	} what;
	uint64_t version;
	const char *label;
	const char *table; /* NULL: of all */
	const Tenon__V1__Retention *retention;
};

static int open_one(void **state)
{
	struct keep *k = calloc(1, sizeof *k);
	fixture_open(&k->f, 0);
	assert_ok(make_database(&k->f, "d"), &k->f.err);
	*state = k;
	return 0;
}

static void problem(void *state, const struct check_problem *problem)
{
	(void)state;
	fail_msg("%s: %s: %s", problem->invariant, problem->place, problem->message);
}

static int close_one(void **state)
{
	struct keep *k = *state;
	struct check_sink sink = {problem, NULL};
	uint64_t records;
	assert_ok(catalog_check(k->f.catalog, &sink, &records, &k->f.err), &k->f.err);
	fixture_close(&k->f);
	free(k);
	return 0;
}

static enum status apply(struct catalog_txn *txn, void *state, struct error *err)
{
	struct keep *k = state;
	struct text table = text_of(k->table ? k->table : "");
	struct text database = text_of(k->table ? "D" : "");
	Tenon__V1__TableVersion *version;
	Tenon__V1__Table *now;
	switch (k->what) {
	case PIN:
		return version_pin(txn, database, table, k->version, text_of(k->label), k->f.arena,
			&version, err);
	case UNPIN:
		return version_unpin(txn, database, table, k->version, k->f.arena, &version, err);
	case DELETE:
		return version_delete(txn, database, table, k->version, err);
	case RETAIN:
		return retention_put(txn, database, table, k->retention, k->f.arena, err);
	case SKIP:
		TRY(table_get(txn, database, table, k->f.arena, &now, err));
		return version_skip(txn, now, err);
	}
	return STATUS_UNKNOWN;
}

static enum status act(struct keep *k, int what, const char *table, uint64_t version,
	const char *label, const Tenon__V1__Retention *retention)
{
	k->what = what;
	k->table = table;
	k->version = version;
	k->label = label;
	k->retention = retention;
	return catalog_write_now(k->f.catalog, apply, k, &k->f.err);
}

static void update(struct keep *k, const char *name, uint64_t number)
{
	Tenon__V1__Table *table = table_made(k->f.arena, "d", name, "a int");
	table->description = arena_printf(k->f.arena, "%u", (unsigned)number);
	if (number == 0)
		MUST(&k->f, .what = TASK_TABLE_CREATE, .message = table);
	else
		MUST(&k->f, .what = TASK_TABLE_UPDATE, .message = table);
}

static void grow(struct keep *k, const char *name, uint64_t count)
{
	for (uint64_t i = 0; i < count; i++)
		update(k, name, i);
}

/* "0 3! 11": the versions that are there, oldest first, pinned ones with a mark. */
static const char *versions_of(struct keep *k, const char *name)
{
	OWNED(catalog_txn) txn = NULL;
	Tenon__V1__TableVersion **versions;
	size_t count;
	struct text next;
	const char *text = "";
	struct error *err = &k->f.err;
	assert_ok(catalog_read(k->f.catalog, &txn, err), err);
	assert_ok(version_list(txn, TEXT("d"), text_of(name), TEXT(""), 0, VERSIONS_WITH_TABLES,
			  k->f.arena, &versions, &count, &next, err),
		err);
	for (size_t i = count; i-- > 0;) {
		char number[24];
		(void)snprintf(number, sizeof number, "%u", (unsigned)versions[i]->version);
		assert_string_equal(versions[i]->table->description, number);
		text = arena_printf(k->f.arena, "%s%s%s%s", text, text[0] ? " " : "", number,
			versions[i]->pinned ? "!" : "");
	}
	return text;
}

struct trimming {
	struct retention_due due, then;
	size_t removed;
};

static enum status trim(struct catalog_txn *txn, void *state, struct error *err)
{
	struct trimming *t = state;
	t->then = t->due;
	return retention_remove(txn, &t->then, 3, &t->removed, err);
}

/* All that the chore does until it rests. */
static void retain(struct keep *k)
{
	struct error *err = &k->f.err;
	struct retention_walk walk = {0};
	struct trimming t = {.removed = 0};
	while (!walk.ended || t.due.table) {
		if (t.due.table) {
			assert_ok(catalog_write_now(k->f.catalog, trim, &t, err), err);
			t.due = t.then;
			continue;
		}
		OWNED(catalog_txn) txn = NULL;
		assert_ok(catalog_read(k->f.catalog, &txn, err), err);
		assert_ok(retention_look(txn, &walk, &t.due, err), err);
	}
}

static void a_pinned_version_cannot_be_deleted_until_it_is_unpinned(void **state)
{
	struct keep *k = *state;
	grow(k, "t", 4);
	assert_ok(act(k, PIN, "t", 1, "report", NULL), &k->f.err);
	assert_ok(act(k, PIN, "t", 1, "report", NULL), &k->f.err);
	assert_int_equal(act(k, PIN, "t", 2, "report", NULL), STATUS_ALREADY_EXISTS);
	assert_int_equal(act(k, PIN, "t", 9, "", NULL), STATUS_NOT_FOUND);
	assert_ok(act(k, PIN, "t", 2, "", NULL), &k->f.err);
	assert_ok(act(k, PIN, "t", 3, "", NULL), &k->f.err);
	assert_string_equal(versions_of(k, "t"), "0 1! 2! 3!");
	assert_int_equal(act(k, DELETE, "t", 1, "", NULL), STATUS_FAILED_PRECONDITION);
	assert_ok(act(k, UNPIN, "t", 1, "", NULL), &k->f.err);
	assert_ok(act(k, UNPIN, "t", 1, "", NULL), &k->f.err);
	assert_ok(act(k, DELETE, "t", 1, "", NULL), &k->f.err);
	assert_ok(act(k, PIN, "t", 2, "report", NULL), &k->f.err);
	assert_string_equal(versions_of(k, "t"), "0 2! 3!");
}

static void all_but_the_current_version_can_be_deleted(void **state)
{
	struct keep *k = *state;
	grow(k, "t", VERSIONS);
	assert_int_equal(act(k, DELETE, "t", VERSIONS - 1, "", NULL), STATUS_INVALID_ARGUMENT);
	assert_int_equal(act(k, DELETE, "t", VERSIONS, "", NULL), STATUS_NOT_FOUND);
	for (uint64_t v = 0; v + 1 < VERSIONS; v++) {
		assert_ok(act(k, DELETE, "t", v, "", NULL), &k->f.err);
		assert_int_equal(act(k, DELETE, "t", v, "", NULL), STATUS_NOT_FOUND);
	}
	assert_string_equal(versions_of(k, "t"), "11");
	update(k, "t", VERSIONS);
	assert_string_equal(versions_of(k, "t"), "11 12");
}

static void a_skipped_version_leaves_its_number_and_no_record(void **state)
{
	struct keep *k = *state;
	grow(k, "t", 1);
	for (uint64_t v = 1; v < 600; v++) {
		update(k, "t", v);
		assert_ok(act(k, SKIP, "t", 0, "", NULL), &k->f.err);
		if (v == 300)
			assert_ok(act(k, PIN, "t", v, "kept", NULL), &k->f.err);
	}
	assert_string_equal(versions_of(k, "t"), "300! 599");
	assert_int_equal(get_table(&k->f, "d", "t")->version, 599);
}

static void retention_keeps_so_many_versions(void **state)
{
	static const struct {
		uint64_t keep;
		const char *left;
	} rows[] = {
		{0, "0 1 2! 3 4 5! 6 7 8 9 10 11"},
		{20, "0 1 2! 3 4 5! 6 7 8 9 10 11"},
		{10, "0 1 2! 3 4 5! 6 7 8 9 10 11"},
		{9, "1 2! 3 4 5! 6 7 8 9 10 11"},
		{5, "2! 5! 7 8 9 10 11"},
		{1, "2! 5! 11"},
	};
	struct keep *k = *state;
	grow(k, "before", 2);
	grow(k, "t", VERSIONS);
	grow(k, "z", 3);
	assert_ok(act(k, PIN, "t", 2, "", NULL), &k->f.err);
	assert_ok(act(k, PIN, "t", 5, "", NULL), &k->f.err);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		Tenon__V1__Retention retention = TENON__V1__RETENTION__INIT;
		retention.versions = rows[i].keep;
		assert_ok(act(k, RETAIN, "t", 0, "", &retention), &k->f.err);
		retain(k);
		assert_string_equal(versions_of(k, "t"), rows[i].left);
		assert_string_equal(versions_of(k, "before"), "0 1");
	}
	Tenon__V1__Retention of_all = TENON__V1__RETENTION__INIT;
	of_all.versions = 2;
	assert_ok(act(k, RETAIN, NULL, 0, "", &of_all), &k->f.err);
	retain(k);
	assert_string_equal(versions_of(k, "t"), "2! 5! 11");
	assert_string_equal(versions_of(k, "z"), "1 2");
	assert_string_equal(versions_of(k, "before"), "0 1");
	assert_ok(act(k, UNPIN, "t", 2, "", NULL), &k->f.err);
	retain(k);
	assert_string_equal(versions_of(k, "t"), "5! 11"); /* by its own */
	assert_ok(act(k, RETAIN, "t", 0, "", NULL), &k->f.err);
	update(k, "t", VERSIONS);
	retain(k);
	assert_string_equal(versions_of(k, "t"), "5! 11 12"); /* as all */
}

static void retention_keeps_what_was_current_within_a_time(void **state)
{
	struct keep *k = *state;
	Tenon__V1__Retention retention = TENON__V1__RETENTION__INIT;
	grow(k, "t", 3);
	retention.versions_s = 1;
	assert_ok(act(k, RETAIN, NULL, 0, "", &retention), &k->f.err);
	retain(k);
	assert_string_equal(versions_of(k, "t"), "0 1 2");
	int64_t made = clock_now_us();
	while (clock_now_us() < made + 2100000)
		(void)nanosleep(&(struct timespec){0, 50000000}, NULL);
	update(k, "t", 3);
	retain(k);
	/* The third was current until just now. */
	assert_string_equal(versions_of(k, "t"), "2 3");
}

static void a_retention_that_cannot_be_is_refused(void **state)
{
	struct keep *k = *state;
	grow(k, "t", 1);
	static const struct {
		const char *label;
		const char *table;
		Tenon__V1__Retention retention;
		enum status status;
	} rows[] = {
#define BASE .base = PROTOBUF_C_MESSAGE_INIT(&tenon__v1__retention__descriptor)
		{"no table", "none", {BASE, .versions = 1}, STATUS_NOT_FOUND},
		{"an age below nothing", NULL, {BASE, .versions_s = -1}, STATUS_INVALID_ARGUMENT},
		{"an age past all reason", NULL, {BASE, .versions_s = INT64_MAX},
			STATUS_INVALID_ARGUMENT},
		{"dropped tables of one table", "t", {BASE, .dropped_s = 5},
			STATUS_INVALID_ARGUMENT},
		{"changes of one table", "t", {BASE, .feed_s = 5}, STATUS_INVALID_ARGUMENT},
		{"audit entries of one table", "t", {BASE, .audit_s = -1}, STATUS_INVALID_ARGUMENT},
		{"changes past all reason", NULL, {BASE, .feed_s = INT64_MAX},
			STATUS_INVALID_ARGUMENT},
		{"changes and audit entries", NULL, {BASE, .feed_s = 5, .audit_s = -1}, STATUS_OK},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		enum status status = act(k, RETAIN, rows[i].table, 0, "", &rows[i].retention);
		if (status != rows[i].status)
			fail_msg("%s: %s", rows[i].label, status_name(status));
	}
}

static void pins_and_retention_go_with_their_table(void **state)
{
	struct keep *k = *state;
	Tenon__V1__Retention retention = TENON__V1__RETENTION__INIT;
	grow(k, "t", 3);
	retention.versions = 1;
	assert_ok(act(k, PIN, "t", 0, "kept", NULL), &k->f.err);
	assert_ok(act(k, RETAIN, "t", 0, "", &retention), &k->f.err);
	MUST(&k->f, .what = TASK_TABLE_DELETE, .database = "d", .name = "t");
	grow(k, "t", 3);
	retain(k);
	assert_string_equal(versions_of(k, "t"), "0 1 2");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_one, close_one)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_pinned_version_cannot_be_deleted_until_it_is_unpinned),
		TEST(all_but_the_current_version_can_be_deleted),
		TEST(a_skipped_version_leaves_its_number_and_no_record),
		TEST(retention_keeps_so_many_versions),
		TEST(retention_keeps_what_was_current_within_a_time),
		TEST(a_retention_that_cannot_be_is_refused),
		TEST(pins_and_retention_go_with_their_table),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
