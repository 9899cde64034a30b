#include "catalog/durable.h"

#include "base/memory.h"
#include "base/queue.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

enum { BATCHES = 2 }; /* one being gathered and applied, one being synced and answered */

struct durable {
	struct catalog *catalog;
	struct batch batches[BATCHES];
	struct queue *spare;
	struct queue *committed;
	pthread_t thread;
	bool started;
	atomic_int failed; /* errno of the sync that failed; 0: none */
};

static enum status sync_failed(int code, struct error *err)
{
	return fail(err, STATUS_UNAVAILABLE,
		"the disk failed to take a write (%s), and may have lost it: nothing more is "
		"written before the daemon is restarted",
		strerrordesc_np(code));
}

enum status durable_check(const struct durable *durable, struct error *err)
{
	int code = atomic_load(&durable->failed);
	return code ? sync_failed(code, err) : STATUS_OK;
}

static int sync_now(const struct catalog *catalog)
{
	if (catalog->sync_fails && atomic_load(catalog->sync_fails))
		return EIO;
	return mdb_env_sync(catalog->env, 0);
}

static void sync_batch(struct durable *durable, struct batch *batch)
{
	struct error err;
	int rc = 0;
	if (durable_check(durable, &err) == STATUS_OK)
		rc = sync_now(durable->catalog);
	if (rc)
		atomic_store(&durable->failed, rc);
	if (durable_check(durable, &err) != STATUS_OK)
		batch_fail(batch, &err);
}

static void finish(struct durable *durable, struct batch *batch)
{
	if (batch->committed)
		sync_batch(durable, batch);
	writer_answer(durable->catalog->writer, batch);
	batch->count = 0;
	(void)queue_put(durable->spare, batch);
}

static void *durable_run(void *argument)
{
	struct durable *durable = argument;
	struct batch *batch;
	while ((batch = queue_take(durable->committed, -1)))
		finish(durable, batch);
	return NULL;
}

enum status durable_start(struct catalog *catalog, struct durable **durable_out, struct error *err)
{
	OWNED(durable) durable = memory_new(sizeof *durable);
	durable->catalog = catalog;
	durable->spare = queue_new(BATCHES);
	durable->committed = queue_new(BATCHES);
	for (size_t i = 0; i < BATCHES; i++) {
		struct batch *batch = &durable->batches[i];
		batch->items = memory_new_array(LIMIT_BATCH_WRITES, sizeof *batch->items);
		(void)queue_put(durable->spare, batch);
	}
	if (pthread_create(&durable->thread, NULL, durable_run, durable) != 0)
		return fail(err, STATUS_RESOURCE_EXHAUSTED, "no thread for the catalog's syncs");
	durable->started = true;
	(void)pthread_setname_np(durable->thread, "catalog-sync");
	*durable_out = TAKE(durable);
	return STATUS_OK;
}

void durable_free(struct durable *durable)
{
	if (!durable)
		return;
	queue_close(durable->committed);
	if (durable->started)
		(void)pthread_join(durable->thread, NULL);
	queue_free(durable->committed);
	queue_free(durable->spare);
	for (size_t i = 0; i < BATCHES; i++)
		free(durable->batches[i].items);
	free(durable);
}

struct batch *durable_spare(struct durable *durable)
{
	return queue_take(durable->spare, -1);
}

void durable_take(struct durable *durable, struct batch *batch, bool more)
{
	/* Waking a thread takes longer than there is to win when nothing else waits. */
	if (!more && queue_length(durable->spare) == BATCHES - 1)
		finish(durable, batch);
	else
		(void)queue_put(durable->committed, batch);
}

bool durable_is_here(const struct durable *durable)
{
	return pthread_equal(pthread_self(), durable->thread);
}
