#include "base/memory.h"
#include "base/queue.h"
#include "catalog/durable.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

/* Everything queued while the last batch was applied is the next transaction. */
enum { BATCH_BYTES_MAX = 4 * 1024 * 1024, GROWN_MAX = 48 };

struct writer {
	struct catalog *catalog;
	struct queue *queue;
	pthread_t thread;
	bool started;
	struct catalog_write *held; /* would have made the last batch too big */
	struct durable *durable;
	struct batch *batch;
	bool cautious; /* a write of this batch failed half-way */
	void (*committed)(void *state); /* set before the first write is queued */
	void *committed_state;
	atomic_uint_fast64_t commits, writes, failures, grown;
};

static struct catalog_write *next_write(struct writer *writer, bool wait)
{
	struct catalog_write *held = TAKE(writer->held);
	if (held)
		return held;
	return wait ? queue_take(writer->queue, -1) : queue_try_take(writer->queue);
}

/* False when the queue is closed and empty. */
static bool batch_gather(struct writer *writer)
{
	size_t bytes = 0;
	struct batch *batch = writer->batch;
	while (batch->count < LIMIT_BATCH_WRITES) {
		struct catalog_write *write = next_write(writer, batch->count == 0);
		if (!write)
			break;
		bytes += write->bytes;
		if (batch->count > 0 && bytes > BATCH_BYTES_MAX) {
			writer->held = write;
			break;
		}
		batch->items[batch->count++] = (struct item){.write = write};
	}
	return batch->count > 0;
}

static enum status apply_here(struct catalog_txn *txn, struct item *item)
{
	txn->author = (struct author){"local", ""};
	enum status status = item->write->apply(txn, item->write, &item->error);
	if (status == STATUS_OK)
		status = txn_settle(txn, &item->error);
	txn_forget(txn);
	return status;
}

static enum status apply_nested(struct catalog_txn *txn, struct item *item)
{
	MDB_txn *outer = txn->mdb;
	uint64_t puts = txn->puts;
	TRY(lmdb_status(mdb_txn_begin(txn->catalog->env, outer, 0, &txn->mdb), &item->error,
		"begin a nested write"));
	enum status status = apply_here(txn, item);
	if (status != STATUS_OK) {
		mdb_txn_abort(txn->mdb);
		txn->puts = puts;
	} else {
		int rc = mdb_txn_commit(txn->mdb);
		txn->map_full = txn->map_full || rc == MDB_MAP_FULL;
		status = lmdb_status(rc, &item->error, "commit a nested write");
	}
	txn->mdb = outer;
	return status;
}

enum verdict { VERDICT_COMMIT, VERDICT_AGAIN };

/* Each write in turn. Nearly all succeed, or fail before their first put, so they share
 * the transaction as it is: a nested one copies every page that it touches. AGAIN: the
 * map is full, or the transaction holds half of a failed write. */
static enum verdict batch_apply(struct writer *writer, struct catalog_txn *txn)
{
	for (size_t i = 0; i < writer->batch->count; i++) {
		struct item *item = &writer->batch->items[i];
		uint64_t puts = txn->puts;
		item->status = writer->cautious ? apply_nested(txn, item) : apply_here(txn, item);
		if (txn->map_full)
			return VERDICT_AGAIN;
		if (item->status == STATUS_OK || txn->puts == puts)
			continue;
		if (writer->batch->count > 1)
			return VERDICT_AGAIN;
		txn->puts = 0; /* alone: so it is aborted */
	}
	return VERDICT_COMMIT;
}

/* None of them was applied. */
static void batch_refuse(struct writer *writer, const struct error *err)
{
	for (size_t i = 0; i < writer->batch->count; i++)
		writer->batch->items[i].status = STATUS_OK;
	batch_fail(writer->batch, err);
}

/* LMDB reports a short write, which is how a disk says that it is full, as EIO:
 * ask the disk again, with a nameless file as large as a batch. */
static int commit_code(struct writer *writer, int rc)
{
	if (rc != EIO)
		return rc;
	int fd = open(writer->catalog->folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (fd < 0)
		return errno == ENOSPC ? ENOSPC : rc;
	int why = posix_fallocate(fd, 0, BATCH_BYTES_MAX);
	(void)close(fd);
	return why == ENOSPC || why == EDQUOT || why == EFBIG ? why : rc;
}

/* Begin, apply, commit. */
static enum verdict batch_try(struct writer *writer, bool *map_full_out, struct error *err)
{
	struct catalog_txn txn = {.catalog = writer->catalog, .writes = true};
	*map_full_out = false;
	enum status status = lmdb_status(
		mdb_txn_begin(writer->catalog->env, NULL, 0, &txn.mdb), err, "begin a write");
	if (status != STATUS_OK) {
		batch_refuse(writer, err);
		return VERDICT_COMMIT;
	}
	enum verdict verdict = batch_apply(writer, &txn);
	*map_full_out = txn.map_full;
	if (verdict == VERDICT_AGAIN || txn.puts == 0) {
		mdb_txn_abort(txn.mdb);
		return verdict;
	}
	int rc = mdb_txn_commit(txn.mdb);
	if (rc == MDB_MAP_FULL) {
		*map_full_out = true;
		return VERDICT_AGAIN;
	}
	writer->batch->committed = rc == MDB_SUCCESS;
	if (lmdb_status(commit_code(writer, rc), err, "commit") != STATUS_OK)
		batch_fail(writer->batch, err);
	return VERDICT_COMMIT;
}

static void batch_commit(struct writer *writer)
{
	struct error err = {0};
	bool map_full;
	unsigned grown = 0;
	writer->cautious = false;
	writer->batch->committed = false;
	if (durable_check(writer->durable, &err) != STATUS_OK) {
		batch_refuse(writer, &err);
		return;
	}
	while (batch_try(writer, &map_full, &err) == VERDICT_AGAIN) {
		if (!map_full) {
			writer->cautious = true; /* each by itself from here on: one round more */
			continue;
		}
		enum status status = map_grow(writer->catalog, &err);
		if (status == STATUS_OK && ++grown > GROWN_MAX)
			status = fail(&err, STATUS_RESOURCE_EXHAUSTED, "the map keeps being full");
		if (status != STATUS_OK) {
			batch_refuse(writer, &err);
			break;
		}
		atomic_fetch_add(&writer->grown, 1);
	}
}

void writer_answer(struct writer *writer, struct batch *batch)
{
	bool durable = false;
	for (size_t i = 0; i < batch->count; i++) {
		const struct item *item = &batch->items[i];
		bool succeeded = item->status == STATUS_OK;
		durable = durable || (succeeded && batch->committed);
		atomic_fetch_add(succeeded ? &writer->writes : &writer->failures, 1);
	}
	if (durable)
		atomic_fetch_add(&writer->commits, 1);
	for (size_t i = 0; i < batch->count; i++) {
		const struct item *item = &batch->items[i];
		item->write->done(item->write, item->status, &item->error);
	}
	if (durable && writer->committed)
		writer->committed(writer->committed_state);
}

static void *writer_run(void *argument)
{
	struct writer *writer = argument;
	for (;;) {
		writer->batch = durable_spare(writer->durable);
		if (!batch_gather(writer))
			return NULL;
		batch_commit(writer);
		bool more = writer->held || queue_length(writer->queue) > 0;
		durable_take(writer->durable, writer->batch, more);
	}
}

enum status writer_start(struct catalog *catalog, struct writer **writer_out, struct error *err)
{
	OWNED(writer) writer = memory_new(sizeof *writer);
	writer->catalog = catalog;
	writer->queue = queue_new(LIMIT_QUEUE_WRITES);
	TRY(durable_start(catalog, &writer->durable, err));
	/* What a commit leaves unsynced is the meta page: see durable.h. */
	TRY(lmdb_status(mdb_env_set_flags(catalog->env, MDB_NOMETASYNC, 1), err, "set flags"));
	if (pthread_create(&writer->thread, NULL, writer_run, writer) != 0)
		return fail(err, STATUS_RESOURCE_EXHAUSTED, "no thread for the catalog's writer");
	writer->started = true;
	(void)pthread_setname_np(writer->thread, "catalog-writer");
	*writer_out = TAKE(writer);
	return STATUS_OK;
}

void writer_free(struct writer *writer)
{
	if (!writer)
		return;
	queue_close(writer->queue);
	if (writer->started)
		(void)pthread_join(writer->thread, NULL);
	durable_free(writer->durable);
	queue_free(writer->queue);
	free(writer);
}

enum status catalog_submit(struct catalog *catalog, struct catalog_write *write, struct error *err)
{
	if (queue_try_put(catalog->writer->queue, write))
		return STATUS_OK;
	return fail(err, STATUS_RESOURCE_EXHAUSTED,
		"%d writes are waiting already: try again later", LIMIT_QUEUE_WRITES);
}

void catalog_on_commit(struct catalog *catalog, void (*committed)(void *state), void *state)
{
	catalog->writer->committed = committed;
	catalog->writer->committed_state = state;
}

void catalog_act_as(struct catalog_txn *txn, const struct author *author)
{
	assert(txn->writes);
	txn->author = *author;
}

void catalog_stats(struct catalog *catalog, struct catalog_stats *stats_out)
{
	struct writer *writer = catalog->writer;
	*stats_out = (struct catalog_stats){
		.commits = atomic_load(&writer->commits),
		.writes = atomic_load(&writer->writes),
		.failures = atomic_load(&writer->failures),
		.grown = atomic_load(&writer->grown),
		.queued = queue_length(writer->queue),
	};
}

/* A write that somebody waits for. */
struct waiting {
	struct catalog_write write; /* first: done() gets it back */
	enum status (*apply)(struct catalog_txn *txn, void *state, struct error *err);
	void *state;
	struct error *err;
	enum status status;
	pthread_mutex_t lock;
	pthread_cond_t finished;
	bool is_finished;
};

static enum status waiting_apply(
	struct catalog_txn *txn, struct catalog_write *write, struct error *err)
{
	struct waiting *waiting = (struct waiting *)write;
	return waiting->apply(txn, waiting->state, err);
}

static void waiting_done(struct catalog_write *write, enum status status, const struct error *err)
{
	struct waiting *waiting = (struct waiting *)write;
	(void)pthread_mutex_lock(&waiting->lock);
	waiting->status = status;
	if (status != STATUS_OK)
		*waiting->err = *err;
	waiting->is_finished = true;
	(void)pthread_cond_signal(&waiting->finished);
	(void)pthread_mutex_unlock(&waiting->lock);
}

static enum status write_and_wait(struct catalog *catalog,
	enum status (*apply)(struct catalog_txn *txn, void *state, struct error *err), void *state,
	size_t bytes, struct error *err)
{
	assert(!pthread_equal(pthread_self(), catalog->writer->thread));
	assert(!durable_is_here(catalog->writer->durable));
	struct waiting waiting = {
		.write = {.apply = waiting_apply, .done = waiting_done, .bytes = bytes},
		.apply = apply,
		.state = state,
		.err = err,
		.lock = PTHREAD_MUTEX_INITIALIZER,
		.finished = PTHREAD_COND_INITIALIZER,
	};
	TRY(catalog_submit(catalog, &waiting.write, err));
	(void)pthread_mutex_lock(&waiting.lock);
	while (!waiting.is_finished)
		(void)pthread_cond_wait(&waiting.finished, &waiting.lock);
	(void)pthread_mutex_unlock(&waiting.lock);
	(void)pthread_mutex_destroy(&waiting.lock);
	(void)pthread_cond_destroy(&waiting.finished);
	return waiting.status;
}

enum status catalog_write_now(struct catalog *catalog,
	enum status (*apply)(struct catalog_txn *txn, void *state, struct error *err), void *state,
	struct error *err)
{
	return write_and_wait(catalog, apply, state, 0, err);
}

enum status catalog_write_alone(struct catalog *catalog,
	enum status (*apply)(struct catalog_txn *txn, void *state, struct error *err), void *state,
	struct error *err)
{
	/* Neither fits behind another nor lets another in behind it. */
	return write_and_wait(catalog, apply, state, BATCH_BYTES_MAX + 1, err);
}
