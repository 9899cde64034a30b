#pragma once

#include "catalog/batch.h"

/* The second half of the writer: a thread that syncs the journal of what was committed,
 * and only then answers it, while the writer applies the next batch. */
struct durable;
struct journal;

enum status durable_start(struct catalog *catalog, struct journal *journal,
	struct durable **durable_out, struct error *err) MUST_USE;
void durable_free(struct durable *durable); /* answers what is waiting; NULL is fine */
OWNABLE(durable);

/* An empty batch to gather writes in: waits while both are on their way. */
struct batch *durable_spare(struct durable *durable);
/* Its writes have their verdicts: they are answered, in order of the batches. */
void durable_take(struct durable *durable, struct batch *batch);
bool durable_is_here(const struct durable *durable); /* the calling thread is its own */
