#include "base/queue.h"

#include "base/memory.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

struct queue {
	pthread_mutex_t lock;
	pthread_cond_t not_empty;
	pthread_cond_t not_full;
	void **items;
	size_t capacity;
	size_t first;
	size_t length;
	bool closed;
};

struct queue *queue_new(size_t capacity)
{
	struct queue *queue = memory_new(sizeof *queue);
	queue->capacity = capacity ? capacity : 1;
	queue->items = memory_new_array(queue->capacity, sizeof *queue->items);
	pthread_condattr_t monotonic;
	(void)pthread_condattr_init(&monotonic);
	(void)pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	(void)pthread_mutex_init(&queue->lock, NULL);
	(void)pthread_cond_init(&queue->not_empty, &monotonic);
	(void)pthread_cond_init(&queue->not_full, &monotonic);
	(void)pthread_condattr_destroy(&monotonic);
	return queue;
}

void queue_free(struct queue *queue)
{
	if (!queue)
		return;
	(void)pthread_mutex_destroy(&queue->lock);
	(void)pthread_cond_destroy(&queue->not_empty);
	(void)pthread_cond_destroy(&queue->not_full);
	free(queue->items);
	free(queue);
}

static void append(struct queue *queue, void *item)
{
	queue->items[(queue->first + queue->length) % queue->capacity] = item;
	queue->length++;
	(void)pthread_cond_signal(&queue->not_empty);
}

static void *remove_first(struct queue *queue)
{
	if (queue->length == 0)
		return NULL;
	void *item = queue->items[queue->first];
	queue->first = (queue->first + 1) % queue->capacity;
	queue->length--;
	(void)pthread_cond_signal(&queue->not_full);
	return item;
}

bool queue_put(struct queue *queue, void *item)
{
	(void)pthread_mutex_lock(&queue->lock);
	while (queue->length == queue->capacity && !queue->closed)
		(void)pthread_cond_wait(&queue->not_full, &queue->lock);
	bool open = !queue->closed;
	if (open)
		append(queue, item);
	(void)pthread_mutex_unlock(&queue->lock);
	return open;
}

bool queue_try_put(struct queue *queue, void *item)
{
	(void)pthread_mutex_lock(&queue->lock);
	bool room = !queue->closed && queue->length < queue->capacity;
	if (room)
		append(queue, item);
	(void)pthread_mutex_unlock(&queue->lock);
	return room;
}

static struct timespec deadline_after(int64_t timeout_ms)
{
	struct timespec deadline;
	(void)clock_gettime(CLOCK_MONOTONIC, &deadline);
	deadline.tv_sec += timeout_ms / 1000;
	deadline.tv_nsec += (timeout_ms % 1000) * 1000000;
	if (deadline.tv_nsec >= 1000000000) {
		deadline.tv_sec++;
		deadline.tv_nsec -= 1000000000;
	}
	return deadline;
}

void *queue_take(struct queue *queue, int64_t timeout_ms)
{
	struct timespec deadline = deadline_after(timeout_ms < 0 ? 0 : timeout_ms);
	(void)pthread_mutex_lock(&queue->lock);
	while (queue->length == 0 && !queue->closed) {
		if (timeout_ms < 0) {
			(void)pthread_cond_wait(&queue->not_empty, &queue->lock);
		} else if (pthread_cond_timedwait(&queue->not_empty, &queue->lock, &deadline) !=
			   0) {
			break;
		}
	}
	void *item = remove_first(queue);
	(void)pthread_mutex_unlock(&queue->lock);
	return item;
}

void *queue_try_take(struct queue *queue)
{
	(void)pthread_mutex_lock(&queue->lock);
	void *item = remove_first(queue);
	(void)pthread_mutex_unlock(&queue->lock);
	return item;
}

void queue_close(struct queue *queue)
{
	(void)pthread_mutex_lock(&queue->lock);
	queue->closed = true;
	(void)pthread_cond_broadcast(&queue->not_empty);
	(void)pthread_cond_broadcast(&queue->not_full);
	(void)pthread_mutex_unlock(&queue->lock);
}

bool queue_is_drained(struct queue *queue)
{
	(void)pthread_mutex_lock(&queue->lock);
	bool drained = queue->closed && queue->length == 0;
	(void)pthread_mutex_unlock(&queue->lock);
	return drained;
}

size_t queue_length(struct queue *queue)
{
	(void)pthread_mutex_lock(&queue->lock);
	size_t length = queue->length;
	(void)pthread_mutex_unlock(&queue->lock);
	return length;
}
