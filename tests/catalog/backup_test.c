#include "tests/catalog/fixture.h"

#include "catalog/backup.h"
#include "catalog/check.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/stat.h>

struct writing {
	struct fixture *fixture;
	atomic_bool stop;
	atomic_uint made;
};

static void *write_on(void *state)
{
	struct writing *writing = state;
	struct fixture own = *writing->fixture;
	own.arena = arena_new();
	for (unsigned i = 0; !atomic_load(&writing->stop); i++) {
		char name[32];
		(void)snprintf(name, sizeof name, "more%u", i);
		if (make_table(&own, "d", name, "a int") != STATUS_OK)
			break;
		atomic_fetch_add(&writing->made, 1);
		arena_reset(own.arena);
	}
	arena_free(own.arena);
	return NULL;
}

static char *backup(struct fixture *f)
{
	char *file = arena_printf(f->arena, "%s/copy", f->folder);
	int fd = open(file, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_ok(catalog_backup(f->catalog, fd, &f->err), &f->err);
	assert_int_equal(close(fd), 0);
	return file;
}

static void a_copy_made_while_writes_go_on_is_consistent(void **state)
{
	(void)state;
	struct fixture f;
	fixture_open(&f, 0);
	assert_ok(make_database(&f, "d"), &f.err);
	assert_ok(make_table(&f, "d", "first", "a int"), &f.err);
	struct writing writing = {.fixture = &f};
	pthread_t thread;
	assert_int_equal(pthread_create(&thread, NULL, write_on, &writing), 0);
	for (int round = 0; round < 4; round++) {
		while (atomic_load(&writing.made) < 20u * (unsigned)(round + 1))
			(void)usleep(200);
		char *file = backup(&f);
		char *folder = arena_printf(f.arena, "%s/restored%d", f.folder, round);
		/* It is checked before it is put in place. */
		assert_ok(catalog_restore(file, folder, &f.err), &f.err);
		struct fixture copy = f;
		struct catalog_options options = {.folder = folder};
		assert_ok(catalog_open(&options, &copy.catalog, &f.err), &f.err);
		assert_non_null(get_table(&copy, "d", "first"));
		assert_non_null(get_table(&copy, "d", arena_printf(f.arena, "more%d", 20 * round)));
		assert_ok(make_table(&copy, "d", "after", "a int"), &copy.err);
		catalog_free(copy.catalog);
	}
	atomic_store(&writing.stop, true);
	assert_int_equal(pthread_join(thread, NULL), 0);
	fixture_close(&f);
}

static void what_is_no_copy_is_not_put_in_place(void **state)
{
	(void)state;
	static const struct {
		const char *label;
		off_t keep; /* -1: text instead */
	} rows[] = {{"text", -1}, {"nothing", 0}, {"two pages", 8192}, {"five pages", 20480}};
	struct fixture f;
	fixture_open(&f, 0);
	assert_ok(make_database(&f, "d"), &f.err);
	for (int i = 0; i < 60; i++)
		assert_ok(make_table(&f, "d", arena_printf(f.arena, "t%d", i), "a int"), &f.err);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char *file = backup(&f);
		char *folder = arena_printf(f.arena, "%s/restored", f.folder);
		int fd = open(file, O_RDWR | O_CLOEXEC);
		static const char garbage[16384] = "no copy";
		if (rows[i].keep < 0)
			assert_int_equal(pwrite(fd, garbage, sizeof garbage, 0), sizeof garbage);
		else
			assert_int_equal(ftruncate(fd, rows[i].keep), 0);
		(void)close(fd);
		enum status status = catalog_restore(file, folder, &f.err);
		if (status != STATUS_DATA_LOSS)
			fail_msg("%s: %s: %s", rows[i].label, status_name(status), f.err.message);
		if (!strstr(f.err.message, file) || strstr(f.err.message, ".restoring"))
			fail_msg("%s: %s", rows[i].label, f.err.message);
		struct stat there;
		assert_int_not_equal(stat(folder, &there), 0);
		assert_int_not_equal(
			stat(arena_printf(f.arena, "%s.restoring", folder), &there), 0);
	}
	fixture_close(&f);
}

static void a_catalog_that_is_there_is_left_alone(void **state)
{
	(void)state;
	struct fixture f;
	fixture_open(&f, 0);
	char *file = backup(&f);
	assert_int_equal(catalog_restore(file, f.folder, &f.err), STATUS_FAILED_PRECONDITION);
	assert_non_null(strstr(f.err.message, f.folder));
	fixture_close(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_copy_made_while_writes_go_on_is_consistent),
		cmocka_unit_test(what_is_no_copy_is_not_put_in_place),
		cmocka_unit_test(a_catalog_that_is_there_is_left_alone),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
