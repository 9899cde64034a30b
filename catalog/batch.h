#pragma once

#include "base/buffer.h"
#include "catalog/txn.h"

/* Writes that share a transaction: each with its verdict, which is OK until the sync
 * says otherwise. */
struct item {
	struct catalog_write *write;
	enum status status;
	struct error error;
};

/* One being gathered and applied, one being synced and answered: a third is not begun before
 * the first has its answers. */
enum { BATCHES = 2 };

struct batch {
	struct item *items; /* LIMIT_BATCH_WRITES of them */
	size_t count;
	bool committed; /* the disk does not know of it yet */
	struct buffer record; /* what its transaction did, for the journal */
	int journal; /* the file that its record is in; -1: none */
};

/* Those that succeeded have failed after all. */
static inline void batch_fail(struct batch *batch, const struct error *err)
{
	for (size_t i = 0; i < batch->count; i++) {
		if (batch->items[i].status != STATUS_OK)
			continue;
		batch->items[i].status = err->status;
		batch->items[i].error = *err;
	}
}

/* Every write gets its answer. */
void writer_answer(struct writer *writer, struct batch *batch);
