#include "catalog/runs.h"
#include "jobs/run_state.h"
#include "jobs/token.h"
#include "service/apply_crawl.h"
#include "service/args.h"
#include "service/commit.h"
#include "service/parts.h"
#include "service/run_view.h"
#include "service/sweep.h"
#include "storage/store.h"

#include <string.h>
#include <unistd.h>

/* The Worker service: what a run's own process may ask and report. Every call
 * brings the run's token, and is refused unless that run is RUNNING. */

enum { TARGETS_MAX = 100 };

/* One answer for every wrong token: it does not tell which runs exist. */
static enum status refuse(struct error *err)
{
	return fail(err, STATUS_UNAUTHENTICATED,
		"the token is not that of a running run; the run has ended or the daemon has "
		"restarted");
}

enum status worker_admit(struct request *request, struct error *err)
{
	struct text token = text_of(rpc_caller(request->call)->bearer);
	struct text run_id = token_run(token);
	Tenon__Store__V1__RunRecord *record;
	OWNED(catalog_txn) txn = NULL;
	if (run_id.length == 0)
		return refuse(err);
	TRY(catalog_read(request->daemon->catalog, &txn, err));
	enum status status = run_get(txn, run_id, request->arena, &record, err);
	if (status == STATUS_NOT_FOUND || status == STATUS_INVALID_ARGUMENT)
		return refuse(err);
	TRY(status);
	if (record->run->state != TENON__V1__RUN_STATE__RUN_STATE_RUNNING ||
		!token_matches(token, record->token_hash))
		return refuse(err);
	request->run = record;
	request->caller.by = CALLER_RUN;
	request->caller.principal = *record->principal ? record->principal : "local";
	return STATUS_OK;
}

/* ---- the task ---- */

static unsigned cores(void)
{
	long count = sysconf(_SC_NPROCESSORS_ONLN);
	return count > 0 ? (unsigned)count : 1;
}

/* Half of the machine's memory, shared by as many runs as there may be. */
static uint64_t usual_memory(const struct daemon *daemon)
{
	enum { LEAST = 256 * 1024 * 1024 };
	long pages = sysconf(_SC_PHYS_PAGES);
	long page = sysconf(_SC_PAGESIZE);
	uint64_t all = pages > 0 && page > 0 ? (uint64_t)pages * (uint64_t)page : 0;
	uint64_t share = all / 2 / daemon->options->workers;
	return share > LEAST ? share : LEAST;
}

static Tenon__V1__CrawlTask *crawl_task(struct request *request)
{
	const Tenon__V1__StartCrawlRequest *crawl = request->run->crawl_request;
	Tenon__V1__CrawlTask *task = arena_alloc(request->arena, sizeof *task);
	*task = (Tenon__V1__CrawlTask)TENON__V1__CRAWL_TASK__INIT;
	task->path = crawl->path;
	task->database = crawl->database;
	task->options = crawl->options;
	task->threads = cores();
	return task;
}

static Tenon__V1__JobTask *job_task(struct request *request)
{
	const Tenon__Store__V1__RunRecord *record = request->run;
	Tenon__V1__JobTask *task = arena_alloc(request->arena, sizeof *task);
	*task = (Tenon__V1__JobTask)TENON__V1__JOB_TASK__INIT;
	task->job = record->job;
	task->bookmark = record->bookmark;
	task->memory_bytes = record->job->memory_bytes ? record->job->memory_bytes
						       : usual_memory(request->daemon);
	task->threads = record->job->threads ? record->job->threads : cores();
	task->spill_folder = arena_printf(
		request->arena, "%s/%s", request->daemon->spill_folder, record->run->id);
	args_to_task(record->run, request->arena, task);
	return task;
}

static void get_task(struct request *request)
{
	Tenon__V1__GetTaskResponse *out =
		ANSWER(Tenon__V1__GetTaskResponse, TENON__V1__GET_TASK_RESPONSE__INIT);
	struct error err;
	out->run_id = request->run->run->id;
	if (request->run->crawl_request) {
		out->task_case = TENON__V1__GET_TASK_RESPONSE__TASK_CRAWL;
		out->crawl = crawl_task(request);
	} else if (request->run->job) {
		out->task_case = TENON__V1__GET_TASK_RESPONSE__TASK_JOB;
		out->job = job_task(request);
	} else {
		request_end(request,
			fail(&err, STATUS_DATA_LOSS, "run '%s' has no task", out->run_id), &err);
		return;
	}
	request_end(request, STATUS_OK, NULL);
}

static void report(struct request *request)
{
	const Tenon__V1__ReportRequest *in = request->in;
	Tenon__V1__ReportResponse *out =
		ANSWER(Tenon__V1__ReportResponse, TENON__V1__REPORT_RESPONSE__INIT);
	const char *run_id = request->run->run->id;
	out->cancel = live_report(request->daemon->live, run_id, in->progress);
	watches_wake_run(request->daemon->watches, run_id);
	request_end(request, STATUS_OK, NULL);
}

/* ---- crawls ---- */

struct crawl_write {
	struct request *request;
	Tenon__V1__CrawlResult *result; /* out */
	bool judged; /* out: a plan that applied, and is to be undone */
};

/* The run ends in the transaction that applies its plan: both or neither. */
static enum status finish_crawl(struct catalog_txn *txn, void *state, struct error *err)
{
	struct crawl_write *write = state;
	struct request *request = write->request;
	Tenon__Store__V1__RunRecord *record;
	const char *run_id = request->run->run->id;
	TRY(run_get(txn, text_of(run_id), request->arena, &record, err));
	TRY(run_move(record->run, TENON__V1__RUN_STATE__RUN_STATE_COMMITTING, err));
	TRY(run_move(record->run, TENON__V1__RUN_STATE__RUN_STATE_SUCCEEDED, err));
	record->crawl = write->result;
	Tenon__V1__Progress *progress =
		live_progress(request->daemon->live, run_id, request->arena);
	if (progress)
		record->run->progress = progress;
	return run_put(txn, record, err);
}

static enum status apply_and_finish(struct catalog_txn *txn, void *state, struct error *err)
{
	struct crawl_write *write = state;
	struct request *request = write->request;
	const Tenon__V1__ApplyCrawlRequest *plan = request->in;
	TRY(crawl_apply(txn, request->daemon, request->run->run->id, request->run->principal, plan,
		request->arena, &write->result, err));
	if (plan->plan_only) {
		write->judged = true;
		return fail(err, STATUS_ABORTED, "only a plan");
	}
	return finish_crawl(txn, write, err);
}

static enum status check_plan(struct request *request, struct error *err)
{
	const Tenon__V1__ApplyCrawlRequest *plan = request->in;
	const Tenon__V1__StartCrawlRequest *crawl = request->run->crawl_request;
	if (!crawl)
		return fail(err, STATUS_FAILED_PRECONDITION, "run '%s' is not a crawl",
			request->run->run->id);
	bool plan_only = crawl->options && crawl->options->plan_only;
	if (plan->plan_only != plan_only || strcmp(plan->database, crawl->database) != 0 ||
		strcmp(plan->path, crawl->path) != 0)
		return fail(err, STATUS_INVALID_ARGUMENT,
			"the plan is for '%s' in database '%s', the crawl is of '%s' in '%s'",
			plan->path, plan->database, crawl->path, crawl->database);
	return STATUS_OK;
}

static enum status apply_crawl(struct request *request, struct error *err)
{
	struct daemon *daemon = request->daemon;
	Tenon__V1__ApplyCrawlResponse *out =
		ANSWER(Tenon__V1__ApplyCrawlResponse, TENON__V1__APPLY_CRAWL_RESPONSE__INIT);
	struct crawl_write write = {.request = request};
	TRY(check_plan(request, err));
	enum status status = catalog_write_alone(daemon->catalog, apply_and_finish, &write, err);
	/* Judged and undone; what it would have done is kept with the run. */
	if (status == STATUS_ABORTED && write.judged)
		status = catalog_write_now(daemon->catalog, finish_crawl, &write, err);
	TRY(status);
	out->result = write.result;
	watches_wake_run(daemon->watches, request->run->run->id);
	return STATUS_OK;
}

static enum status stage_part(struct request *request, struct error *err)
{
	(void)ANSWER(Tenon__V1__StagePartResponse, TENON__V1__STAGE_PART_RESPONSE__INIT);
	return parts_keep(request->daemon, request->run->run->id, request->in, err);
}

/* ---- outputs ---- */

static bool holds(char *const *list, size_t count, const char *wanted)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(list[i], wanted) == 0)
			return true;
	}
	return false;
}

static enum status add_targets(struct catalog_txn *txn, void *state, struct error *err)
{
	struct request *request = state;
	const Tenon__V1__BeginOutputRequest *in = request->in;
	Tenon__Store__V1__RunRecord *record;
	TRY(run_get(txn, text_of(request->run->run->id), request->arena, &record, err));
	if (record->run->state != TENON__V1__RUN_STATE__RUN_STATE_RUNNING)
		return refuse(err);
	if (in->n_targets + record->n_stage_targets > TARGETS_MAX)
		return fail(err, STATUS_RESOURCE_EXHAUSTED,
			"a run writes to more than %d target folders", TARGETS_MAX);
	record->stage_targets = arena_grow(request->arena, record->stage_targets,
		record->n_stage_targets, record->n_stage_targets + in->n_targets, sizeof(char *));
	for (size_t i = 0; i < in->n_targets; i++) {
		struct text target;
		TRY(location_normal(request->arena, text_of(in->targets[i]), &target, err));
		char *normal = wire_text(request->arena, target);
		if (!holds(record->stage_targets, record->n_stage_targets, normal))
			record->stage_targets[record->n_stage_targets++] = normal;
	}
	return run_put(txn, record, err);
}

/* Known before the first byte is staged, so that whatever happens somebody knows
 * which folders to sweep. */
static enum status begin_output(struct request *request, struct error *err)
{
	(void)ANSWER(Tenon__V1__BeginOutputResponse, TENON__V1__BEGIN_OUTPUT_RESPONSE__INIT);
	TRY(sweep_note(request->daemon, request->run->run->id, err));
	return catalog_write_now(request->daemon->catalog, add_targets, request, err);
}

/* ---- the end ---- */

static enum status fail_run(struct request *request, struct catalog_txn *txn, struct error *err)
{
	static char stopped[] = "the daemon stopped while it ran";
	static char asked[] = "cancelled by request";
	const Tenon__V1__FailRunRequest *in = request->in;
	struct daemon *daemon = request->daemon;
	Tenon__Store__V1__RunRecord *record;
	(void)ANSWER(Tenon__V1__FailRunResponse, TENON__V1__FAIL_RUN_RESPONSE__INIT);
	const char *run_id = request->run->run->id;
	TRY(run_get(txn, text_of(run_id), request->arena, &record, err));
	Tenon__V1__Run *run = record->run;
	/* A worker ends as cancelled on any SIGTERM; whether somebody asked for it is
	 * known here. */
	bool cancelled = in->cancelled && live_is_cancelled(daemon->live, run_id);
	TRY(run_move(run,
		cancelled ? TENON__V1__RUN_STATE__RUN_STATE_CANCELLED
			  : TENON__V1__RUN_STATE__RUN_STATE_FAILED,
		err));
	run->error = cancelled ? asked : in->error;
	if (in->cancelled && !cancelled)
		run->error = stopped;
	run->stats = in->stats;
	run->sources = in->sources;
	run->n_sources = in->n_sources;
	Tenon__V1__Progress *progress = live_progress(daemon->live, run_id, request->arena);
	if (progress)
		run->progress = progress;
	return run_put(txn, record, err);
}

/* Its stage folders are swept when its process is gone, not before. */
static void tell_watchers(struct request *request)
{
	watches_wake_run(request->daemon->watches, request->run->run->id);
}

static const struct method rows[] = {
	{"GetTask", NEED_RUN_TOKEN, .serve = get_task},
	{"Report", NEED_RUN_TOKEN, .serve = report},
	{"ReadLedger", NEED_RUN_TOKEN, .serve = read_ledger},
	{"StagePart", NEED_RUN_TOKEN, .slow = stage_part},
	{"ApplyCrawl", NEED_RUN_TOKEN, .slow = apply_crawl},
	{"ReadBookmark", NEED_RUN_TOKEN, .serve = read_bookmark},
	{"BeginOutput", NEED_RUN_TOKEN, .slow = begin_output},
	{"CommitRun", NEED_RUN_TOKEN, .slow = commit_run},
	{"FailRun", NEED_RUN_TOKEN, .write = fail_run, .after = tell_watchers},
};

const struct methods worker_methods = METHODS(rows);
