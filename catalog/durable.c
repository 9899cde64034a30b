#include "catalog/durable.h"

#include "base/memory.h"
#include "base/queue.h"
#include "catalog/journal.h"

#include <stdlib.h>

enum { RECORD_BYTES_KEPT = 1024 * 1024 };

struct durable {
	struct catalog *catalog;
	struct journal *journal;
	struct batch batches[BATCHES];
	struct queue *spare;
	struct queue *committed;
	pthread_t thread;
	bool started;
};

static void finish(struct durable *durable, struct batch *batch)
{
	struct error err;
	if (batch->committed && journal_sync(durable->journal, batch, &err) != STATUS_OK)
		batch_fail(batch, &err);
	writer_answer(durable->catalog->writer, batch);
	batch->count = 0;
	if (batch->record.capacity > RECORD_BYTES_KEPT)
		buffer_done(&batch->record);
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

enum status durable_start(struct catalog *catalog, struct journal *journal,
	struct durable **durable_out, struct error *err)
{
	OWNED(durable) durable = memory_new(sizeof *durable);
	durable->catalog = catalog;
	durable->journal = journal;
	durable->spare = queue_new(BATCHES);
	durable->committed = queue_new(BATCHES);
	for (size_t i = 0; i < BATCHES; i++) {
		struct batch *batch = &durable->batches[i];
		batch->items = memory_new_array(LIMIT_BATCH_WRITES, sizeof *batch->items);
		buffer_init(&batch->record, LIMIT_JOURNAL_RECORD_BYTES);
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
	for (size_t i = 0; i < BATCHES; i++) {
		free(durable->batches[i].items);
		buffer_done(&durable->batches[i].record);
	}
	free(durable);
}

struct batch *durable_spare(struct durable *durable)
{
	return queue_take(durable->spare, -1);
}

void durable_take(struct durable *durable, struct batch *batch)
{
	(void)queue_put(durable->committed, batch);
}

bool durable_is_here(const struct durable *durable)
{
	return pthread_equal(pthread_self(), durable->thread);
}
