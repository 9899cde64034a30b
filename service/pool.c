#include "service/pool.h"

#include "base/memory.h"
#include "base/queue.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

struct task {
	void (*run)(void *state);
	void *state;
};

struct pool {
	struct queue *tasks;
	pthread_t *threads;
	unsigned count;
};

static void *work(void *state)
{
	struct queue *tasks = state;
	for (;;) {
		struct task *task = queue_take(tasks, -1);
		if (!task)
			return NULL;
		task->run(task->state);
		free(task);
	}
}

struct pool *pool_new(unsigned threads, unsigned queue_max)
{
	struct pool *pool = memory_new(sizeof *pool);
	pool->tasks = queue_new(queue_max);
	pool->threads = memory_new_array(threads, sizeof *pool->threads);
	for (unsigned i = 0; i < threads; i++) {
		if (pthread_create(&pool->threads[i], NULL, work, pool->tasks) != 0) {
			(void)fprintf(stderr, "no thread for the pool\n");
			abort();
		}
		pool->count++;
	}
	return pool;
}

bool pool_run(struct pool *pool, void (*run)(void *state), void *state)
{
	struct task *task = memory_new(sizeof *task);
	*task = (struct task){run, state};
	if (queue_try_put(pool->tasks, task))
		return true;
	free(task);
	return false;
}

void pool_free(struct pool *pool)
{
	if (!pool)
		return;
	queue_close(pool->tasks);
	for (unsigned i = 0; i < pool->count; i++)
		(void)pthread_join(pool->threads[i], NULL);
	queue_free(pool->tasks);
	free(pool->threads);
	free(pool);
}
