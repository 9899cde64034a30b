#include "tests/catalog/fixture.h"
#include "tests/catalog/helper.h"

#include "catalog/key.h"
#include "catalog/store.h"

#include <dirent.h>
#include <sys/stat.h>

static void a_second_process_is_refused_with_the_pid_of_the_first(void **state)
{
	(void)state;
	struct fixture f;
	fixture_open(&f, 0);
	catalog_free(f.catalog);
	f.catalog = NULL;
	struct helper helper;
	uint64_t ready;
	helper_start(&helper, f.folder, "hold", NULL);
	assert_true(helper_read(&helper, &ready));
	assert_int_equal(catalog_open(&f.options, &f.catalog, &f.err), STATUS_FAILED_PRECONDITION);
	char pid[32];
	(void)snprintf(pid, sizeof pid, "process %d:", (int)helper.pid);
	if (!strstr(f.err.message, pid))
		fail_msg("no '%s' in: %s", pid, f.err.message);
	assert_null(f.catalog);
	helper_kill(&helper);
	helper_end(&helper);
	assert_ok(catalog_open(&f.options, &f.catalog, &f.err), &f.err);
	struct catalog *second = NULL;
	assert_int_equal(catalog_open(&f.options, &second, &f.err), STATUS_FAILED_PRECONDITION);
	fixture_close(&f);
}

static void no_descriptor_outlives_an_exec(void **state)
{
	(void)state;
	struct fixture f;
	fixture_open(&f, 0);
	DIR *all = opendir("/proc/self/fd");
	assert_non_null(all);
	int seen = 0;
	for (struct dirent *entry; (entry = readdir(all));) {
		char link[300];
		char target[300];
		(void)snprintf(link, sizeof link, "/proc/self/fd/%s", entry->d_name);
		ssize_t length = readlink(link, target, sizeof target - 1);
		if (length < 0)
			continue;
		target[length] = 0;
		if (!text_starts(text_of(target), text_of(f.folder)))
			continue;
		seen++;
		int64_t fd;
		assert_true(text_int64(text_of(entry->d_name), &fd) > 0);
		if (!(fcntl((int)fd, F_GETFD) & FD_CLOEXEC))
			fail_msg("%s stays open across exec", target);
	}
	(void)closedir(all);
	assert_true(seen >= 3); /* data, its sync twin, locks */
	fixture_close(&f);
}

static void damaged_files_are_data_loss(void **state)
{
	(void)state;
	static const struct {
		const char *label;
		off_t keep; /* of the file; -1: overwritten from the start */
	} rows[] = {{"garbage", -1}, {"cut to two pages", 8192}, {"cut to three", 12288}};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct fixture f;
		fixture_open(&f, 0);
		for (int k = 0; k < 40; k++)
			assert_ok(make_database(&f, arena_printf(f.arena, "db%d", k)), &f.err);
		catalog_free(f.catalog);
		f.catalog = NULL;
		char *path = arena_printf(f.arena, "%s/data.mdb", f.folder);
		int fd = open(path, O_RDWR);
		assert_true(fd >= 0);
		static const char garbage[16384] = "this is not a database";
		if (rows[i].keep < 0)
			assert_int_equal(pwrite(fd, garbage, sizeof garbage, 0), sizeof garbage);
		else
			assert_int_equal(ftruncate(fd, rows[i].keep), 0);
		(void)close(fd);
		enum status status = catalog_open(&f.options, &f.catalog, &f.err);
		if (status != STATUS_DATA_LOSS)
			fail_msg("%s: %s: %s", rows[i].label, status_name(status), f.err.message);
		fixture_close(&f);
	}
}

static void a_foreign_environment_is_left_alone(void **state)
{
	(void)state;
	struct fixture f;
	fixture_open(&f, 0);
	catalog_free(f.catalog);
	f.catalog = NULL;
	char *data = arena_printf(f.arena, "%s/data.mdb", f.folder);
	char *lock = arena_printf(f.arena, "%s/lock.mdb", f.folder);
	(void)remove(data);
	(void)remove(lock);
	MDB_env *env;
	MDB_txn *txn;
	MDB_dbi dbi;
	assert_int_equal(mdb_env_create(&env), 0);
	assert_int_equal(mdb_env_set_maxdbs(env, 4), 0);
	assert_int_equal(mdb_env_open(env, f.folder, 0, 0600), 0);
	assert_int_equal(mdb_txn_begin(env, NULL, 0, &txn), 0);
	assert_int_equal(mdb_dbi_open(txn, "theirs", MDB_CREATE, &dbi), 0);
	assert_int_equal(mdb_txn_commit(txn), 0);
	mdb_env_close(env);
	assert_int_equal(catalog_open(&f.options, &f.catalog, &f.err), STATUS_DATA_LOSS);
	fixture_close(&f);
}

static void folders_that_cannot_be_are_named(void **state)
{
	(void)state;
	struct error err;
	struct catalog *catalog = NULL;
	struct catalog_options options = {.folder = "/proc/none/such"};
	assert_int_equal(catalog_open(&options, &catalog, &err), STATUS_FAILED_PRECONDITION);
	assert_non_null(strstr(err.message, "/proc/none/such"));
	char long_path[5000];
	memset(long_path, 'a', sizeof long_path);
	long_path[sizeof long_path - 1] = 0;
	options.folder = long_path;
	assert_int_equal(catalog_open(&options, &catalog, &err), STATUS_INVALID_ARGUMENT);
}

static void a_missing_folder_is_made_private(void **state)
{
	(void)state;
	struct fixture f;
	fixture_open(&f, 0);
	struct catalog_options options = {.folder = arena_printf(f.arena, "%s/new", f.folder)};
	OWNED(catalog) catalog = NULL;
	assert_ok(catalog_open(&options, &catalog, &f.err), &f.err);
	struct stat stat_;
	assert_int_equal(stat(options.folder, &stat_), 0);
	assert_int_equal(stat_.st_mode & 0777, 0700);
	catalog_free(TAKE(catalog));
	fixture_close(&f);
}

static void what_was_written_is_there_after_a_reopen(void **state)
{
	(void)state;
	struct fixture f;
	fixture_open(&f, 0);
	assert_ok(make_database(&f, "d"), &f.err);
	assert_ok(make_table(&f, "d", "t", "a int"), &f.err);
	uint64_t id = get_table(&f, "d", "t")->id;
	fixture_reopen(&f);
	assert_int_equal(get_table(&f, "d", "t")->id, id);
	assert_ok(make_table(&f, "d", "u", "a int"), &f.err);
	assert_true(get_table(&f, "d", "u")->id > id);
	fixture_close(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_second_process_is_refused_with_the_pid_of_the_first),
		cmocka_unit_test(no_descriptor_outlives_an_exec),
		cmocka_unit_test(damaged_files_are_data_loss),
		cmocka_unit_test(a_foreign_environment_is_left_alone),
		cmocka_unit_test(folders_that_cannot_be_are_named),
		cmocka_unit_test(a_missing_folder_is_made_private),
		cmocka_unit_test(what_was_written_is_there_after_a_reopen),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
