#include "tests/catalog/fixture.h"

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

static Tenon__V1__Job *put_job(struct fixture *f, const char *name, bool created)
{
	Tenon__V1__Job job = TENON__V1__JOB__INIT;
	job.name = (char *)(uintptr_t)name;
	struct task task = {.what = TASK_JOB_PUT, .message = &job};
	assert_ok(task_run(f, &task), &f->err);
	assert_int_equal(task.changed, created);
	return task.out;
}

static char *put_run(struct fixture *f, uint64_t time, const char *job, Tenon__V1__RunState state)
{
	Tenon__V1__Run run = TENON__V1__RUN__INIT;
	Tenon__Store__V1__RunRecord record = TENON__STORE__V1__RUN_RECORD__INIT;
	run.id = arena_printf(f->arena, "%016llx-00000000", (unsigned long long)time);
	run.job = (char *)(uintptr_t)job;
	run.state = state;
	record.run = &run;
	MUST(f, .what = TASK_RUN_PUT, .message = &record);
	return run.id;
}

static void jobs_keep_their_id_when_put_again(void **state)
{
	struct fixture *f = *state;
	Tenon__V1__Job *first = put_job(f, "Daily", true);
	put_job(f, "daily", true); /* not folded */
	Tenon__V1__Job *again = put_job(f, "Daily", false);
	assert_int_equal(first->id, again->id);
	assert_int_equal(first->create_time_us, again->create_time_us);
	OWNED(catalog_txn) txn = NULL;
	Tenon__V1__Job **jobs;
	Tenon__V1__Job *job;
	size_t count;
	struct text token = TEXT("");
	assert_ok(catalog_read(f->catalog, &txn, &f->err), &f->err);
	static const char *const names[] = {"Daily", "daily"};
	for (int i = 0; i < 2; i++) {
		assert_ok(
			job_list(txn, token, 1, f->arena, &jobs, &count, &token, &f->err), &f->err);
		assert_int_equal(count, 1);
		assert_string_equal(jobs[0]->name, names[i]);
	}
	assert_int_equal(token.length, 0);
	assert_int_equal(job_get(txn, TEXT("DAILY"), f->arena, &job, &f->err), STATUS_NOT_FOUND);
	catalog_txn_free(TAKE(txn));
	MUST(f, .what = TASK_JOB_DELETE, .name = "Daily");
	assert_int_equal(DO(f, .what = TASK_JOB_DELETE, .name = "Daily"), STATUS_NOT_FOUND);
	assert_true(put_job(f, "Daily", true)->id > first->id);
}

static void runs_list_newest_first_of_one_job_or_of_all(void **state)
{
	struct fixture *f = *state;
	enum { RUNS = 40 };
	for (uint64_t i = 0; i < RUNS; i++)
		put_run(f, 1000 + i * 7919 % RUNS,
			i * 7919 % RUNS % 4 ? "a"
			: i % 3		    ? "b"
					    : "",
			TENON__V1__RUN_STATE__RUN_STATE_SUCCEEDED);
	OWNED(catalog_txn) txn = NULL;
	assert_ok(catalog_read(f->catalog, &txn, &f->err), &f->err);
	static const struct {
		const char *job;
		size_t count;
	} rows[] = {{"", RUNS}, {"a", 30}, {"none", 0}};
	for (size_t i = 0; i < 3; i++) {
		struct text token = TEXT("");
		size_t seen = 0;
		const char *last = "g";
		do {
			Tenon__V1__Run **runs;
			size_t count;
			assert_ok(run_list(txn, text_of(rows[i].job), token, 7, f->arena, &runs,
					  &count, &token, &f->err),
				&f->err);
			for (size_t k = 0; k < count; k++) {
				assert_true(strcmp(runs[k]->id, last) < 0);
				last = runs[k]->id;
				if (rows[i].job[0])
					assert_string_equal(runs[k]->job, rows[i].job);
			}
			seen += count;
		} while (token.length);
		assert_int_equal(seen, rows[i].count);
	}
}

static void open_runs_are_found_until_they_end(void **state)
{
	struct fixture *f = *state;
	for (uint64_t i = 0; i < 50; i++)
		put_run(f, i, "j", TENON__V1__RUN_STATE__RUN_STATE_FAILED);
	char *one = put_run(f, 70, "j", TENON__V1__RUN_STATE__RUN_STATE_QUEUED);
	put_run(f, 71, "j", TENON__V1__RUN_STATE__RUN_STATE_COMMITTING);
	put_run(f, 70, "j", TENON__V1__RUN_STATE__RUN_STATE_RUNNING);
	for (size_t left = 2; left > 0; left--) {
		OWNED(catalog_txn) txn = NULL;
		Tenon__Store__V1__RunRecord **runs;
		size_t count;
		assert_ok(catalog_read(f->catalog, &txn, &f->err), &f->err);
		assert_ok(run_list_open(txn, f->arena, &runs, &count, &f->err), &f->err);
		assert_int_equal(count, left);
		catalog_txn_free(TAKE(txn));
		if (left == 2) {
			assert_string_equal(runs[0]->run->id, one);
			assert_int_equal(
				runs[0]->run->state, TENON__V1__RUN_STATE__RUN_STATE_RUNNING);
			put_run(f, 70, "j", TENON__V1__RUN_STATE__RUN_STATE_SUCCEEDED);
		}
	}
	OWNED(catalog_txn) txn = NULL;
	Tenon__Store__V1__RunRecord *run;
	assert_ok(catalog_read(f->catalog, &txn, &f->err), &f->err);
	assert_ok(run_get(txn, text_of(one), f->arena, &run, &f->err), &f->err);
	assert_int_equal(run->run->state, TENON__V1__RUN_STATE__RUN_STATE_SUCCEEDED);
	static const char *const bad[] = {"", "x", "000000000000000100000000a", "../etc"};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_int_equal(run_get(txn, text_of(bad[i]), f->arena, &run, &f->err),
			STATUS_INVALID_ARGUMENT);
	assert_int_equal(run_get(txn, TEXT("ffffffffffffffff-00000000"), f->arena, &run, &f->err),
		STATUS_NOT_FOUND);
}

static void new_ids_are_well_formed_and_differ(void **state)
{
	(void)state;
	char a[26];
	char b[26];
	run_id_new(a);
	run_id_new(b);
	assert_int_equal(strlen(a), 25);
	assert_int_equal(a[16], '-');
	assert_string_not_equal(a, b);
	assert_true(strncmp(a, b, 16) <= 0);
}

/* Paths with a shared head of 1,000 bytes, so that their order is decided past
 * what one key of the store can hold. */
static char *path_made(struct fixture *f, int number)
{
	char *path = arena_alloc(f->arena, 1100);
	memset(path, 'p', 1000);
	memcpy(path, "/lake/", 6);
	(void)snprintf(path + 1000, 100, "/%03d%s", number, number % 3 ? "" : ".csv");
	return path;
}

static void advance(struct fixture *f, uint64_t job, const char *context, const char *run,
	int first, int count, uint64_t bytes)
{
	Tenon__V1__BookmarkUpdate update = TENON__V1__BOOKMARK_UPDATE__INIT;
	Tenon__V1__SeenFile **files = arena_array(f->arena, (size_t)count, sizeof *files);
	for (int i = 0; i < count; i++) {
		files[i] = arena_alloc(f->arena, sizeof **files);
		tenon__v1__seen_file__init(files[i]);
		files[i]->path = path_made(f, (first + i * 37) % 500);
		files[i]->bytes = bytes;
	}
	update.context = (char *)(uintptr_t)context;
	update.files = files;
	update.n_files = (size_t)count;
	(void)run;
	MUST(f, .what = TASK_BOOKMARK_ADVANCE, .id = job, .name = run, .message = &update);
}

static size_t files_of(struct fixture *f, uint64_t job, const char *context, size_t limit)
{
	struct text after = TEXT("");
	size_t seen = 0;
	for (;;) {
		OWNED(catalog_txn) txn = NULL;
		Tenon__V1__SeenFile **files;
		size_t count;
		assert_ok(catalog_read(f->catalog, &txn, &f->err), &f->err);
		assert_ok(bookmark_files(txn, job, text_of(context), after, limit, f->arena, &files,
				  &count, &f->err),
			&f->err);
		for (size_t i = 0; i < count; i++) {
			assert_true(text_compare(text_of(files[i]->path), after) > 0);
			after = text_of(files[i]->path);
		}
		seen += count;
		if (count < limit)
			return seen;
	}
}

static void bookmarks_list_files_sorted_and_reset_by_context(void **state)
{
	struct fixture *f = *state;
	uint64_t job = put_job(f, "j", true)->id;
	uint64_t other = put_job(f, "k", true)->id;
	advance(f, job, "orders", "run 1", 0, 100, 10);
	advance(f, job, "orders", "run 2", 37, 100, 20); /* all but one again, one more */
	advance(f, job, "orders2", "run 2", 0, 5, 1);
	advance(f, other, "orders", "run 3", 0, 7, 1);
	static const size_t limits[] = {1, 13, 1000};
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(files_of(f, job, "orders", limits[i]), 101);
		assert_int_equal(files_of(f, job, "orders2", limits[i]), 5);
	}
	OWNED(catalog_txn) txn = NULL;
	Tenon__V1__Bookmark **bookmarks;
	size_t count;
	assert_ok(catalog_read(f->catalog, &txn, &f->err), &f->err);
	assert_ok(bookmark_list(txn, job, f->arena, &bookmarks, &count, &f->err), &f->err);
	catalog_txn_free(TAKE(txn));
	assert_int_equal(count, 2);
	assert_string_equal(bookmarks[0]->context, "orders");
	assert_string_equal(bookmarks[0]->job, "j");
	assert_string_equal(bookmarks[0]->run_id, "run 2");
	assert_int_equal(bookmarks[0]->files, 101);
	assert_int_equal(bookmarks[0]->bytes, 10 + 100 * 20);
	struct task reset = {.what = TASK_BOOKMARK_RESET, .id = job, .name = "orders"};
	assert_ok(task_run(f, &reset), &f->err);
	assert_int_equal(reset.number, 101);
	assert_int_equal(files_of(f, job, "orders", 10), 0);
	assert_int_equal(files_of(f, job, "orders2", 10), 5);
	reset.name = "";
	assert_ok(task_run(f, &reset), &f->err);
	assert_int_equal(reset.number, 5);
	assert_int_equal(files_of(f, other, "orders", 10), 7);
	MUST(f, .what = TASK_JOB_DELETE, .name = "k");
	Tenon__V1__BookmarkUpdate late = TENON__V1__BOOKMARK_UPDATE__INIT;
	late.context = bookmarks[0]->context;
	assert_int_equal(
		DO(f, .what = TASK_BOOKMARK_ADVANCE, .id = other, .name = "r", .message = &late),
		STATUS_NOT_FOUND);
}

static size_t ledger_of(struct fixture *f, const char *prefix, size_t limit)
{
	struct text after = TEXT("");
	size_t seen = 0;
	for (;;) {
		OWNED(catalog_txn) txn = NULL;
		Tenon__V1__LedgerEntry **entries;
		size_t count;
		assert_ok(catalog_read(f->catalog, &txn, &f->err), &f->err);
		assert_ok(ledger_list(txn, TEXT("D"), text_of(prefix), after, limit, f->arena,
				  &entries, &count, &f->err),
			&f->err);
		for (size_t i = 0; i < count; i++) {
			assert_true(text_compare(text_of(entries[i]->path), after) > 0);
			assert_true(text_starts(text_of(entries[i]->path), text_of(prefix)));
			after = text_of(entries[i]->path);
		}
		seen += count;
		if (count < limit)
			return seen;
	}
}

static void put_entry(struct fixture *f, char *path, const char *table)
{
	Tenon__V1__LedgerEntry entry = TENON__V1__LEDGER_ENTRY__INIT;
	entry.path = path;
	entry.table = (char *)(uintptr_t)table;
	MUST(f, .what = TASK_LEDGER_PUT, .database = "d", .message = &entry);
}

static void the_ledger_lists_by_path_under_a_prefix(void **state)
{
	struct fixture *f = *state;
	for (int i = 0; i < 200; i++)
		put_entry(f, path_made(f, i * 37 % 200), "");
	static char shorter[] = "/lake/p";
	static char elsewhere[] = "/lane/x";
	put_entry(f, shorter, "");
	put_entry(f, elsewhere, "");
	static const size_t limits[] = {1, 16, 1000};
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(ledger_of(f, "", limits[i]), 202);
		assert_int_equal(ledger_of(f, "/lake/", limits[i]), 201);
		char *long_prefix = path_made(f, 1);
		long_prefix[1003] = 0; /* "/00" */
		assert_int_equal(ledger_of(f, long_prefix, limits[i]), 10);
	}
	MUST(f, .what = TASK_LEDGER_REMOVE, .database = "d", .path = path_made(f, 5));
	MUST(f, .what = TASK_LEDGER_REMOVE, .database = "d", .path = path_made(f, 5));
	assert_int_equal(ledger_of(f, "/lake/", 50), 200);
	char *longest = arena_alloc(f->arena, 4098);
	memset(longest, 'z', 4097);
	Tenon__V1__LedgerEntry entry = TENON__V1__LEDGER_ENTRY__INIT;
	entry.path = longest;
	assert_int_equal(DO(f, .what = TASK_LEDGER_PUT, .database = "d", .message = &entry),
		STATUS_INVALID_ARGUMENT);
	longest[4096] = 0;
	MUST(f, .what = TASK_LEDGER_PUT, .database = "d", .message = &entry);
}

static void a_dropped_table_leaves_no_ledger_behind(void **state)
{
	struct fixture *f = *state;
	assert_ok(make_database(f, "d"), &f->err);
	assert_ok(make_table(f, "d", "t", "a int"), &f->err);
	for (int i = 0; i < 600; i++)
		put_entry(f, arena_printf(f->arena, "/lake/d/t/%d.csv", i), i % 2 ? "d.t" : "d.t2");
	MUST(f, .what = TASK_TABLE_DELETE, .database = "d", .name = "t");
	assert_int_equal(ledger_of(f, "", 1000), 300);
	MUST(f, .what = TASK_DATABASE_DELETE, .name = "d");
	assert_int_equal(ledger_of(f, "", 1000), 0);
}

static size_t entries_of(struct fixture *f, const char *database, const char *table)
{
	OWNED(catalog_txn) txn = NULL;
	Tenon__V1__LedgerEntry **entries;
	size_t count;
	size_t found = 0;
	assert_ok(catalog_read(f->catalog, &txn, &f->err), &f->err);
	assert_ok(ledger_list(txn, text_of(database), TEXT(""), TEXT(""), 10000, f->arena, &entries,
			  &count, &f->err),
		&f->err);
	for (size_t i = 0; i < count; i++)
		found += strcmp(entries[i]->table, table) == 0;
	return found;
}

static void the_ledger_follows_a_table_to_its_new_name(void **state)
{
	struct fixture *f = *state;
	assert_ok(make_database(f, "d"), &f->err);
	assert_ok(make_database(f, "e"), &f->err);
	assert_ok(make_table(f, "d", "t", "a int"), &f->err);
	uint64_t id = get_table(f, "d", "t")->id;
	for (int i = 0; i < 600; i++)
		put_entry(f, arena_printf(f->arena, "/lake/d/t/%d.csv", i), i % 2 ? "d.t" : "d.t2");
	MUST(f, .what = TASK_TABLE_RENAME, .id = id, .database = "d", .name = "u");
	assert_int_equal(entries_of(f, "d", "d.u"), 300);
	assert_int_equal(entries_of(f, "d", "d.t2"), 300);
	MUST(f, .what = TASK_TABLE_RENAME, .id = id, .database = "e", .name = "t");
	assert_int_equal(entries_of(f, "e", "e.t"), 300);
	assert_int_equal(ledger_of(f, "", 1000), 300);
	MUST(f, .what = TASK_TABLE_DELETE, .database = "e", .name = "t");
	assert_int_equal(entries_of(f, "e", "e.t"), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_one, close_one)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(jobs_keep_their_id_when_put_again),
		TEST(runs_list_newest_first_of_one_job_or_of_all),
		TEST(open_runs_are_found_until_they_end),
		TEST(new_ids_are_well_formed_and_differ),
		TEST(bookmarks_list_files_sorted_and_reset_by_context),
		TEST(the_ledger_lists_by_path_under_a_prefix),
		TEST(a_dropped_table_leaves_no_ledger_behind),
		TEST(the_ledger_follows_a_table_to_its_new_name),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
