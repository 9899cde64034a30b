#include "worker/run_job.h"

#include "base/limits.h"
#include "base/log.h"
#include "etl/run.h"
#include "worker/parts.h"
#include "worker/tables.h"

#include <stdlib.h>

/* Publishing may move many files: the daemon answers when all of them are in place. */
enum { COMMIT_TIMEOUT_MS = 60 * 60 * 1000 };

/* The etl room's host. */
struct job {
	struct session *session;
	struct reporter *reporter;
	struct rpc_reading *bookmark; /* being read */
};

static enum status host_table(void *state, struct text database, struct text table,
	struct arena *arena, Tenon__V1__Table **table_out, struct error *err)
{
	const struct job *job = state;
	return tables_get(job->session->channel, database, table, arena, table_out, err);
}

static enum status host_partitions(void *state, struct text database, struct text table,
	struct text expression, struct arena *arena, Tenon__V1__Partition ***partitions_out,
	size_t *count_out, struct error *err)
{
	const struct job *job = state;
	return tables_partitions(job->session->channel, database, table, expression, arena,
		partitions_out, count_out, err);
}

static enum status open_bookmark(
	struct job *job, const char *context, struct arena *arena, struct error *err)
{
	Tenon__V1__ReadBookmarkRequest request = TENON__V1__READ_BOOKMARK_REQUEST__INIT;
	rpc_reading_free(TAKE(job->bookmark));
	request.context = arena_text(arena, text_of(context));
	return rpc_read_open(job->session->channel, &tenon__v1__worker__descriptor, "ReadBookmark",
		&request.base, -1, &job->bookmark, err);
}

/* The pages of one context are asked for in order, so one stream serves them all;
 * it begins anew when `after` is empty. */
static enum status host_bookmark(void *state, const char *context, struct text after,
	struct arena *arena, Tenon__V1__SeenFile ***files_out, size_t *count_out, struct error *err)
{
	struct job *job = state;
	Tenon__V1__ReadBookmarkResponse *page = NULL;
	if (after.length == 0)
		TRY(open_bookmark(job, context, arena, err));
	*files_out = NULL;
	*count_out = 0;
	if (!job->bookmark) /* read to its end before */
		return STATUS_OK;
	do {
		TRY(rpc_read_next(job->bookmark, arena, &page, err));
	} while (page && page->n_files == 0);
	if (!page) {
		rpc_reading_free(TAKE(job->bookmark));
		return STATUS_OK;
	}
	*files_out = page->files;
	*count_out = page->n_files;
	return STATUS_OK;
}

static enum status host_begin_output(
	void *state, char *const *targets, size_t count, struct error *err)
{
	const struct job *job = state;
	OWNED(arena) arena = arena_new();
	Tenon__V1__BeginOutputRequest request = TENON__V1__BEGIN_OUTPUT_REQUEST__INIT;
	Tenon__V1__BeginOutputResponse *response;
	request.targets = arena_array(arena, count, sizeof *request.targets);
	for (size_t i = 0; i < count; i++)
		request.targets[i] = targets[i];
	request.n_targets = count;
	return session_call(job->session, "BeginOutput", &request, 0, arena, &response, err);
}

static enum status host_commit(
	void *state, const Tenon__V1__CommitRunRequest *request, struct error *err)
{
	const struct job *job = state;
	OWNED(arena) arena = arena_new();
	Tenon__V1__CommitRunResponse *response;
	TRY(parts_of_commit(job->session, request, &request, err));
	size_t bytes = protobuf_c_message_get_packed_size(&request->base);
	if (bytes > LIMIT_MESSAGE_BYTES)
		return fail(err, STATUS_RESOURCE_EXHAUSTED,
			"the list of the %zu files written is %zu bytes, more than %u: write "
			"fewer, "
			"larger ones",
			request->n_files, bytes, LIMIT_MESSAGE_BYTES);
	log_line(LOG_INFO, "committing %zu files", request->n_files);
	return session_call(
		job->session, "CommitRun", request, COMMIT_TIMEOUT_MS, arena, &response, err);
}

static bool host_report(void *state, const Tenon__V1__Progress *progress)
{
	const struct job *job = state;
	return reporter_report(job->reporter, progress);
}

static void host_log(void *state, const char *line)
{
	(void)state;
	log_line(LOG_INFO, "%s", line);
}

enum status run_job(struct session *session, const Tenon__V1__JobTask *task,
	struct reporter *reporter, struct error *err)
{
	struct job job = {.session = session, .reporter = reporter};
	const struct etl_host host = {
		.state = &job,
		.table = host_table,
		.partitions = host_partitions,
		.bookmark = host_bookmark,
		.begin_output = host_begin_output,
		.commit = host_commit,
		.report = host_report,
		.log = host_log,
	};
	log_line(LOG_INFO, "job '%s'", task->job ? task->job->name : "");
	enum status status = etl_run(session->run_id, task, &host, session->arena, err);
	rpc_reading_free(job.bookmark);
	return status;
}
