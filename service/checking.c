#include "service/checking.h"

#include "base/clock.h"
#include "base/memory.h"
#include "catalog/check.h"
#include "service/guard.h"
#include "tenon/v1/operations.pb-c.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

/* Shared by the pool's thread and the stream: the last of the two frees it. */
struct checking {
	struct catalog *catalog;
	atomic_bool *busy;
	pthread_mutex_t lock;
	struct rpc_call *call; /* NULL once it has closed */
	unsigned holders;
	bool ready;
	bool sent;
	/* How far it is, and how far the client was told. */
	const char *phase;
	uint64_t records;
	uint64_t told;
	int64_t told_us;
	enum status status;
	struct error err;
	struct arena *arena;
	Tenon__V1__CheckResponse answer;
	Tenon__V1__Problem *problems[LIMIT_PROBLEMS];
};

static void let_go(struct checking *checking)
{
	(void)pthread_mutex_lock(&checking->lock);
	bool last = --checking->holders == 0;
	(void)pthread_mutex_unlock(&checking->lock);
	if (!last)
		return;
	atomic_store(checking->busy, false);
	arena_free(checking->arena);
	(void)pthread_mutex_destroy(&checking->lock);
	free(checking);
}

static void keep(void *state, const struct check_problem *problem)
{
	struct checking *checking = state;
	if (checking->answer.n_problems == LIMIT_PROBLEMS)
		return;
	Tenon__V1__Problem *kept = arena_alloc(checking->arena, sizeof *kept);
	*kept = (Tenon__V1__Problem)TENON__V1__PROBLEM__INIT;
	kept->invariant = wire_text(checking->arena, text_of(problem->invariant));
	kept->place = wire_text(checking->arena, text_of(problem->place));
	kept->message = wire_text(checking->arena, text_of(problem->message));
	checking->problems[checking->answer.n_problems++] = kept;
}

static void keep_progress(void *state, const char *phase, uint64_t records)
{
	enum { TELL_US = 250000 };
	struct checking *checking = state;
	(void)pthread_mutex_lock(&checking->lock);
	checking->phase = phase;
	checking->records = records;
	int64_t now = clock_now_us();
	if (checking->call && now - checking->told_us > TELL_US) {
		checking->told_us = now;
		rpc_stream_wake(checking->call);
	}
	(void)pthread_mutex_unlock(&checking->lock);
}

/* Locked; false when there is nothing that the client does not know. */
static bool progress_of(struct checking *checking, Tenon__V1__CheckResponse *progress_out)
{
	if (checking->told == checking->records)
		return false;
	checking->told = checking->records;
	*progress_out = (Tenon__V1__CheckResponse)TENON__V1__CHECK_RESPONSE__INIT;
	progress_out->phase = (char *)(uintptr_t)checking->phase;
	progress_out->records = checking->records;
	return true;
}

/* On a pool thread. */
static void run(void *state)
{
	struct checking *checking = state;
	struct check_sink sink = {keep, checking};
	const struct check_watch watch = {keep_progress, checking};
	uint64_t records = 0;
	checking->status =
		catalog_check_watched(checking->catalog, &sink, &watch, &records, &checking->err);
	checking->answer.problems = checking->problems;
	checking->answer.records = records;
	checking->answer.finished = true;
	(void)pthread_mutex_lock(&checking->lock);
	checking->ready = true;
	if (checking->call)
		rpc_stream_wake(checking->call);
	(void)pthread_mutex_unlock(&checking->lock);
	let_go(checking);
}

static void next(struct rpc_call *call, void *state)
{
	struct checking *checking = state;
	(void)pthread_mutex_lock(&checking->lock);
	bool ready = checking->ready;
	Tenon__V1__CheckResponse progress;
	bool told = !ready && progress_of(checking, &progress);
	(void)pthread_mutex_unlock(&checking->lock);
	if (told)
		rpc_stream_send(call, &progress.base);
	if (!ready)
		return;
	if (checking->status != STATUS_OK) {
		rpc_fail(call, &checking->err);
	} else if (checking->sent) {
		rpc_stream_end(call);
	} else {
		checking->sent = true;
		rpc_stream_send(call, &checking->answer.base);
	}
}

static void closed(void *state)
{
	struct checking *checking = state;
	(void)pthread_mutex_lock(&checking->lock);
	checking->call = NULL;
	(void)pthread_mutex_unlock(&checking->lock);
	let_go(checking);
}

static const struct rpc_stream_ops ops = {next, closed};

void check_serve(struct request *request)
{
	struct daemon *daemon = request->daemon;
	struct error err;
	if (atomic_exchange(&daemon->checking, true)) {
		request_end(request,
			fail(&err, STATUS_RESOURCE_EXHAUSTED,
				"another check is under way: try again when it has ended"),
			&err);
		return;
	}
	struct checking *checking = memory_new(sizeof *checking);
	(void)pthread_mutex_init(&checking->lock, NULL);
	checking->catalog = daemon->catalog;
	checking->busy = &daemon->checking;
	checking->call = request->call;
	checking->arena = arena_new();
	checking->answer = (Tenon__V1__CheckResponse)TENON__V1__CHECK_RESPONSE__INIT;
	checking->holders = 2;
	if (!pool_run(daemon->pool, run, checking)) {
		checking->holders = 1;
		let_go(checking);
		request_end(request,
			fail(&err, STATUS_UNAVAILABLE, "the daemon is busy or stopping: try again"),
			&err);
		return;
	}
	request_stream(request, &ops, checking);
}
