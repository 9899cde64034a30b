#pragma once

#include "base/owned.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A bounded first-in first-out queue of pointers between threads. The queue
 * borrows what it carries. Any thread may call anything but queue_free. */
struct queue;

struct queue *queue_new(size_t capacity);
void queue_free(struct queue *queue); /* NULL is fine; nobody may be waiting */

bool queue_put(struct queue *queue, void *item); /* waits for room; false once closed */
bool queue_try_put(struct queue *queue, void *item); /* false when full or closed */
/* The oldest item; waits up to timeout_ms (-1: for ever). NULL when the time is
 * over, or when the queue is closed and empty. */
void *queue_take(struct queue *queue, int64_t timeout_ms);
void *queue_try_take(struct queue *queue); /* NULL when empty */
void queue_close(struct queue *queue); /* no more puts; what is inside can still be taken */
bool queue_is_drained(struct queue *queue); /* closed and empty */
size_t queue_length(struct queue *queue);

OWNABLE(queue);
