#include "base/memory.h"
#include "catalog/runs.h"
#include "jobs/run_log.h"
#include "jobs/run_state.h"
#include "service/guard.h"
#include "service/run_view.h"

#include <stdlib.h>

/* Both streams park when there is no news and are woken by service/watch.h. */

enum { LOG_PIECE_BYTES = 64 * 1024 };

struct following {
	struct watch watch;
	struct daemon *daemon;
	struct arena *step; /* one message's memory */
	bool ended; /* the run has: what is sent next is the last */
	bool follow;
	uint64_t offset;
	const char *path;
};

static void closed(void *state)
{
	struct following *following = state;
	watches_remove(following->daemon->watches, &following->watch);
	arena_free(following->step);
	free(following);
}

static enum status look(struct following *following, Tenon__V1__Run **run_out, struct error *err)
{
	OWNED(catalog_txn) txn = NULL;
	arena_reset(following->step);
	if (watches_stopped(following->daemon->watches))
		return fail(err, STATUS_UNAVAILABLE, "the daemon is stopping");
	TRY(catalog_read(following->daemon->catalog, &txn, err));
	return run_view(following->daemon, txn, text_of(following->watch.run_id), following->step,
		run_out, err);
}

static void next_state(struct rpc_call *call, void *state)
{
	struct following *following = state;
	struct error err;
	Tenon__V1__Run *run;
	if (following->ended) {
		rpc_stream_end(call);
		return;
	}
	if (!atomic_exchange(&following->watch.news, false))
		return;
	if (look(following, &run, &err) != STATUS_OK) {
		rpc_fail(call, &err);
		return;
	}
	Tenon__V1__GetRunResponse response = TENON__V1__GET_RUN_RESPONSE__INIT;
	response.run = run;
	following->ended = run_has_ended(run->state);
	rpc_stream_send(call, &response.base);
}

/* Whether the run has ended is asked before the last read: what a worker wrote,
 * it wrote before its end was stored. */
static void next_piece(struct rpc_call *call, void *state)
{
	struct following *following = state;
	struct error err;
	Tenon__V1__Run *run;
	atomic_store(&following->watch.news, false);
	if (!following->ended) {
		if (look(following, &run, &err) != STATUS_OK) {
			rpc_fail(call, &err);
			return;
		}
		following->ended = run_has_ended(run->state) || !following->follow;
	}
	arena_reset(following->step);
	char *piece = arena_alloc(following->step, LOG_PIECE_BYTES);
	size_t got = run_log_read(following->path, following->offset, piece, LOG_PIECE_BYTES);
	if (got == 0) {
		if (following->ended)
			rpc_stream_end(call);
		return;
	}
	Tenon__V1__ReadLogResponse response = TENON__V1__READ_LOG_RESPONSE__INIT;
	following->offset += got;
	response.text = (ProtobufCBinaryData){got, (uint8_t *)piece};
	response.offset = following->offset;
	rpc_stream_send(call, &response.base);
}

static const struct rpc_stream_ops state_ops = {next_state, closed};
static const struct rpc_stream_ops log_ops = {next_piece, closed};

/* The run must be there before anything is streamed; also what keeps an id that is
 * no run's from becoming a path. */
static enum status find_run(struct request *request, const char *id, struct error *err)
{
	OWNED(catalog_txn) txn = NULL;
	Tenon__Store__V1__RunRecord *record;
	TRY(catalog_read(request->daemon->catalog, &txn, err));
	TRY(run_get(txn, text_of(id), request->arena, &record, err));
	if (strlen(record->run->id) >= WATCH_ID_BYTES)
		return fail(err, STATUS_NOT_FOUND, "run '%s' does not exist", id);
	return STATUS_OK;
}

static void start(struct request *request, const char *run_id, const struct rpc_stream_ops *ops,
	const struct following *details)
{
	struct error err;
	enum status status = find_run(request, run_id, &err);
	if (status != STATUS_OK) {
		request_end(request, status, &err);
		return;
	}
	struct following *following = memory_new(sizeof *following);
	*following = *details;
	following->daemon = request->daemon;
	following->step = arena_new();
	following->watch.call = request->call;
	(void)strncpy(following->watch.run_id, run_id, WATCH_ID_BYTES - 1);
	/* Before the stream begins: from its first look on, no change is missed. */
	watches_add(request->daemon->watches, &following->watch);
	request_stream(request, ops, following);
}

void watch_run(struct request *request)
{
	const Tenon__V1__GetRunRequest *in = request->in;
	start(request, in->run_id, &state_ops, &(struct following){0});
}

void read_log(struct request *request)
{
	const Tenon__V1__ReadLogRequest *in = request->in;
	struct following details = {.follow = in->follow, .offset = in->offset};
	details.watch.of_log = in->follow;
	details.path = run_log_path(request->arena, request->daemon->log_folder, in->run_id);
	start(request, in->run_id, &log_ops, &details);
}
