#include "tests/catalog/fixture.h"

#include "catalog/key.h"
#include "catalog/store.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/resource.h>
#include <time.h>

/* A write of one record, answered into itself. */
struct put {
	struct catalog_write write;
	char key[32];
	const char *value; /* NULL: the key */
	size_t bytes; /* of a value made up, when not 0 */
	enum status after_put; /* what apply says once it has put */
	atomic_int applied;
	atomic_int answered; /* 1 + status */
	char message[ERROR_MESSAGE_MAX];
	struct gate *gate; /* apply waits here when there is one */
	int applied_at; /* the priorities of the threads; more is less */
	int answered_at;
};

struct gate {
	pthread_mutex_t lock;
	pthread_cond_t moved;
	bool reached;
	bool opened;
};

static void gate_pass(struct gate *gate)
{
	(void)pthread_mutex_lock(&gate->lock);
	gate->reached = true;
	(void)pthread_cond_broadcast(&gate->moved);
	while (!gate->opened)
		(void)pthread_cond_wait(&gate->moved, &gate->lock);
	(void)pthread_mutex_unlock(&gate->lock);
}

static void gate_await(struct gate *gate)
{
	(void)pthread_mutex_lock(&gate->lock);
	while (!gate->reached)
		(void)pthread_cond_wait(&gate->moved, &gate->lock);
	(void)pthread_mutex_unlock(&gate->lock);
}

static void gate_open(struct gate *gate)
{
	(void)pthread_mutex_lock(&gate->lock);
	gate->opened = true;
	(void)pthread_cond_broadcast(&gate->moved);
	(void)pthread_mutex_unlock(&gate->lock);
}

static enum status put_apply(
	struct catalog_txn *txn, struct catalog_write *write, struct error *err)
{
	struct put *put = (struct put *)write;
	atomic_fetch_add(&put->applied, 1);
	put->applied_at = getpriority(PRIO_PROCESS, (id_t)gettid());
	if (put->gate)
		gate_pass(put->gate);
	struct text value = text_of(put->value ? put->value : put->key);
	OWNED(arena) arena = arena_new();
	if (put->bytes)
		value = (struct text){arena_alloc(arena, put->bytes), put->bytes};
	TRY(store_put(txn, DB_FILES, text_of(put->key), value, err));
	if (put->after_put != STATUS_OK)
		return fail(err, put->after_put, "told to fail");
	return STATUS_OK;
}

static void put_done(struct catalog_write *write, enum status status, const struct error *err)
{
	struct put *put = (struct put *)write;
	strcpy(put->message, err->message);
	put->answered_at = getpriority(PRIO_PROCESS, (id_t)gettid());
	atomic_store(&put->answered, 1 + (int)status);
}

static void put_init(struct put *put, int number)
{
	*put = (struct put){.write = {.apply = put_apply, .done = put_done}};
	(void)snprintf(put->key, sizeof put->key, "key %d", number);
}

static void put_await(struct put *put)
{
	while (!atomic_load(&put->answered))
		(void)nanosleep(&(struct timespec){0, 100000}, NULL);
}

static bool has(struct fixture *f, const char *key)
{
	OWNED(catalog_txn) txn = NULL;
	bool found;
	struct text value;
	assert_ok(catalog_read(f->catalog, &txn, &f->err), &f->err);
	assert_ok(store_find(txn, DB_FILES, text_of(key), &found, &value, &f->err), &f->err);
	return found;
}

/* The writer stands in the first write until the rest is queued behind it. */
static void batch_behind_a_gate(struct fixture *f, struct put *puts, size_t count)
{
	struct gate gate = {.lock = PTHREAD_MUTEX_INITIALIZER, .moved = PTHREAD_COND_INITIALIZER};
	struct put first;
	put_init(&first, -1);
	first.gate = &gate;
	assert_ok(catalog_submit(f->catalog, &first.write, &f->err), &f->err);
	gate_await(&gate);
	for (size_t i = 0; i < count; i++)
		assert_ok(catalog_submit(f->catalog, &puts[i].write, &f->err), &f->err);
	gate_open(&gate);
	put_await(&first);
	for (size_t i = 0; i < count; i++)
		put_await(&puts[i]);
}

static void what_queues_behind_a_sync_shares_the_next(void **state)
{
	(void)state;
	enum { COUNT = 600 };
	static struct put puts[COUNT];
	struct fixture f;
	fixture_open(&f, 0);
	for (int i = 0; i < COUNT; i++)
		put_init(&puts[i], i);
	batch_behind_a_gate(&f, puts, COUNT);
	struct catalog_stats stats;
	catalog_stats(f.catalog, &stats);
	assert_int_equal(stats.commits, 1 + 3); /* 256 + 256 + 88 */
	assert_int_equal(stats.writes, 1 + COUNT);
	for (int i = 0; i < COUNT; i++) {
		assert_int_equal(puts[i].answered, 1 + STATUS_OK);
		assert_true(has(&f, puts[i].key));
	}
	fixture_close(&f);
}

static void a_transaction_is_held_to_four_megabytes(void **state)
{
	(void)state;
	enum { COUNT = 9 };
	static struct put puts[COUNT];
	struct fixture f;
	fixture_open(&f, 0);
	for (int i = 0; i < COUNT; i++) {
		put_init(&puts[i], i);
		puts[i].bytes = 1024 * 1024;
		puts[i].write.bytes = puts[i].bytes;
	}
	batch_behind_a_gate(&f, puts, COUNT);
	struct catalog_stats stats;
	catalog_stats(f.catalog, &stats);
	assert_int_equal(stats.commits, 1 + 3); /* 4 + 4 + 1 */
	fixture_close(&f);
}

static void a_failed_write_is_undone_alone(void **state)
{
	(void)state;
	enum { COUNT = 20 };
	static struct put puts[COUNT];
	struct fixture f;
	fixture_open(&f, 0);
	for (int i = 0; i < COUNT; i++) {
		put_init(&puts[i], i);
		if (i % 5 == 3)
			puts[i].after_put = STATUS_FAILED_PRECONDITION;
	}
	batch_behind_a_gate(&f, puts, COUNT);
	for (int i = 0; i < COUNT; i++) {
		if (has(&f, puts[i].key) != (i % 5 != 3))
			fail_msg("write %d", i);
		assert_int_equal(puts[i].answered,
			1 + (i % 5 == 3 ? STATUS_FAILED_PRECONDITION : STATUS_OK));
		if (i % 5 == 3)
			assert_string_equal(puts[i].message, "told to fail");
		/* However many fail, the batch is applied once more and no oftener. */
		assert_true(atomic_load(&puts[i].applied) <= 2);
	}
	struct catalog_stats stats;
	catalog_stats(f.catalog, &stats);
	assert_int_equal(stats.commits, 2);
	assert_int_equal(stats.refusals, 4);
	assert_int_equal(stats.failures, 0);
	/* Alone in its transaction it leaves nothing either, and syncs nothing. */
	struct put alone;
	put_init(&alone, 3);
	alone.after_put = STATUS_ABORTED;
	assert_ok(catalog_submit(f.catalog, &alone.write, &f.err), &f.err);
	put_await(&alone);
	assert_int_equal(alone.answered, 1 + STATUS_ABORTED);
	assert_false(has(&f, alone.key));
	catalog_stats(f.catalog, &stats);
	assert_int_equal(stats.commits, 2);
	fixture_close(&f);
}

struct reading {
	struct fixture *fixture;
	atomic_bool stop;
	atomic_uint reads;
};

static void *read_on(void *argument)
{
	struct reading *reading = argument;
	struct error err;
	while (!atomic_load(&reading->stop)) {
		OWNED(catalog_txn) txn = NULL;
		bool found;
		struct text value;
		if (catalog_read(reading->fixture->catalog, &txn, &err) != STATUS_OK ||
			store_find(txn, DB_FILES, TEXT("key 0"), &found, &value, &err) != STATUS_OK)
			abort();
		/* The bytes are there to read, wherever the map is now. */
		if (found && value.at[0] != value.at[value.length - 1])
			abort();
		atomic_fetch_add(&reading->reads, 1);
	}
	return NULL;
}

static void the_map_grows_while_others_read(void **state)
{
	(void)state;
	enum { COUNT = 64, READERS = 3 };
	static struct put puts[COUNT];
	struct fixture f;
	fixture_open(&f, 256 * 1024);
	struct reading reading = {.fixture = &f};
	pthread_t threads[READERS];
	for (int i = 0; i < READERS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, read_on, &reading), 0);
	for (int i = 0; i < COUNT; i++) {
		put_init(&puts[i], i);
		puts[i].bytes = 128 * 1024;
		puts[i].write.bytes = puts[i].bytes;
		assert_ok(catalog_submit(f.catalog, &puts[i].write, &f.err), &f.err);
	}
	for (int i = 0; i < COUNT; i++) {
		put_await(&puts[i]);
		assert_int_equal(puts[i].answered, 1 + STATUS_OK);
	}
	while (atomic_load(&reading.reads) < 100)
		(void)nanosleep(&(struct timespec){0, 100000}, NULL);
	atomic_store(&reading.stop, true);
	for (int i = 0; i < READERS; i++)
		(void)pthread_join(threads[i], NULL);
	struct catalog_stats stats;
	catalog_stats(f.catalog, &stats);
	assert_true(stats.grown >= 5); /* 8 MB of values from 256 KB */
	fixture_reopen(&f);
	for (int i = 0; i < COUNT; i++)
		assert_true(has(&f, puts[i].key));
	fixture_close(&f);
}

static void a_full_queue_refuses_and_answers_the_rest(void **state)
{
	(void)state;
	struct put *puts = calloc(LIMIT_QUEUE_WRITES + 1, sizeof *puts);
	struct fixture f;
	fixture_open(&f, 0);
	struct gate gate = {.lock = PTHREAD_MUTEX_INITIALIZER, .moved = PTHREAD_COND_INITIALIZER};
	struct put first;
	put_init(&first, -1);
	first.gate = &gate;
	assert_ok(catalog_submit(f.catalog, &first.write, &f.err), &f.err);
	gate_await(&gate);
	for (int i = 0; i < LIMIT_QUEUE_WRITES; i++) {
		put_init(&puts[i], i % 10);
		assert_ok(catalog_submit(f.catalog, &puts[i].write, &f.err), &f.err);
	}
	put_init(&puts[LIMIT_QUEUE_WRITES], 0);
	assert_int_equal(catalog_submit(f.catalog, &puts[LIMIT_QUEUE_WRITES].write, &f.err),
		STATUS_RESOURCE_EXHAUSTED);
	gate_open(&gate);
	for (int i = 0; i < LIMIT_QUEUE_WRITES; i++) {
		put_await(&puts[i]);
		assert_int_equal(puts[i].answered, 1 + STATUS_OK);
	}
	assert_int_equal(puts[LIMIT_QUEUE_WRITES].answered, 0);
	fixture_close(&f);
	free(puts);
}

static void writes_are_behind_reads_and_answers_are_not(void **state)
{
	(void)state;
	struct fixture f;
	struct put put;
	int mine = getpriority(PRIO_PROCESS, (id_t)gettid());
	fixture_open(&f, 0);
	put_init(&put, 0);
	assert_ok(catalog_submit(f.catalog, &put.write, &f.err), &f.err);
	put_await(&put);
	assert_true(put.applied_at > mine || mine == 19);
	assert_int_equal(put.answered_at, mine);
	fixture_close(&f);
}

static void closing_applies_what_is_queued(void **state)
{
	(void)state;
	enum { COUNT = 1000 };
	static struct put puts[COUNT];
	struct fixture f;
	fixture_open(&f, 0);
	for (int i = 0; i < COUNT; i++) {
		put_init(&puts[i], i);
		assert_ok(catalog_submit(f.catalog, &puts[i].write, &f.err), &f.err);
	}
	fixture_reopen(&f);
	for (int i = 0; i < COUNT; i++) {
		assert_int_equal(puts[i].answered, 1 + STATUS_OK);
		assert_true(has(&f, puts[i].key));
	}
	fixture_close(&f);
}

static void a_full_disk_fails_the_batch_and_loses_nothing(void **state)
{
	(void)state;
	enum { COUNT = 8 };
	static struct put puts[COUNT];
	struct fixture f;
	fixture_open(&f, 0);
	struct put before;
	put_init(&before, 100);
	assert_ok(catalog_submit(f.catalog, &before.write, &f.err), &f.err);
	put_await(&before);
	/* A limit on the size of files is a disk that is full. */
	struct rlimit old;
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	struct rlimit small = {.rlim_cur = 512 * 1024, .rlim_max = old.rlim_max};
	(void)signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	for (int i = 0; i < COUNT; i++) {
		put_init(&puts[i], i);
		puts[i].bytes = 256 * 1024;
	}
	batch_behind_a_gate(&f, puts, COUNT);
	for (int i = 0; i < COUNT; i++) {
		if (puts[i].answered != 1 + STATUS_RESOURCE_EXHAUSTED)
			fail_msg("write %d: %s", i, puts[i].message);
		assert_non_null(strstr(puts[i].message, "disk is full"));
		assert_false(has(&f, puts[i].key));
	}
	assert_true(has(&f, "key 100"));
	/* With room again, the same catalog goes on. */
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	for (int i = 0; i < COUNT; i++) {
		puts[i].answered = 0;
		assert_ok(catalog_submit(f.catalog, &puts[i].write, &f.err), &f.err);
	}
	for (int i = 0; i < COUNT; i++) {
		put_await(&puts[i]);
		assert_int_equal(puts[i].answered, 1 + STATUS_OK);
	}
	fixture_reopen(&f);
	assert_true(has(&f, "key 100"));
	assert_true(has(&f, "key 7"));
	fixture_close(&f);
}

/* What the disk holds is not known then: nothing is acknowledged, nothing more is written. */
static void a_sync_that_fails_ends_writing_and_not_reading(void **state)
{
	(void)state;
	enum { COUNT = 600 };
	static struct put puts[COUNT];
	atomic_bool fails = false;
	struct fixture f;
	fixture_open(&f, 0);
	f.options.sync_fails = &fails;
	fixture_reopen(&f);
	struct put before;
	put_init(&before, -2);
	assert_ok(catalog_submit(f.catalog, &before.write, &f.err), &f.err);
	put_await(&before);
	assert_int_equal(before.answered, 1 + STATUS_OK);
	atomic_store(&fails, true);
	for (int i = 0; i < COUNT; i++)
		put_init(&puts[i], i);
	batch_behind_a_gate(&f, puts, COUNT);
	atomic_store(&fails, false);
	struct put after;
	put_init(&after, -3);
	assert_ok(catalog_submit(f.catalog, &after.write, &f.err), &f.err);
	put_await(&after);
	assert_int_equal(after.answered, 1 + STATUS_UNAVAILABLE);
	assert_int_equal(after.applied, 0);
	for (int i = 0; i < COUNT; i++) {
		assert_int_equal(puts[i].answered, 1 + STATUS_UNAVAILABLE);
		assert_non_null(strstr(puts[i].message, "restarted"));
	}
	struct catalog_stats stats;
	catalog_stats(f.catalog, &stats);
	assert_int_equal(stats.writes, 1);
	assert_true(has(&f, before.key));
	fixture_reopen(&f);
	assert_true(has(&f, before.key));
	put_init(&after, -3);
	assert_ok(catalog_submit(f.catalog, &after.write, &f.err), &f.err);
	put_await(&after);
	assert_int_equal(after.answered, 1 + STATUS_OK);
	fixture_close(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_queues_behind_a_sync_shares_the_next),
		cmocka_unit_test(a_transaction_is_held_to_four_megabytes),
		cmocka_unit_test(a_failed_write_is_undone_alone),
		cmocka_unit_test(the_map_grows_while_others_read),
		cmocka_unit_test(a_full_queue_refuses_and_answers_the_rest),
		cmocka_unit_test(closing_applies_what_is_queued),
		cmocka_unit_test(writes_are_behind_reads_and_answers_are_not),
		cmocka_unit_test(a_full_disk_fails_the_batch_and_loses_nothing),
		cmocka_unit_test(a_sync_that_fails_ends_writing_and_not_reading),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
