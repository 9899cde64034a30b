#include "catalog/runs.h"
#include "jobs/admit.h"
#include "jobs/run_state.h"
#include "service/allow.h"
#include "service/args.h"
#include "service/plan_check.h"
#include "service/run_view.h"

/* The Jobs service: jobs, their runs, their bookmarks. */

enum { BOOKMARK_FILES_MAX = 100000, BOOKMARK_PAGE = 1000 };

static enum status put_job(struct request *request, struct catalog_txn *txn, struct error *err)
{
	const Tenon__V1__PutJobRequest *in = request->in;
	Tenon__V1__PutJobResponse *out =
		ANSWER(Tenon__V1__PutJobResponse, TENON__V1__PUT_JOB_RESPONSE__INIT);
	bool created = false;
	TRY(require(in->job, "job", err));
	TRY(plan_check(in->job->plan, err));
	TRY(admit_bookmark(in->job, in->job->bookmark, err));
	TRY(job_put(txn, in->job, request->arena, &out->job, &created, err));
	out->created = created;
	return STATUS_OK;
}

static enum status get_job(struct request *request, struct catalog_txn *txn, struct error *err)
{
	const Tenon__V1__GetJobRequest *in = request->in;
	Tenon__V1__GetJobResponse *out =
		ANSWER(Tenon__V1__GetJobResponse, TENON__V1__GET_JOB_RESPONSE__INIT);
	return job_get(txn, text_of(in->name), request->arena, &out->job, err);
}

static enum status list_jobs(struct request *request, struct catalog_txn *txn, struct error *err)
{
	const Tenon__V1__ListJobsRequest *in = request->in;
	Tenon__V1__ListJobsResponse *out =
		ANSWER(Tenon__V1__ListJobsResponse, TENON__V1__LIST_JOBS_RESPONSE__INIT);
	struct text next = TEXT("");
	TRY(job_list(txn, text_of(in->page_token), page_rows(in->page_size), request->arena,
		&out->jobs, &out->n_jobs, &next, err));
	out->next_page_token = wire_text(request->arena, next);
	return STATUS_OK;
}

static enum status delete_job(struct request *request, struct catalog_txn *txn, struct error *err)
{
	const Tenon__V1__DeleteJobRequest *in = request->in;
	(void)ANSWER(Tenon__V1__DeleteJobResponse, TENON__V1__DELETE_JOB_RESPONSE__INIT);
	Tenon__V1__Job *job;
	Tenon__Store__V1__RunRecord **open;
	size_t count;
	TRY(job_get(txn, text_of(in->name), request->arena, &job, err));
	TRY(run_list_open(txn, request->arena, &open, &count, err));
	for (size_t i = 0; i < count; i++) {
		if (open[i]->job_id == job->id)
			return fail(err, STATUS_FAILED_PRECONDITION,
				"job '%s' has the open run '%s'; cancel it first", job->name,
				open[i]->run->id);
	}
	return job_delete(txn, text_of(in->name), err);
}

static Tenon__V1__BookmarkMode bookmark_mode(
	const Tenon__V1__Job *job, const Tenon__V1__StartJobRunRequest *in)
{
	if (in->bookmark != TENON__V1__BOOKMARK_MODE__BOOKMARK_MODE_UNSPECIFIED)
		return in->bookmark;
	if (job->bookmark != TENON__V1__BOOKMARK_MODE__BOOKMARK_MODE_UNSPECIFIED)
		return job->bookmark;
	return TENON__V1__BOOKMARK_MODE__BOOKMARK_MODE_ENABLE;
}

static enum status start_job_run(
	struct request *request, struct catalog_txn *txn, struct error *err)
{
	const Tenon__V1__StartJobRunRequest *in = request->in;
	struct arena *arena = request->arena;
	Tenon__V1__StartJobRunResponse *out =
		ANSWER(Tenon__V1__StartJobRunResponse, TENON__V1__START_JOB_RUN_RESPONSE__INIT);
	Tenon__V1__Run run = TENON__V1__RUN__INIT;
	Tenon__Store__V1__RunRecord record = TENON__STORE__V1__RUN_RECORD__INIT;
	Tenon__Store__V1__RunRecord **open;
	size_t count;
	TRY(job_get(txn, text_of(in->job), arena, &record.job, err));
	record.bookmark = bookmark_mode(record.job, in);
	TRY(admit_bookmark(record.job, record.bookmark, err));
	TRY(allow_plan(request, record.job->plan, err));
	record.principal = wire_text(arena, text_of(request->caller.principal));
	TRY(run_list_open(txn, arena, &open, &count, err));
	TRY(admit_job(record.job, open, count, err));
	TRY(args_merge(record.job, in, arena, &run, err));
	run.id = arena_alloc(arena, WATCH_ID_BYTES);
	run_id_new(run.id);
	run.kind = TENON__V1__RUN_KIND__RUN_KIND_JOB;
	run.job = record.job->name;
	record.job_id = record.job->id;
	record.run = &run;
	TRY(run_move(&run, TENON__V1__RUN_STATE__RUN_STATE_QUEUED, err));
	out->run_id = run.id;
	return run_put(txn, &record, err);
}

static void queue_run(struct request *request)
{
	const Tenon__V1__StartJobRunResponse *out = request->out;
	supervisor_queue(request->daemon->supervisor, out->run_id);
}

static enum status get_run(struct request *request, struct catalog_txn *txn, struct error *err)
{
	const Tenon__V1__GetRunRequest *in = request->in;
	Tenon__V1__GetRunResponse *out =
		ANSWER(Tenon__V1__GetRunResponse, TENON__V1__GET_RUN_RESPONSE__INIT);
	return run_view(request->daemon, txn, text_of(in->run_id), request->arena, &out->run, err);
}

static enum status list_runs(struct request *request, struct catalog_txn *txn, struct error *err)
{
	const Tenon__V1__ListRunsRequest *in = request->in;
	Tenon__V1__ListRunsResponse *out =
		ANSWER(Tenon__V1__ListRunsResponse, TENON__V1__LIST_RUNS_RESPONSE__INIT);
	struct text next = TEXT("");
	TRY(run_list(txn, text_of(in->job), text_of(in->page_token), page_rows(in->page_size),
		request->arena, &out->runs, &out->n_runs, &next, err));
	for (size_t i = 0; i < out->n_runs; i++)
		run_add_progress(request->daemon, out->runs[i], request->arena);
	out->next_page_token = wire_text(request->arena, next);
	return STATUS_OK;
}

/* A queued run ends here; a running one is asked to end, and says so itself. */
static enum status cancel_run(struct request *request, struct catalog_txn *txn, struct error *err)
{
	const Tenon__V1__CancelRunRequest *in = request->in;
	(void)ANSWER(Tenon__V1__CancelRunResponse, TENON__V1__CANCEL_RUN_RESPONSE__INIT);
	Tenon__Store__V1__RunRecord *record;
	TRY(run_get(txn, text_of(in->run_id), request->arena, &record, err));
	Tenon__V1__RunState cancelled = TENON__V1__RUN_STATE__RUN_STATE_CANCELLED;
	if (record->run->state == TENON__V1__RUN_STATE__RUN_STATE_RUNNING)
		return STATUS_OK;
	TRY(run_move(record->run, cancelled, err));
	record->run->error = wire_text(request->arena, TEXT("cancelled by request"));
	return run_put(txn, record, err);
}

static void cancel_worker(struct request *request)
{
	const Tenon__V1__CancelRunRequest *in = request->in;
	supervisor_cancel(request->daemon->supervisor, in->run_id);
	watches_wake_run(request->daemon->watches, in->run_id);
}

/* ---- bookmarks ---- */

/* All files of one context, up to what one answer may hold; the bookmark's own
 * count says how many there are. */
static enum status add_files(struct request *request, struct catalog_txn *txn, uint64_t job_id,
	struct text context, Tenon__V1__GetBookmarkResponse *out, size_t *room, struct error *err)
{
	struct text after = TEXT("");
	while (out->n_files < BOOKMARK_FILES_MAX) {
		Tenon__V1__SeenFile **files;
		size_t count;
		TRY(bookmark_files(txn, job_id, context, after, BOOKMARK_PAGE, request->arena,
			&files, &count, err));
		if (count == 0)
			return STATUS_OK;
		if (*room < out->n_files + count) {
			size_t grown = 2 * (out->n_files + count);
			out->files = arena_grow(request->arena, out->files, out->n_files, grown,
				sizeof *out->files);
			*room = grown;
		}
		for (size_t i = 0; i < count; i++)
			out->files[out->n_files++] = files[i];
		after = text_of(files[count - 1]->path);
	}
	return STATUS_OK;
}

static enum status get_bookmark(struct request *request, struct catalog_txn *txn, struct error *err)
{
	const Tenon__V1__GetBookmarkRequest *in = request->in;
	Tenon__V1__GetBookmarkResponse *out =
		ANSWER(Tenon__V1__GetBookmarkResponse, TENON__V1__GET_BOOKMARK_RESPONSE__INIT);
	Tenon__V1__Job *job;
	size_t room = 0;
	TRY(job_get(txn, text_of(in->job), request->arena, &job, err));
	TRY(bookmark_list(txn, job->id, request->arena, &out->bookmarks, &out->n_bookmarks, err));
	for (size_t i = 0; in->with_files && i < out->n_bookmarks; i++)
		TRY(add_files(request, txn, job->id, text_of(out->bookmarks[i]->context), out,
			&room, err));
	return STATUS_OK;
}

static enum status reset_bookmark(
	struct request *request, struct catalog_txn *txn, struct error *err)
{
	const Tenon__V1__ResetBookmarkRequest *in = request->in;
	Tenon__V1__ResetBookmarkResponse *out =
		ANSWER(Tenon__V1__ResetBookmarkResponse, TENON__V1__RESET_BOOKMARK_RESPONSE__INIT);
	Tenon__V1__Job *job;
	uint64_t forgotten = 0;
	TRY(job_get(txn, text_of(in->job), request->arena, &job, err));
	TRY(bookmark_reset(txn, job->id, text_of(in->context), &forgotten, err));
	out->files_forgotten = forgotten;
	return STATUS_OK;
}

/* ---- who may ---- */

enum { RIGHTS_TO_SEE = RIGHT_READ | RIGHT_RUN | RIGHT_CRAWL };

/* Also what WatchRun asks with. */
static enum status allow_get_run(struct request *request, struct error *err)
{
	const Tenon__V1__GetRunRequest *in = request->in;
	return allow_run(request, in->run_id, RIGHTS_TO_SEE, err);
}

static enum status allow_read_log(struct request *request, struct error *err)
{
	const Tenon__V1__ReadLogRequest *in = request->in;
	return allow_run(request, in->run_id, RIGHTS_TO_SEE, err);
}

static enum status allow_cancel(struct request *request, struct error *err)
{
	const Tenon__V1__CancelRunRequest *in = request->in;
	return allow_run(request, in->run_id, RIGHT_RUN | RIGHT_CRAWL, err);
}

static const struct method rows[] = {
	{"PutJob", NEED_WRITE, .write = put_job},
	{"GetJob", NEED_READ, .read = get_job, .allow = allow_read_or_run},
	{"ListJobs", NEED_KNOWN, .read = list_jobs},
	{"DeleteJob", NEED_WRITE, .write = delete_job},
	{"StartJobRun", NEED_RUN, .write = start_job_run, .after = queue_run},
	{"GetRun", NEED_READ, .read = get_run, .allow = allow_get_run},
	{"ListRuns", NEED_KNOWN, .read = list_runs, .allow = allow_read_or_run},
	{"CancelRun", NEED_RUN, .write = cancel_run, .after = cancel_worker, .allow = allow_cancel},
	{"WatchRun", NEED_READ, .serve = watch_run, .allow = allow_get_run},
	{"ReadLog", NEED_READ, .serve = read_log, .allow = allow_read_log},
	{"GetBookmark", NEED_READ, .read = get_bookmark, .allow = allow_read_or_run},
	{"ResetBookmark", NEED_RUN, .write = reset_bookmark},
};

const struct methods job_methods = METHODS(rows);
