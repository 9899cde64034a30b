#pragma once

#include "base/owned.h"

#include <stdbool.h>

/* A few threads for work that waits for disks: commits, crawls being applied,
 * staged files being removed. Neither a poller nor the catalog's writer may wait. */
struct pool;

struct pool *pool_new(unsigned threads, unsigned queue_max);
/* False when the queue is full or the pool is ending; `run` is then not called. */
bool pool_run(struct pool *pool, void (*run)(void *state), void *state);
void pool_free(struct pool *pool); /* finishes what is queued first */
OWNABLE(pool);
