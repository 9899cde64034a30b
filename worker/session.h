#pragma once

#include "base/arena.h"
#include "rpc/client.h"
#include "tenon/v1/worker.pb-c.h"

/* This process's connection to the daemon, with the run's token. */
struct session {
	struct rpc_channel *channel;
	struct arena *arena; /* of the whole run */
	const char *run_id;
};

/* One call of the Worker service. `timeout_ms` as in rpc_invoke. */
enum status session_call(struct session *session, const char *method, const void *request,
	int64_t timeout_ms, struct arena *arena, void *response_out, struct error *err) MUST_USE;

/* The run has failed (or was cancelled) for this reason. */
enum status session_fail(
	struct session *session, const struct error *why, struct error *err) MUST_USE;
