#include "base/arena.h"
#include "base/buffer.h"
#include "proto/json.h"
#include "rpc/client.h"
#include "storage/stage.h"
#include "tenon/v1/worker.pb-c.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* A worker that does what the test tells it, so that the daemon's tests do not need
 * the real one. A crawl sends the plan in PATH/plan.json. A job run does what its
 * argument `do` says:
 *
 *   commit   stages `files` files of `run` under `target` and commits them
 *   wait     reports progress until it is told to stop
 *   ignore   the same, but hears neither a report's answer nor SIGTERM
 *   crash    says something and dies of a signal
 *   exit     exits with code 3
 *   nothing  exits with code 0 without reporting an end
 *   fail     reports that it failed
 *   steal    tries to commit a file that it did not stage
 */
static volatile sig_atomic_t told_to_end;

static void on_term(int signal)
{
	(void)signal;
	told_to_end = 1;
}

struct session {
	struct rpc_channel *channel;
	struct arena *arena;
	const Tenon__V1__GetTaskResponse *task;
	struct error err;
};

static enum status call(
	struct session *session, const char *method, const void *request, void *response_out)
{
	return rpc_invoke(session->channel, &tenon__v1__worker__descriptor, method, request, 0,
		session->arena, response_out, &session->err);
}

static const char *arg(const struct session *session, const char *key, const char *otherwise)
{
	const Tenon__V1__JobTask *task = session->task->job;
	for (size_t i = 0; i < task->n_args; i++) {
		if (strcmp(task->args[i]->key, key) == 0)
			return task->args[i]->value;
	}
	return otherwise;
}

static int give_up(const struct session *session)
{
	(void)fprintf(stderr, "fake worker: %s\n", session->err.message);
	return 1;
}

static int fail_with(struct session *session, const char *why, bool cancelled)
{
	Tenon__V1__FailRunRequest request = TENON__V1__FAIL_RUN_REQUEST__INIT;
	Tenon__V1__FailRunResponse *response;
	request.error = arena_text(session->arena, text_of(why));
	request.cancelled = cancelled;
	return call(session, "FailRun", &request, &response) == STATUS_OK ? 1 : give_up(session);
}

static int do_crash(struct session *session)
{
	(void)session;
	(void)fputs("first line\nthe last words\n\n", stderr);
	return raise(SIGKILL);
}

static int do_exit(struct session *session)
{
	(void)session;
	return 3;
}

static int do_nothing(struct session *session)
{
	(void)session;
	return 0;
}

static int do_fail(struct session *session)
{
	return fail_with(session, "orders.csv:17: it is broken", false);
}

static bool report(struct session *session, double fraction)
{
	static char phase[] = "reading";
	Tenon__V1__Progress progress = TENON__V1__PROGRESS__INIT;
	Tenon__V1__ReportRequest request = TENON__V1__REPORT_REQUEST__INIT;
	Tenon__V1__ReportResponse *response;
	progress.phase = phase;
	progress.fraction = fraction;
	request.progress = &progress;
	return call(session, "Report", &request, &response) == STATUS_OK && !response->cancel;
}

static int do_wait(struct session *session)
{
	(void)fputs("waiting\n", stderr);
	for (int i = 0; i < 6000; i++) {
		if (!report(session, 0.5) || told_to_end)
			return fail_with(session, "told to stop", true);
		(void)nanosleep(&(struct timespec){0, 10000000}, NULL);
	}
	return 1;
}

static int do_ignore(struct session *session)
{
	(void)signal(SIGTERM, SIG_IGN);
	(void)report(session, 0.1);
	(void)fputs("not listening\n", stderr);
	for (int i = 0; i < 60; i++)
		(void)nanosleep(&(struct timespec){1, 0}, NULL);
	return 0;
}

static bool write_file(const char *path, const char *content)
{
	FILE *file = fopen(path, "we");
	if (!file || fputs(content, file) < 0) {
		(void)fprintf(stderr, "%s: %s\n", path, strerrordesc_np(errno));
		return false;
	}
	return fclose(file) == 0;
}

static enum status begin(struct session *session, const char *target)
{
	Tenon__V1__BeginOutputRequest request = TENON__V1__BEGIN_OUTPUT_REQUEST__INIT;
	Tenon__V1__BeginOutputResponse *response;
	char *targets[] = {arena_text(session->arena, text_of(target))};
	OWNED(store) store = NULL;
	request.targets = targets;
	request.n_targets = 1;
	TRY(call(session, "BeginOutput", &request, &response));
	TRY(store_open(text_of(target), &store, &session->err));
	return stage_begin(store, text_of(target), text_of(session->task->run_id), &session->err);
}

static Tenon__V1__StagedFile *stage_file(
	struct session *session, const char *target, struct text folder, unsigned number)
{
	struct arena *arena = session->arena;
	const char *prefix = arg(session, "prefix", "part");
	char *content = arena_printf(arena, "%s row of %s %u\n", "one", prefix, number);
	Tenon__V1__StagedFile *file = arena_alloc(arena, sizeof *file);
	*file = (Tenon__V1__StagedFile)TENON__V1__STAGED_FILE__INIT;
	file->from = arena_printf(arena, "%.*s/%s-%u.csv", TEXT_ARG(folder), prefix, number);
	file->to = arena_printf(arena, "%s/%s-%u.csv", target, prefix, number);
	file->bytes = strlen(content);
	file->rows = 1;
	return write_file(file->from, content) ? file : NULL;
}

static Tenon__V1__Column *column(struct arena *arena, const char *name, const char *type)
{
	Tenon__V1__Column *column = arena_alloc(arena, sizeof *column);
	*column = (Tenon__V1__Column)TENON__V1__COLUMN__INIT;
	column->name = arena_text(arena, text_of(name));
	column->type = arena_text(arena, text_of(type));
	return column;
}

/* Table out.orders, partitioned by day, with one partition named like the prefix. */
static Tenon__V1__TargetCommit *target_commit(struct session *session, const char *target)
{
	struct arena *arena = session->arena;
	Tenon__V1__TargetCommit *commit = arena_alloc(arena, sizeof *commit);
	Tenon__V1__Table *table = arena_alloc(arena, sizeof *table);
	Tenon__V1__StorageDescriptor *storage = arena_alloc(arena, sizeof *storage);
	Tenon__V1__Partition *partition = arena_alloc(arena, sizeof *partition);
	Tenon__V1__TargetReport *report_of = arena_alloc(arena, sizeof *report_of);
	*commit = (Tenon__V1__TargetCommit)TENON__V1__TARGET_COMMIT__INIT;
	*table = (Tenon__V1__Table)TENON__V1__TABLE__INIT;
	*storage = (Tenon__V1__StorageDescriptor)TENON__V1__STORAGE_DESCRIPTOR__INIT;
	*partition = (Tenon__V1__Partition)TENON__V1__PARTITION__INIT;
	*report_of = (Tenon__V1__TargetReport)TENON__V1__TARGET_REPORT__INIT;
	table->database = arena_printf(arena, "out");
	table->name = arena_printf(arena, "orders");
	table->storage = storage;
	storage->location = arena_text(arena, text_of(target));
	storage->columns = arena_array(arena, 1, sizeof *storage->columns);
	storage->columns[0] = column(arena, "amount", arg(session, "type", "int"));
	storage->n_columns = 1;
	table->partition_keys = arena_array(arena, 1, sizeof *table->partition_keys);
	table->partition_keys[0] = column(arena, "day", "string");
	table->n_partition_keys = 1;
	partition->values = arena_array(arena, 1, sizeof *partition->values);
	partition->values[0] = arena_text(arena, text_of(arg(session, "prefix", "part")));
	partition->n_values = 1;
	report_of->location = storage->location;
	report_of->node = arena_printf(arena, "out");
	commit->table = table;
	commit->report = report_of;
	commit->partitions = arena_array(arena, 1, sizeof *commit->partitions);
	commit->partitions[0] = partition;
	commit->n_partitions = 1;
	return commit;
}

static Tenon__V1__BookmarkUpdate *bookmark(struct session *session, unsigned files)
{
	struct arena *arena = session->arena;
	Tenon__V1__BookmarkUpdate *update = arena_alloc(arena, sizeof *update);
	*update = (Tenon__V1__BookmarkUpdate)TENON__V1__BOOKMARK_UPDATE__INIT;
	update->context = arena_printf(arena, "in");
	update->files = arena_array(arena, files, sizeof *update->files);
	for (unsigned i = 0; i < files; i++) {
		update->files[i] = arena_alloc(arena, sizeof **update->files);
		*update->files[i] = (Tenon__V1__SeenFile)TENON__V1__SEEN_FILE__INIT;
		update->files[i]->path =
			arena_printf(arena, "/in/%s-%u", arg(session, "prefix", "part"), i);
		update->files[i]->bytes = i;
	}
	update->n_files = files;
	return update;
}

static int do_commit(struct session *session)
{
	struct arena *arena = session->arena;
	const char *target = arg(session, "target", "");
	uint64_t files = 3;
	(void)text_uint64(text_of(arg(session, "files", "3")), &files);
	Tenon__V1__CommitRunRequest request = TENON__V1__COMMIT_RUN_REQUEST__INIT;
	Tenon__V1__CommitRunResponse *response;
	if (begin(session, target) != STATUS_OK)
		return give_up(session);
	struct text folder = stage_folder(arena, text_of(target), text_of(session->task->run_id));
	request.files = arena_array(arena, files, sizeof *request.files);
	for (unsigned i = 0; i < files; i++) {
		request.files[i] = stage_file(session, target, folder, i);
		if (!request.files[i])
			return 1;
	}
	request.n_files = files;
	request.bookmarks = arena_array(arena, 1, sizeof *request.bookmarks);
	request.bookmarks[0] = bookmark(session, (unsigned)files);
	request.n_bookmarks = 1;
	request.targets = arena_array(arena, 1, sizeof *request.targets);
	request.targets[0] = target_commit(session, target);
	request.n_targets = 1;
	if (call(session, "CommitRun", &request, &response) == STATUS_OK)
		return 0;
	return fail_with(session, session->err.message, false);
}

static int do_steal(struct session *session)
{
	const char *target = arg(session, "target", "");
	Tenon__V1__CommitRunRequest request = TENON__V1__COMMIT_RUN_REQUEST__INIT;
	Tenon__V1__CommitRunResponse *response;
	Tenon__V1__StagedFile file = TENON__V1__STAGED_FILE__INIT;
	Tenon__V1__StagedFile *files[] = {&file};
	if (begin(session, target) != STATUS_OK)
		return give_up(session);
	file.from = arena_printf(session->arena, "%s/../secret", target);
	file.to = arena_printf(session->arena, "%s/stolen.csv", target);
	request.files = files;
	request.n_files = 1;
	if (call(session, "CommitRun", &request, &response) == STATUS_OK)
		return 0;
	return fail_with(session, session->err.message, false);
}

static const struct {
	const char *name;
	int (*act)(struct session *session);
} acts[] = {
	{"commit", do_commit},
	{"wait", do_wait},
	{"ignore", do_ignore},
	{"crash", do_crash},
	{"exit", do_exit},
	{"nothing", do_nothing},
	{"fail", do_fail},
	{"steal", do_steal},
};

static int run_job(struct session *session)
{
	const char *wanted = arg(session, "do", "nothing");
	for (size_t i = 0; i < sizeof acts / sizeof *acts; i++) {
		if (strcmp(acts[i].name, wanted) == 0)
			return acts[i].act(session);
	}
	(void)fprintf(stderr, "fake worker: cannot '%s'\n", wanted);
	return 1;
}

static bool read_file(const char *path, struct buffer *content)
{
	char piece[4096];
	size_t got;
	FILE *file = fopen(path, "re");
	if (!file)
		return false;
	while ((got = fread(piece, 1, sizeof piece, file)) > 0)
		buffer_add(content, piece, got);
	return fclose(file) == 0;
}

static int run_crawl(struct session *session)
{
	const Tenon__V1__CrawlTask *task = session->task->crawl;
	struct buffer SCOPED_BUFFER json;
	buffer_init(&json, 1 << 20);
	Tenon__V1__ApplyCrawlRequest *plan;
	Tenon__V1__ApplyCrawlResponse *response;
	if (!read_file(arena_printf(session->arena, "%s/plan.json", task->path), &json))
		return fail_with(session, "there is no plan.json", false);
	if (json_parse(buffer_text(&json), &tenon__v1__apply_crawl_request__descriptor,
		    session->arena, &plan, &session->err) != STATUS_OK)
		return fail_with(session, session->err.message, false);
	plan->path = task->path;
	plan->database = task->database;
	plan->plan_only = task->options && task->options->plan_only;
	if (call(session, "ApplyCrawl", plan, &response) == STATUS_OK)
		return 0;
	return fail_with(session, session->err.message, false);
}

static int run(struct session *session)
{
	Tenon__V1__GetTaskRequest request = TENON__V1__GET_TASK_REQUEST__INIT;
	if (call(session, "GetTask", &request, &session->task) != STATUS_OK)
		return give_up(session);
	if (session->task->task_case == TENON__V1__GET_TASK_RESPONSE__TASK_CRAWL)
		return run_crawl(session);
	return run_job(session);
}

int main(void)
{
	OWNED(arena) arena = arena_new();
	OWNED(rpc_channel) channel = NULL;
	struct session session = {.arena = arena};
	const char *address = getenv("TENON_ADDRESS"); // NOLINT(concurrency-mt-unsafe)
	const char *token = getenv("TENON_RUN_TOKEN"); // NOLINT(concurrency-mt-unsafe)
	(void)signal(SIGTERM, on_term);
	if (!address || !token)
		return 2;
	if (rpc_channel_open(address, token, &channel, &session.err) != STATUS_OK)
		return give_up(&session);
	session.channel = channel;
	return run(&session);
}
