#include "tests/catalog/fixture.h"

#include "catalog/backup.h"
#include "catalog/check.h"
#include "catalog/export.h"
#include "catalog/key.h"
#include "catalog/store.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>

/* A store of 4 MB in a map of 1 MB at first, that may grow by 8 MB below a view. */
enum { RECORDS = 40, RECORD_BYTES = 100000, GROWTH_BYTES = 8 * 1024 * 1024, SMALL = 1200 };

static enum status record_put(struct catalog_txn *txn, void *state, struct error *err)
{
	static char bytes[RECORD_BYTES];
	char key[8];
	return store_put(txn, DB_META, key_u64_text(*(const uint64_t *)state, key),
		(struct text){bytes, sizeof bytes}, err);
}

/* Each frees as many pages as it takes. */
static void write_some(struct fixture *f, uint64_t count)
{
	for (uint64_t i = 0; i < count; i++) {
		struct error err;
		uint64_t key = i % RECORDS;
		assert_ok(catalog_write_now(f->catalog, record_put, &key, &err), &err);
	}
}

static enum status small_put(struct catalog_txn *txn, void *state, struct error *err)
{
	(void)state;
	for (uint64_t i = 0; i < SMALL; i++) {
		char path[32];
		Tenon__V1__LedgerEntry entry = TENON__V1__LEDGER_ENTRY__INIT;
		(void)snprintf(path, sizeof path, "%llu", (unsigned long long)i);
		entry.path = path;
		TRY(ledger_put(txn, TEXT("d"), &entry, err));
	}
	return STATUS_OK;
}

static void store_open(struct fixture *f)
{
	fixture_open(f, 1024 * 1024);
	f->options.view_growth_bytes = GROWTH_BYTES;
	f->options.journal_bytes = GROWTH_BYTES / 8;
	fixture_reopen(f);
	write_some(f, RECORDS);
	assert_ok(catalog_write_now(f->catalog, small_put, NULL, &f->err), &f->err);
}

static off_t store_bytes(struct fixture *f)
{
	struct stat file;
	assert_int_equal(stat(arena_printf(f->arena, "%s/data.mdb", f->folder), &file), 0);
	return file.st_size;
}

/* A copy into a pipe that nobody has read from yet. */
struct copy {
	struct fixture *fixture;
	int in;
	int out;
	pthread_t thread;
	atomic_bool ended;
	enum status status;
	struct error err;
};

static void *copy_run(void *state)
{
	struct copy *copy = state;
	copy->status = catalog_backup(copy->fixture->catalog, copy->in, &copy->err);
	(void)close(copy->in);
	atomic_store(&copy->ended, true);
	return NULL;
}

static void copy_start(struct copy *copy, struct fixture *f)
{
	int ends[2];
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	memset(copy, 0, sizeof *copy);
	copy->fixture = f;
	copy->out = ends[0];
	copy->in = ends[1];
	assert_int_equal(pthread_create(&copy->thread, NULL, copy_run, copy), 0);
	while (catalog_oldest_view_ns(f->catalog) < 50000000)
		(void)usleep(1000);
}

/* All of it, into a file. */
static char *copy_receive(struct copy *copy)
{
	char *file = arena_printf(copy->fixture->arena, "%s/copy", copy->fixture->folder);
	int fd = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	char bytes[65536];
	ssize_t got;
	while ((got = read(copy->out, bytes, sizeof bytes)) > 0)
		assert_int_equal(write(fd, bytes, (size_t)got), got);
	assert_int_equal(close(fd), 0);
	return file;
}

static void an_open_view_has_an_age(void **state)
{
	(void)state;
	struct fixture f;
	struct catalog_txn *txn;
	fixture_open(&f, 0);
	assert_int_equal(catalog_oldest_view_ns(f.catalog), 0);
	assert_ok(catalog_read(f.catalog, &txn, &f.err), &f.err);
	(void)usleep(40000);
	assert_true(catalog_oldest_view_ns(f.catalog) > 20000000);
	catalog_txn_free(txn);
	assert_int_equal(catalog_oldest_view_ns(f.catalog), 0);
	fixture_close(&f);
}

static void writes_go_on_while_a_copy_stalls(void **state)
{
	(void)state;
	struct fixture f;
	struct copy copy;
	struct catalog_stats before;
	struct catalog_stats after;
	store_open(&f);
	copy_start(&copy, &f);
	off_t bytes = store_bytes(&f);
	catalog_stats(f.catalog, &before);
	write_some(&f, RECORDS);
	catalog_stats(f.catalog, &after);
	/* It grew, in room that was made before; and reads are not held up. */
	assert_true(store_bytes(&f) > bytes + RECORDS * RECORD_BYTES / 2);
	assert_int_equal(after.grown, before.grown);
	assert_ok(make_database(&f, "later"), &f.err);
	assert_false(atomic_load(&copy.ended));
	char *file = copy_receive(&copy);
	assert_int_equal(pthread_join(copy.thread, NULL), 0);
	assert_ok(copy.status, &copy.err);
	(void)close(copy.out);
	assert_ok(catalog_restore(file, arena_printf(f.arena, "%s/restored", f.folder), &f.err),
		&f.err);
	fixture_close(&f);
}

static void a_copy_that_stalls_for_too_long_is_given_up(void **state)
{
	(void)state;
	enum { ROUNDS_MAX = 40 };
	struct fixture f;
	struct copy copy;
	store_open(&f);
	copy_start(&copy, &f);
	off_t bytes = store_bytes(&f);
	for (int i = 0; i < ROUNDS_MAX && !atomic_load(&copy.ended); i++) {
		write_some(&f, RECORDS / 4);
		(void)usleep(20000);
	}
	assert_true(atomic_load(&copy.ended));
	assert_int_equal(pthread_join(copy.thread, NULL), 0);
	assert_int_equal(copy.status, STATUS_ABORTED);
	assert_non_null(strstr(copy.err.message, "the catalog grew by"));
	(void)close(copy.out);
	assert_true(store_bytes(&f) < bytes + 4 * GROWTH_BYTES);
	/* What it held is used again. */
	write_some(&f, 2 * RECORDS);
	bytes = store_bytes(&f);
	write_some(&f, 4 * RECORDS);
	assert_true(store_bytes(&f) < bytes + RECORDS * RECORD_BYTES);
	fixture_close(&f);
}

static enum status write_meanwhile(void *state, struct text lines, struct error *err)
{
	(void)lines;
	(void)err;
	write_some(state, 3 * RECORDS);
	return STATUS_OK;
}

static void an_export_below_which_too_much_is_written_is_given_up(void **state)
{
	(void)state;
	struct fixture f;
	uint64_t records;
	store_open(&f);
	/* More than one piece of lines. */
	for (int i = 0; i < 30; i++) {
		char name[32];
		(void)snprintf(name, sizeof name, "d%d", i);
		Tenon__V1__Job job = TENON__V1__JOB__INIT;
		job.name = name;
		Tenon__V1__Job__DefaultArgsEntry entry = TENON__V1__JOB__DEFAULT_ARGS_ENTRY__INIT;
		Tenon__V1__Job__DefaultArgsEntry *entries[] = {&entry};
		char *value = arena_alloc(f.arena, 30001);
		memset(value, 'x', 30000);
		entry.key = name;
		entry.value = value;
		job.default_args = entries;
		job.n_default_args = 1;
		MUST(&f, .what = TASK_JOB_PUT, .message = &job);
	}
	struct export_options options = {.program = "test", .put = write_meanwhile, .state = &f};
	assert_int_equal(catalog_export(f.catalog, &options, &records, &f.err), STATUS_ABORTED);
	assert_non_null(strstr(f.err.message, "the catalog grew by"));
	fixture_close(&f);
}

static void no_problem(void *state, const struct check_problem *problem)
{
	(void)state;
	(void)problem;
}

static void write_at_once(void *state, const char *phase, uint64_t records)
{
	(void)phase;
	if (records == 1)
		write_some(state, 3 * RECORDS);
}

static void a_check_below_which_too_much_is_written_is_given_up(void **state)
{
	(void)state;
	struct fixture f;
	struct check_sink sink = {no_problem, NULL};
	uint64_t records;
	store_open(&f);
	struct check_watch watch = {write_at_once, &f};
	assert_int_equal(
		catalog_check_watched(f.catalog, &sink, &watch, &records, &f.err), STATUS_ABORTED);
	assert_int_equal(catalog_oldest_view_ns(f.catalog), 0);
	fixture_close(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_open_view_has_an_age),
		cmocka_unit_test(writes_go_on_while_a_copy_stalls),
		cmocka_unit_test(a_copy_that_stalls_for_too_long_is_given_up),
		cmocka_unit_test(an_export_below_which_too_much_is_written_is_given_up),
		cmocka_unit_test(a_check_below_which_too_much_is_written_is_given_up),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
