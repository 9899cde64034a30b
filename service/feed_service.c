#include "base/memory.h"
#include "catalog/feed_read.h"
#include "proto/wire.h"
#include "service/allow.h"
#include "service/guard.h"
#include "service/serve.h"

#include <stdlib.h>

/* The Feed service. A watch is a position: each message is one short view of the
 * catalog behind it, so that a slow client holds nothing but its last message. Every
 * commit wakes those that have caught up. */

enum { STEP_CHANGES = 256 };

struct watching {
	struct watch watch;
	struct daemon *daemon;
	struct arena *kept; /* the filter */
	struct arena *step; /* one message's memory */
	const Tenon__V1__WatchRequest *filter;
	const struct sight *sight; /* NULL: all */
	uint64_t after;
	bool started; /* the first message is sent also when nothing is new */
	bool behind; /* there was more when the last message was made */
};

static void closed(void *state)
{
	struct watching *watching = state;
	watches_remove(watching->daemon->watches, &watching->watch);
	arena_free(watching->step);
	arena_free(watching->kept);
	free(watching);
}

static enum status take_step(struct watching *watching, struct feed_step *step, struct error *err)
{
	OWNED(catalog_txn) txn = NULL;
	arena_reset(watching->step);
	if (watches_stopped(watching->daemon->watches))
		return fail(err, STATUS_UNAVAILABLE, "the daemon is stopping");
	TRY(catalog_read(watching->daemon->catalog, &txn, err));
	catalog_see(txn, watching->sight);
	return feed_read(
		txn, watching->after, watching->filter, STEP_CHANGES, watching->step, step, err);
}

static void next_changes(struct rpc_call *call, void *state)
{
	struct watching *watching = state;
	struct error err;
	struct feed_step step;
	/* Before the look: what is committed after it wakes the stream again. */
	bool news = atomic_exchange(&watching->watch.news, false);
	if (!news && !watching->behind && watching->started)
		return;
	if (take_step(watching, &step, &err) != STATUS_OK) {
		rpc_fail(call, &err);
		return;
	}
	watching->behind = step.more;
	if (step.sequence == watching->after && watching->started)
		return;
	watching->after = step.sequence;
	watching->started = true;
	Tenon__V1__WatchResponse response = TENON__V1__WATCH_RESPONSE__INIT;
	response.changes = step.changes;
	response.n_changes = step.count;
	response.sequence = step.sequence;
	response.caught_up = !step.more;
	rpc_stream_send(call, &response.base);
}

static const struct rpc_stream_ops ops = {next_changes, closed};

/* What can be refused is refused before the stream begins. */
static enum status first_look(struct request *request, uint64_t *after_out, struct error *err)
{
	const Tenon__V1__WatchRequest *in = request->in;
	OWNED(catalog_txn) txn = NULL;
	uint64_t oldest;
	TRY(feed_filter_check(in, request->arena, err));
	*after_out = in->after;
	if (!in->from_now)
		return STATUS_OK;
	TRY(catalog_read(request->daemon->catalog, &txn, err));
	return feed_range(txn, &oldest, after_out, err);
}

static void watch(struct request *request)
{
	const Tenon__V1__WatchRequest *in = request->in;
	struct error err;
	uint64_t after;
	enum status status = first_look(request, &after, &err);
	if (status != STATUS_OK) {
		request_end(request, status, &err);
		return;
	}
	struct watching *watching = memory_new(sizeof *watching);
	watching->daemon = request->daemon;
	watching->kept = arena_new();
	watching->step = arena_new();
	watching->filter = wire_copy(watching->kept, &in->base);
	watching->after = after;
	/* Always, for grants may go while it runs. */
	if (access_enforced(request->daemon->access))
		watching->sight =
			access_sight(request->daemon->access, &request->caller, watching->kept);
	watching->watch.call = request->call;
	watching->watch.of_feed = true;
	watches_add(request->daemon->watches, &watching->watch);
	request_stream(request, &ops, watching);
}

static enum status list_changes(struct request *request, struct catalog_txn *txn, struct error *err)
{
	const Tenon__V1__ListChangesRequest *in = request->in;
	Tenon__V1__ListChangesResponse *out =
		ANSWER(Tenon__V1__ListChangesResponse, TENON__V1__LIST_CHANGES_RESPONSE__INIT);
	struct text next = TEXT("");
	TRY(feed_list(txn, in, page_rows(in->page_size), request->arena, &out->changes,
		&out->n_changes, &next, err));
	out->next_page_token = wire_text(request->arena, next);
	return STATUS_OK;
}

static const struct method rows[] = {
	{"Watch", NEED_KNOWN, .serve = watch, .allow = allow_seen},
	{"ListChanges", NEED_KNOWN, .read = list_changes, .allow = allow_seen},
};

const struct methods feed_methods = METHODS(rows);
