#include "base/memory.h"
#include "base/queue.h"
#include "catalog/durable.h"
#include "catalog/journal.h"
#include "catalog/journal_file.h"
#include "catalog/thread.h"

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
	struct journal *journal;
	struct durable *durable;
	struct batch *batch;
	bool cautious; /* a write of this batch failed half-way */
	void (*committed)(void *state); /* set before the first write is queued */
	void *committed_state;
	atomic_uint_fast64_t commits, writes, refusals, failures, grown;
};

static struct catalog_write *next_write(struct writer *writer, bool wait)
{
	struct catalog_write *held = TAKE(writer->held);
	if (held)
		return held;
	if (!wait)
		return queue_try_take(writer->queue);
	for (;;) {
		struct catalog_write *write =
			queue_take(writer->queue, journal_rest_ms(writer->journal));
		if (write || queue_is_drained(writer->queue))
			return write;
		journal_rest(writer->journal);
	}
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
	size_t noted = txn->changes->length;
	TRY(lmdb_status(mdb_txn_begin(txn->catalog->env, outer, 0, &txn->mdb), &item->error,
		"begin a nested write"));
	enum status status = apply_here(txn, item);
	if (status != STATUS_OK) {
		mdb_txn_abort(txn->mdb);
		txn->puts = puts;
		txn->changes->length = noted;
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
 * ask the disk again, with a nameless file that has a batch where the data file ends. */
static int commit_code(struct writer *writer, int rc)
{
	if (rc != EIO)
		return rc;
	int fd = open(writer->catalog->folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (fd < 0)
		return errno == ENOSPC ? ENOSPC : rc;
	MDB_envinfo info = {.me_last_pgno = 0};
	MDB_stat stat = {.ms_psize = 0};
	(void)mdb_env_info(writer->catalog->env, &info);
	(void)mdb_env_stat(writer->catalog->env, &stat);
	int why = posix_fallocate(fd, (off_t)(info.me_last_pgno * stat.ms_psize), BATCH_BYTES_MAX);
	(void)close(fd);
	return why == ENOSPC || why == EDQUOT || why == EFBIG ? why : rc;
}

/* What LMDB has refused is not in the journal either. */
static void commit_failed(struct writer *writer, int rc, struct error *err)
{
	journal_withdraw(writer->journal, writer->batch);
	if (rc == MDB_MAP_FULL)
		return;
	(void)lmdb_status(commit_code(writer, rc), err, "commit");
	batch_fail(writer->batch, err);
	/* Pages that were kept for the base may be what a full disk is short of. */
	journal_rest(writer->journal);
}

/* Begin, apply, commit. */
static enum verdict batch_try(struct writer *writer, bool *map_full_out, struct error *err)
{
	struct batch *batch = writer->batch;
	struct catalog_txn txn = {
		.catalog = writer->catalog, .writes = true, .changes = &batch->record};
	*map_full_out = false;
	journal_record_begin(&batch->record);
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
	if (journal_append(writer->journal, batch, err) != STATUS_OK) {
		mdb_txn_abort(txn.mdb);
		batch_fail(batch, err);
		return VERDICT_COMMIT;
	}
	int rc = mdb_txn_commit(txn.mdb);
	batch->committed = rc == MDB_SUCCESS;
	*map_full_out = rc == MDB_MAP_FULL;
	if (!batch->committed)
		commit_failed(writer, rc, err);
	else if (journal_settle(writer->journal, batch, err) != STATUS_OK)
		batch_fail(batch, err);
	return *map_full_out ? VERDICT_AGAIN : VERDICT_COMMIT;
}

static void batch_commit(struct writer *writer)
{
	struct error err = {0};
	bool map_full;
	unsigned grown = 0;
	writer->cautious = false;
	writer->batch->committed = false;
	if (journal_ready(writer->journal, &err) != STATUS_OK) {
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
		atomic_fetch_add(succeeded			   ? &writer->writes
				 : status_is_refusal(item->status) ? &writer->refusals
								   : &writer->failures,
			1);
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
	thread_writes("catalog-writer");
	for (;;) {
		writer->batch = durable_spare(writer->durable);
		if (!batch_gather(writer))
			return NULL;
		batch_commit(writer);
		durable_take(writer->durable, writer->batch);
	}
}

enum status writer_start(struct catalog *catalog, struct writer **writer_out, struct error *err)
{
	OWNED(writer) writer = memory_new(sizeof *writer);
	writer->catalog = catalog;
	writer->queue = queue_new(LIMIT_QUEUE_WRITES);
	TRY(journal_new(catalog, &writer->journal, err));
	TRY(durable_start(catalog, writer->journal, &writer->durable, err));
	if (pthread_create(&writer->thread, NULL, writer_run, writer) != 0)
		return fail(err, STATUS_RESOURCE_EXHAUSTED, "no thread for the catalog's writer");
	writer->started = true;
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
	journal_free(writer->journal);
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
		.refusals = atomic_load(&writer->refusals),
		.failures = atomic_load(&writer->failures),
		.grown = atomic_load(&writer->grown),
		.queued = queue_length(writer->queue),
		.replayed = catalog->replayed,
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
