#include "service/guard.h"

#include "base/memory.h"

#include <stdlib.h>

struct guard {
	struct guarded guarded;
	struct access *access;
	const struct rpc_stream_ops *ops;
	void *state;
	struct arena *arena; /* of the caller and the place */
	struct caller caller;
	unsigned allowed;
	struct place place;
};

static enum status still(struct guard *guard, struct error *err)
{
	if (!access_lives(guard->access, &guard->caller))
		return fail(err, STATUS_UNAUTHENTICATED,
			"the token has expired or was revoked while the stream ran");
	if (guard->allowed &&
		!access_rights(guard->access, &guard->caller, guard->allowed, &guard->place))
		return fail(err, STATUS_PERMISSION_DENIED,
			"the grant that allowed this stream was taken away while it ran");
	return STATUS_OK;
}

static void next(struct rpc_call *call, void *state)
{
	struct guard *guard = state;
	struct error err;
	if (still(guard, &err) == STATUS_OK)
		guard->ops->next(call, guard->state);
	else
		rpc_fail(call, &err);
}

static void closed(void *state)
{
	struct guard *guard = state;
	access_unguard(guard->access, &guard->guarded);
	guard->ops->closed(guard->state);
	arena_free(guard->arena);
	free(guard);
}

static const struct rpc_stream_ops guard_ops = {next, closed};

void request_stream(struct request *request, const struct rpc_stream_ops *ops, void *state)
{
	request_note(request, STATUS_OK, NULL);
	if (!access_enforced(request->daemon->access) || request->method->needs == NEED_RUN_TOKEN) {
		rpc_stream(request->call, ops, state);
		return;
	}
	struct guard *guard = memory_new(sizeof *guard);
	guard->access = request->daemon->access;
	guard->ops = ops;
	guard->state = state;
	guard->arena = arena_new();
	guard->caller = caller_copy(&request->caller, guard->arena);
	guard->allowed = request->allowed;
	guard->place = request->allowed_place;
	guard->place.database = arena_copy(guard->arena, guard->place.database);
	guard->place.table = arena_copy(guard->arena, guard->place.table);
	guard->guarded.call = request->call;
	access_guard(guard->access, &guard->guarded, &guard->caller);
	rpc_stream(request->call, &guard_ops, guard);
}
