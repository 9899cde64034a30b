#include "catalog/runs.h"
#include "jobs/admit.h"
#include "jobs/run_state.h"
#include "service/allow.h"
#include "storage/store.h"

/* The Crawlers service: a crawl is a run of its own kind. */

static enum status start_crawl(struct request *request, struct catalog_txn *txn, struct error *err)
{
	const Tenon__V1__StartCrawlRequest *in = request->in;
	struct arena *arena = request->arena;
	Tenon__V1__StartCrawlResponse *out =
		ANSWER(Tenon__V1__StartCrawlResponse, TENON__V1__START_CRAWL_RESPONSE__INIT);
	Tenon__V1__Run run = TENON__V1__RUN__INIT;
	Tenon__V1__StartCrawlRequest crawl = *in;
	Tenon__Store__V1__RunRecord record = TENON__STORE__V1__RUN_RECORD__INIT;
	Tenon__Store__V1__RunRecord **open;
	size_t count;
	struct text path;
	if (!*in->path)
		return fail(err, STATUS_INVALID_ARGUMENT, "path is missing");
	if (!*in->database)
		return fail(err, STATUS_INVALID_ARGUMENT, "database is missing");
	TRY(location_normal(arena, text_of(in->path), &path, err));
	crawl.path = wire_text(arena, path);
	TRY(run_list_open(txn, arena, &open, &count, err));
	TRY(admit_crawl(&crawl, open, count, err));
	run.id = arena_alloc(arena, WATCH_ID_BYTES);
	run_id_new(run.id);
	run.kind = TENON__V1__RUN_KIND__RUN_KIND_CRAWL;
	run.target_path = crawl.path;
	record.run = &run;
	record.crawl_request = &crawl;
	record.principal = wire_text(arena, text_of(request->caller.principal));
	TRY(run_move(&run, TENON__V1__RUN_STATE__RUN_STATE_QUEUED, err));
	out->run_id = run.id;
	return run_put(txn, &record, err);
}

static void queue_crawl(struct request *request)
{
	const Tenon__V1__StartCrawlResponse *out = request->out;
	supervisor_queue(request->daemon->supervisor, out->run_id);
}

static enum status get_crawl(struct request *request, struct catalog_txn *txn, struct error *err)
{
	const Tenon__V1__GetCrawlRequest *in = request->in;
	Tenon__V1__GetCrawlResponse *out =
		ANSWER(Tenon__V1__GetCrawlResponse, TENON__V1__GET_CRAWL_RESPONSE__INIT);
	Tenon__Store__V1__RunRecord *record;
	TRY(run_get(txn, text_of(in->run_id), request->arena, &record, err));
	if (!record->crawl_request)
		return fail(err, STATUS_INVALID_ARGUMENT, "run '%s' is not a crawl", in->run_id);
	if (!record->crawl)
		return fail(err, STATUS_FAILED_PRECONDITION,
			"crawl '%s' is %s and has no result%s%s", in->run_id,
			run_state_name(record->run->state), *record->run->error ? ": " : "",
			record->run->error);
	out->result = record->crawl;
	return STATUS_OK;
}

static enum status allow_get_crawl(struct request *request, struct error *err)
{
	const Tenon__V1__GetCrawlRequest *in = request->in;
	return allow_run(request, in->run_id, RIGHT_READ | RIGHT_CRAWL, err);
}

static const struct method rows[] = {
	{"StartCrawl", NEED_CRAWL, .write = start_crawl, .after = queue_crawl},
	{"GetCrawl", NEED_READ, .read = get_crawl, .allow = allow_get_crawl},
};

const struct methods crawler_methods = METHODS(rows);
