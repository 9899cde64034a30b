#include "tests/catalog/fixture.h"

#include "base/clock.h"
#include "catalog/journal_file.h"
#include "catalog/key.h"
#include "catalog/store.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

/* What a kill of the process at this moment would leave, opened: nothing is on its way. */
struct left {
	struct fixture fixture;
	enum status status;
};

static void copy_file(const char *from, const char *to, const char *name)
{
	char path[128];
	char bytes[65536];
	ssize_t got;
	(void)snprintf(path, sizeof path, "%s/%s", from, name);
	int in = open(path, O_RDONLY | O_CLOEXEC);
	if (in < 0)
		return;
	(void)snprintf(path, sizeof path, "%s/%s", to, name);
	int out = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	assert_true(out >= 0);
	while ((got = read(in, bytes, sizeof bytes)) > 0)
		assert_int_equal(write(out, bytes, (size_t)got), got);
	assert_int_equal(close(in), 0);
	assert_int_equal(close(out), 0);
}

static void left_copy(struct left *left, const struct fixture *f)
{
	memset(left, 0, sizeof *left);
	strcpy(left->fixture.folder, "/tmp/tenon-journal-XXXXXX");
	assert_non_null(mkdtemp(left->fixture.folder));
	left->fixture.arena = arena_new();
	left->fixture.options = (struct catalog_options){
		.folder = left->fixture.folder, .map_bytes = 1024 * 1024, .no_sync = true};
	copy_file(f->folder, left->fixture.folder, "data.mdb");
	copy_file(f->folder, left->fixture.folder, "journal.0");
	copy_file(f->folder, left->fixture.folder, "journal.1");
}

static uint64_t left_open(struct left *left)
{
	struct catalog_stats stats = {.replayed = 0};
	left->status =
		catalog_open(&left->fixture.options, &left->fixture.catalog, &left->fixture.err);
	if (left->status == STATUS_OK)
		catalog_stats(left->fixture.catalog, &stats);
	return stats.replayed;
}

static bool is_there(const struct fixture *f, const char *name)
{
	char path[128];
	(void)snprintf(path, sizeof path, "%s/%s", f->folder, name);
	return access(path, F_OK) == 0;
}

/* A write of `pieces` records of half a megabyte, from `key` on. */
struct much {
	uint64_t key;
	uint64_t pieces;
};
enum { PIECE_BYTES = 512 * 1024 };

static enum status much_put(struct catalog_txn *txn, void *state, struct error *err)
{
	static const char piece[PIECE_BYTES];
	const struct much *much = state;
	for (uint64_t i = 0; i < much->pieces; i++) {
		char key[8];
		TRY(store_put(txn, DB_FILES, key_u64_text(much->key + i, key),
			(struct text){piece, sizeof piece}, err));
	}
	return STATUS_OK;
}

static bool has_piece(struct fixture *f, uint64_t number)
{
	OWNED(catalog_txn) txn = NULL;
	bool found;
	struct text value = {0};
	char key[8];
	assert_ok(catalog_read(f->catalog, &txn, &f->err), &f->err);
	assert_ok(store_find(txn, DB_FILES, key_u64_text(number, key), &found, &value, &f->err),
		&f->err);
	assert_true(!found || value.length == PIECE_BYTES);
	return found;
}

static void a_closed_catalog_has_no_journal(void **state)
{
	(void)state;
	struct fixture f;
	fixture_open(&f, 0);
	assert_false(is_there(&f, "journal.0"));
	assert_ok(make_database(&f, "a"), &f.err);
	assert_true(is_there(&f, "journal.0"));
	catalog_free(f.catalog);
	assert_false(is_there(&f, "journal.0"));
	assert_false(is_there(&f, "journal.1"));
	assert_ok(catalog_open(&f.options, &f.catalog, &f.err), &f.err);
	fixture_close(&f);
}

static void what_was_committed_since_the_base_is_done_again(void **state)
{
	(void)state;
	enum { WRITES = 30 };
	struct fixture f;
	struct left left;
	fixture_open(&f, 0);
	for (int i = 0; i < WRITES; i++)
		assert_ok(make_database(&f, arena_printf(f.arena, "d%d", i)), &f.err);
	left_copy(&left, &f);
	assert_int_equal(left_open(&left), WRITES);
	assert_ok(make_table(&left.fixture, "d0", "t", "a int"), &left.fixture.err);
	assert_ok(make_table(&left.fixture, "d29", "t", "a int"), &left.fixture.err);
	fixture_close(&left.fixture);
	fixture_close(&f);
}

static void a_catalog_at_rest_has_nothing_to_do_again(void **state)
{
	(void)state;
	struct fixture f;
	uint64_t again = 1;
	fixture_open(&f, 0);
	assert_ok(make_database(&f, "a"), &f.err);
	for (int i = 0; i < 100 && again; i++) {
		struct left left;
		(void)usleep(100000);
		left_copy(&left, &f);
		again = left_open(&left);
		assert_ok(left.status, &left.fixture.err);
		assert_ok(make_table(&left.fixture, "a", "t", "a int"), &left.fixture.err);
		fixture_close(&left.fixture);
	}
	assert_int_equal(again, 0);
	fixture_close(&f);
}

static void a_base_that_is_full_is_followed_by_the_next(void **state)
{
	(void)state;
	enum { WRITES = 200 };
	struct fixture f;
	struct left left;
	struct stat file;
	fixture_open(&f, 0);
	f.options.journal_bytes = 64 * 1024;
	fixture_reopen(&f);
	for (int i = 0; i < WRITES; i++)
		assert_ok(make_database(&f, arena_printf(f.arena, "d%d", i)), &f.err);
	left_copy(&left, &f);
	assert_in_range(left_open(&left), 0, WRITES / 2);
	for (int i = 0; i < WRITES; i++)
		assert_ok(make_table(&left.fixture, arena_printf(f.arena, "d%d", i), "t", "a int"),
			&left.fixture.err);
	assert_int_equal(stat(arena_printf(f.arena, "%s/journal.1", f.folder), &file), 0);
	assert_in_range(file.st_size, JOURNAL_RECORDS, JOURNAL_RECORDS + 5 * 64 * 1024);
	fixture_close(&left.fixture);
	fixture_close(&f);
}

static void a_commit_too_big_for_the_journal_is_durable_by_itself(void **state)
{
	(void)state;
	struct much much = {.pieces = 2 + LIMIT_JOURNAL_RECORD_BYTES / PIECE_BYTES};
	struct fixture f;
	struct left left;
	fixture_open(&f, 0);
	assert_ok(make_database(&f, "before"), &f.err);
	assert_ok(catalog_write_alone(f.catalog, much_put, &much, &f.err), &f.err);
	assert_ok(make_database(&f, "after"), &f.err);
	left_copy(&left, &f);
	assert_int_equal(left_open(&left), 1);
	assert_true(has_piece(&left.fixture, much.pieces - 1));
	assert_ok(make_table(&left.fixture, "before", "t", "a int"), &left.fixture.err);
	assert_ok(make_table(&left.fixture, "after", "t", "a int"), &left.fixture.err);
	fixture_close(&left.fixture);
	fixture_close(&f);
}

/* The journal takes it, the data file does not. */
static void what_the_data_file_refuses_is_not_done_again(void **state)
{
	(void)state;
	enum { BIG = 16 };
	struct fixture f;
	struct left left;
	struct stat file;
	struct rlimit old;
	fixture_open(&f, 0);
	f.options.journal_bytes = 64 * 1024;
	fixture_reopen(&f);
	/* Larger than any file of the journal will be. */
	assert_ok(catalog_write_now(f.catalog, much_put, &(struct much){0, BIG}, &f.err), &f.err);
	assert_ok(make_database(&f, "before"), &f.err);
	assert_int_equal(stat(arena_printf(f.arena, "%s/data.mdb", f.folder), &file), 0);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	struct rlimit small = {.rlim_cur = (rlim_t)file.st_size + 4096, .rlim_max = old.rlim_max};
	(void)signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	enum status status =
		catalog_write_now(f.catalog, much_put, &(struct much){BIG, BIG / 2}, &f.err);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	assert_int_equal(status, STATUS_RESOURCE_EXHAUSTED);
	assert_non_null(strstr(f.err.message, "disk is full"));
	assert_false(has_piece(&f, BIG));
	left_copy(&left, &f);
	(void)left_open(&left);
	assert_ok(left.status, &left.fixture.err);
	assert_true(has_piece(&left.fixture, BIG - 1));
	assert_false(has_piece(&left.fixture, BIG));
	assert_ok(make_table(&left.fixture, "before", "t", "a int"), &left.fixture.err);
	fixture_close(&left.fixture);
	assert_ok(catalog_write_now(f.catalog, much_put, &(struct much){BIG, BIG / 2}, &f.err),
		&f.err);
	left_copy(&left, &f);
	(void)left_open(&left);
	assert_true(has_piece(&left.fixture, BIG));
	fixture_close(&left.fixture);
	fixture_close(&f);
}

/* The place of record `number`, from 1: each of these writes has one page. */
static uint64_t place_of(uint64_t number)
{
	return JOURNAL_RECORDS + (number - 1) * JOURNAL_PAGE;
}

static void spoil(const struct fixture *f, const char *name, uint64_t at)
{
	char path[128];
	(void)snprintf(path, sizeof path, "%s/%s", f->folder, name);
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, "spoilt", 6, (off_t)at), 6);
	assert_int_equal(close(fd), 0);
}

static void a_record_that_is_missing_before_others_is_data_loss(void **state)
{
	(void)state;
	enum { WRITES = 6 };
	struct fixture f;
	struct left left;
	fixture_open(&f, 0);
	for (int i = 0; i < WRITES; i++)
		assert_ok(make_database(&f, arena_printf(f.arena, "d%d", i)), &f.err);
	for (uint64_t spoilt = 1; spoilt <= WRITES; spoilt++) {
		left_copy(&left, &f);
		/* In its payload: the hash tells. */
		spoil(&left.fixture, "journal.0", place_of(spoilt) + JOURNAL_RECORD_HEAD + 7);
		uint64_t again = left_open(&left);
		/* The last two may not have been acknowledged, for all that the disk tells. */
		if (spoilt + 2 <= WRITES) {
			assert_int_equal(left.status, STATUS_DATA_LOSS);
			assert_non_null(strstr(left.fixture.err.message, "is missing"));
		} else {
			assert_ok(left.status, &left.fixture.err);
			assert_int_equal(again, spoilt - 1);
		}
		fixture_close(&left.fixture);
	}
	fixture_close(&f);
}

static void a_journal_and_a_data_file_that_do_not_fit_are_refused(void **state)
{
	(void)state;
	struct fixture f;
	struct fixture other;
	struct left left;
	fixture_open(&f, 0);
	fixture_open(&other, 0);
	for (int i = 0; i < 20; i++) {
		assert_ok(make_database(&f, arena_printf(f.arena, "d%d", i)), &f.err);
		fixture_reopen(&f); /* so that its base is no young one */
	}
	assert_ok(make_database(&f, "last"), &f.err);
	left_copy(&left, &f);
	copy_file(other.folder, left.fixture.folder, "data.mdb");
	(void)left_open(&left);
	assert_int_equal(left.status, STATUS_DATA_LOSS);
	assert_non_null(strstr(left.fixture.err.message, "another data.mdb"));
	assert_int_equal(remove(arena_printf(f.arena, "%s/data.mdb", left.fixture.folder)), 0);
	(void)left_open(&left);
	assert_int_equal(left.status, STATUS_DATA_LOSS);
	assert_non_null(strstr(left.fixture.err.message, "no data.mdb"));
	assert_false(is_there(&left.fixture, "data.mdb"));
	/* Nothing was touched: with its own file it opens. */
	copy_file(f.folder, left.fixture.folder, "data.mdb");
	assert_int_equal(left_open(&left), 1);
	fixture_close(&left.fixture);
	fixture_close(&other);
	fixture_close(&f);
}

static void a_head_that_is_not_whole_has_no_records(void **state)
{
	(void)state;
	struct fixture f;
	struct left left;
	fixture_open(&f, 0);
	assert_ok(make_database(&f, "a"), &f.err);
	left_copy(&left, &f);
	spoil(&left.fixture, "journal.0", 100);
	(void)left_open(&left);
	assert_int_equal(left.status, STATUS_DATA_LOSS);
	assert_non_null(strstr(left.fixture.err.message, "journal.0' is damaged"));
	fixture_close(&left.fixture);
	/* Of a first base that was being written: nothing was begun. */
	left_copy(&left, &f);
	assert_int_equal(
		truncate(arena_printf(f.arena, "%s/journal.0", left.fixture.folder), 300), 0);
	assert_int_equal(left_open(&left), 0);
	assert_ok(left.status, &left.fixture.err);
	fixture_close(&left.fixture);
	fixture_close(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_closed_catalog_has_no_journal),
		cmocka_unit_test(what_was_committed_since_the_base_is_done_again),
		cmocka_unit_test(a_catalog_at_rest_has_nothing_to_do_again),
		cmocka_unit_test(a_base_that_is_full_is_followed_by_the_next),
		cmocka_unit_test(a_commit_too_big_for_the_journal_is_durable_by_itself),
		cmocka_unit_test(what_the_data_file_refuses_is_not_done_again),
		cmocka_unit_test(a_record_that_is_missing_before_others_is_data_loss),
		cmocka_unit_test(a_journal_and_a_data_file_that_do_not_fit_are_refused),
		cmocka_unit_test(a_head_that_is_not_whole_has_no_records),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
