#include "formats/json.h"

#include "base/memory.h"
#include "formats/json_trace.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

enum { THREADS_MAX = 64, RECORDS_AT_ONCE = 4096 };

/* What the threads of one inference share. */
struct inference {
	const struct json_inference *how;
	struct blocks *blocks;
	struct rejects *rejects;
	_Atomic bool failed;
};

struct worker {
	struct inference *shared;
	struct json_trace *trace;
	pthread_t thread;
	enum status status;
	struct error err;
};

static enum status trace_block(struct worker *worker, struct block *block)
{
	struct inference *shared = worker->shared;
	struct json_walk walk = {.shape = shared->how->shape, .rejects = shared->rejects};
	json_walk_start(&walk, block);
	while (json_walk_next(&walk, RECORDS_AT_ONCE, json_trace_record, worker->trace)) {
		if (shared->how->stop && *shared->how->stop)
			return fail(&worker->err, STATUS_CANCELLED, "inference was stopped");
	}
	rejects_block(shared->rejects, walk.position, walk.records);
	TRY(json_walk_check(&walk, &worker->err));
	return json_trace_check(worker->trace, &worker->err);
}

static enum status trace_blocks(struct worker *worker, struct block *block)
{
	struct inference *shared = worker->shared;
	while (!atomic_load(&shared->failed)) {
		TRY(blocks_next(shared->blocks, block, &worker->err));
		if (block->length == 0)
			return STATUS_OK;
		TRY(trace_block(worker, block));
	}
	return STATUS_OK;
}

static void *work(void *argument)
{
	struct worker *worker = argument;
	struct block block = {0};
	worker->status = trace_blocks(worker, &block);
	if (worker->status != STATUS_OK)
		atomic_store(&worker->shared->failed, true);
	block_done(&block);
	return NULL;
}

/* The calling thread is one of the workers. */
static void run(struct worker *workers, unsigned count)
{
	bool started[THREADS_MAX] = {false};
	for (unsigned i = 1; i < count; i++)
		started[i] = pthread_create(&workers[i].thread, NULL, work, &workers[i]) == 0;
	(void)work(&workers[0]);
	for (unsigned i = 1; i < count; i++) {
		if (started[i])
			(void)pthread_join(workers[i].thread, NULL);
	}
}

static enum status gather(struct worker *workers, unsigned count, struct error *err)
{
	for (unsigned i = 0; i < count; i++) {
		if (workers[i].status != STATUS_OK) {
			*err = workers[i].err;
			return workers[i].status;
		}
	}
	for (unsigned i = 1; i < count; i++)
		json_trace_merge(workers[0].trace, workers[i].trace);
	return json_trace_check(workers[0].trace, err);
}

enum status json_infer_source(struct source *source, const struct json_inference *how,
	struct arena *arena, struct inferred *inferred, struct error *err)
{
	struct json_boundary boundary;
	json_boundary_init(&boundary, how->shape.framing);
	OWNED(blocks)
	blocks = blocks_new(source, &boundary.boundary, how->block_bytes, LIMIT_RECORD_BYTES);
	OWNED(rejects) rejects = rejects_new();
	struct inference shared = {.how = how, .blocks = blocks, .rejects = rejects};
	struct worker workers[THREADS_MAX] = {0};
	unsigned count = how->threads < 1 ? 1 : how->threads;
	count = count > THREADS_MAX ? THREADS_MAX : count;
	for (unsigned i = 0; i < count; i++) {
		workers[i].shared = &shared;
		workers[i].trace = json_trace_new(how->shape.wrapped);
	}
	run(workers, count);
	enum status status = gather(workers, count, err);
	if (status == STATUS_OK) {
		json_trace_result(workers[0].trace, arena, how->file, inferred);
		inferred->dialect.known = true;
		inferred->dialect.array = how->shape.framing == JSON_ARRAY;
		inferred->bad_records = rejects_count(rejects);
		rejects_list(rejects, arena, &inferred->bad, &inferred->bad_count);
	}
	for (unsigned i = 0; i < count; i++)
		json_trace_free(workers[i].trace);
	return status;
}
