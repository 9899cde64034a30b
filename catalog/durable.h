#pragma once

#include "catalog/batch.h"

/* The second half of the writer: a thread that makes what was committed durable, and
 * only then answers it, while the writer applies the next batch.
 *
 * A commit has its pages on the disk and its meta page, which names them, only in the
 * kernel's memory (MDB_NOMETASYNC). Losing it there undoes that transaction and harms
 * none before it: the next commit syncs it with its own pages, before its own meta page is
 * written, and reuses only pages that neither this transaction nor the one before holds. */
struct durable;

enum status durable_start(
	struct catalog *catalog, struct durable **durable_out, struct error *err) MUST_USE;
void durable_free(struct durable *durable); /* answers what is waiting; NULL is fine */
OWNABLE(durable);

/* An empty batch to gather writes in: waits while both are on their way. */
struct batch *durable_spare(struct durable *durable);
/* Its writes have their verdicts: they are answered, in order of the batches. `more`:
 * others are queued already. */
void durable_take(struct durable *durable, struct batch *batch, bool more);
bool durable_is_here(const struct durable *durable); /* the calling thread is its own */

/* UNAVAILABLE once a sync has failed: what the disk holds is not known from there on. */
enum status durable_check(const struct durable *durable, struct error *err) MUST_USE;
