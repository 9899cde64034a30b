#include "service/commit.h"

#include "base/log.h"
#include "base/memory.h"
#include "catalog/runs.h"
#include "jobs/run_state.h"
#include "service/commit_check.h"
#include "service/commit_tables.h"
#include "service/fault.h"
#include "service/parts.h"
#include "service/sweep.h"
#include "storage/stage.h"
#include "storage/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { AGAIN_MS = 1000, AGAIN_MS_MAX = 60000 };

static struct staged staged_of(const Tenon__V1__StagedFile *file)
{
	return (struct staged){text_of(file->from), text_of(file->to), file->bytes};
}

/* One step for each staged file, opening each target's store once. */
static enum status each_file(const Tenon__V1__CommitRunRequest *intent,
	enum status (*step)(struct store *, const struct staged *, struct error *),
	void (*after_first)(void), struct error *err)
{
	OWNED(store) store = NULL;
	struct text opened = TEXT("");
	for (size_t i = 0; i < intent->n_files; i++) {
		struct staged staged = staged_of(intent->files[i]);
		/* Stores differ by scheme and bucket; the first file's serves all of a folder. */
		struct text folder = text_until(staged.to, text_find_last(staged.to, '/'));
		if (!store || !text_equal(folder, opened)) {
			store_free(TAKE(store));
			TRY(store_open(folder, &store, err));
			opened = folder;
		}
		TRY(step(store, &staged, err));
		if (i == 0 && after_first)
			after_first();
	}
	return STATUS_OK;
}

/* ---- the two transactions ---- */

struct intent {
	struct daemon *daemon;
	const char *run_id;
	Tenon__V1__CommitRunRequest *request;
	struct arena *arena;
	Tenon__Store__V1__RunRecord *record; /* out */
};

static bool remembers(const Tenon__Store__V1__RunRecord *record)
{
	return record->bookmark == TENON__V1__BOOKMARK_MODE__BOOKMARK_MODE_ENABLE ||
	       record->bookmark == TENON__V1__BOOKMARK_MODE__BOOKMARK_MODE_UNSPECIFIED;
}

static enum status advance(struct catalog_txn *txn, const Tenon__Store__V1__RunRecord *record,
	Tenon__V1__BookmarkUpdate *const *updates, size_t count, struct error *err)
{
	for (size_t i = 0; remembers(record) && i < count; i++)
		TRY(bookmark_advance(
			txn, record->job_id, text_of(record->run->id), updates[i], err));
	return STATUS_OK;
}

static enum status apply_part(struct catalog_txn *txn, const struct intent *intent,
	const Tenon__Store__V1__RunRecord *record, unsigned number, struct error *err)
{
	OWNED(arena) step = arena_new();
	Tenon__V1__StagePartRequest *part;
	TRY(parts_read(intent->daemon, intent->run_id, number, step, &part, err));
	TRY(advance(txn, record, part->bookmarks, part->n_bookmarks, err));
	return commit_partitions(txn, intent->request, part, err);
}

static enum status apply_intent(struct catalog_txn *txn, void *state, struct error *err)
{
	struct intent *intent = state;
	struct arena *arena = intent->arena;
	Tenon__Store__V1__RunRecord *record;
	TRY(run_get(txn, text_of(intent->run_id), arena, &record, err));
	Tenon__V1__Run *run = record->run;
	TRY(run_move(run, TENON__V1__RUN_STATE__RUN_STATE_COMMITTING, err));
	TRY(commit_tables(txn, intent->run_id, record->principal, intent->request, arena, err));
	TRY(advance(txn, record, intent->request->bookmarks, intent->request->n_bookmarks, err));
	for (unsigned i = 0; i < intent->request->parts; i++)
		TRY(apply_part(txn, intent, record, i, err));
	run->stats = intent->request->stats;
	run->sources = intent->request->sources;
	run->n_sources = intent->request->n_sources;
	run->n_targets = 0;
	run->targets = arena_array(arena, intent->request->n_targets, sizeof *run->targets);
	for (size_t i = 0; i < intent->request->n_targets; i++) {
		if (intent->request->targets[i]->report)
			run->targets[run->n_targets++] = intent->request->targets[i]->report;
	}
	/* Only the files are still to be done; the rest of the request is in place. */
	Tenon__V1__CommitRunRequest *manifest = arena_alloc(arena, sizeof *manifest);
	*manifest = (Tenon__V1__CommitRunRequest)TENON__V1__COMMIT_RUN_REQUEST__INIT;
	manifest->files = intent->request->files;
	manifest->n_files = intent->request->n_files;
	record->intent = manifest;
	intent->record = record;
	return run_put(txn, record, err);
}

struct success {
	const char *run_id;
	Tenon__V1__Progress *progress;
	struct arena *arena;
};

static enum status apply_success(struct catalog_txn *txn, void *state, struct error *err)
{
	struct success *success = state;
	static char none[] = "";
	Tenon__Store__V1__RunRecord *record;
	TRY(run_get(txn, text_of(success->run_id), success->arena, &record, err));
	TRY(run_move(record->run, TENON__V1__RUN_STATE__RUN_STATE_SUCCEEDED, err));
	record->intent = NULL;
	record->run->error = none;
	if (success->progress)
		record->run->progress = success->progress;
	TRY(run_put(txn, record, err));
	fault_point("before-success");
	return STATUS_OK;
}

/* ---- forward ---- */

static void fault_mid_publish(void)
{
	fault_point("mid-publish");
}

/* Repeatable from any point: publishing a file twice is publishing it once. */
static enum status forward(struct daemon *daemon, const Tenon__Store__V1__RunRecord *record,
	struct arena *arena, struct error *err)
{
	const char *run_id = record->run->id;
	struct success success = {run_id, live_progress(daemon->live, run_id, arena), arena};
	if (record->intent)
		TRY(each_file(record->intent, stage_publish, fault_mid_publish, err));
	fault_point("after-publish");
	TRY(catalog_write_now(daemon->catalog, apply_success, &success, err));
	watches_wake_run(daemon->watches, run_id);
	sweep_now(daemon, record);
	return STATUS_OK;
}

struct delay {
	const char *run_id;
	const char *why;
};

/* For who looks at the run: it is not lost, and what holds it up. */
static enum status apply_delay(struct catalog_txn *txn, void *state, struct error *err)
{
	const struct delay *delay = state;
	OWNED(arena) arena = arena_new();
	Tenon__Store__V1__RunRecord *record;
	TRY(run_get(txn, text_of(delay->run_id), arena, &record, err));
	if (record->run->state != TENON__V1__RUN_STATE__RUN_STATE_COMMITTING)
		return STATUS_OK;
	record->run->error = arena_text(arena, text_of(delay->why));
	return run_put(txn, record, err);
}

/* A step for each reason that does not pass by itself. */
static const struct {
	enum status why;
	const char *remedy;
} remedies[] = {
	{STATUS_ALREADY_EXISTS, "move what is there away"},
	{STATUS_PERMISSION_DENIED, "let tenond write there"},
	{STATUS_RESOURCE_EXHAUSTED, "make room there"},
	{STATUS_DATA_LOSS, "bring the staged file back, its rows are nowhere else"},
};

static const char *remedy_of(enum status why)
{
	for (size_t i = 0; i < sizeof remedies / sizeof *remedies; i++) {
		if (remedies[i].why == why)
			return remedies[i].remedy;
	}
	return "nothing is lost";
}

static void tell_delay(struct daemon *daemon, const char *run_id, const struct error *why)
{
	struct error err;
	char said[2 * ERROR_MESSAGE_MAX];
	(void)snprintf(said, sizeof said,
		"committed, but not all published yet: %s; %s: tenond tries again every minute",
		why->message, remedy_of(why->status));
	struct delay delay = {run_id, said};
	log_line(LOG_ERROR, "run %s: %s", run_id, said);
	if (catalog_write_now(daemon->catalog, apply_delay, &delay, &err) == STATUS_OK)
		watches_wake_run(daemon->watches, run_id);
}

enum status commit_run(struct request *request, struct error *err)
{
	struct daemon *daemon = request->daemon;
	Tenon__V1__CommitRunRequest wanted = *(const Tenon__V1__CommitRunRequest *)request->in;
	struct intent intent = {.daemon = daemon,
		.run_id = request->run->run->id,
		.request = &wanted,
		.arena = request->arena};
	(void)ANSWER(Tenon__V1__CommitRunResponse, TENON__V1__COMMIT_RUN_RESPONSE__INIT);
	TRY(commit_check(request->run, &wanted, request->arena, err));
	TRY(each_file(&wanted, stage_sync, NULL, err));
	fault_point("before-intent");
	TRY(catalog_write_alone(daemon->catalog, apply_intent, &intent, err));
	fault_point("after-intent");
	watches_wake_run(daemon->watches, intent.run_id);
	enum status status = forward(daemon, intent.record, request->arena, err);
	if (status == STATUS_OK)
		return STATUS_OK;
	tell_delay(daemon, intent.run_id, err);
	commit_forward(daemon, intent.run_id);
	return fail(err, STATUS_UNAVAILABLE,
		"the run is committed and its files are still being published");
}

/* ---- again, until it is done ---- */

struct forwarding {
	struct daemon *daemon;
	char run_id[WATCH_ID_BYTES];
	unsigned again_ms; /* before the next attempt: doubles */
};

static enum status load(struct daemon *daemon, const char *run_id, struct arena *arena,
	Tenon__Store__V1__RunRecord **record_out, struct error *err)
{
	OWNED(catalog_txn) txn = NULL;
	TRY(catalog_read(daemon->catalog, &txn, err));
	return run_get(txn, text_of(run_id), arena, record_out, err);
}

static enum status try_forward(struct forwarding *forwarding, struct error *err)
{
	OWNED(arena) arena = arena_new();
	Tenon__Store__V1__RunRecord *record;
	TRY(load(forwarding->daemon, forwarding->run_id, arena, &record, err));
	if (record->run->state != TENON__V1__RUN_STATE__RUN_STATE_COMMITTING)
		return STATUS_OK;
	TRY(forward(forwarding->daemon, record, arena, err));
	log_line(LOG_INFO, "run %s: its commit was carried forward", forwarding->run_id);
	return STATUS_OK;
}

static void forward_again(void *state);

static void forward_task(void *state)
{
	struct forwarding *forwarding = state;
	struct error err;
	if (try_forward(forwarding, &err) == STATUS_OK) {
		free(forwarding);
		return;
	}
	tell_delay(forwarding->daemon, forwarding->run_id, &err);
	unsigned after_ms = forwarding->again_ms;
	forwarding->again_ms = 2 * after_ms < AGAIN_MS_MAX ? 2 * after_ms : AGAIN_MS_MAX;
	supervisor_after(forwarding->daemon->supervisor, after_ms, forward_again, forwarding);
}

static void forward_again(void *state)
{
	struct forwarding *forwarding = state;
	if (!pool_run(forwarding->daemon->pool, forward_task, forwarding))
		supervisor_after(
			forwarding->daemon->supervisor, AGAIN_MS, forward_again, forwarding);
}

void commit_forward(struct daemon *daemon, const char *run_id)
{
	struct forwarding *forwarding = memory_new(sizeof *forwarding);
	forwarding->daemon = daemon;
	forwarding->again_ms = AGAIN_MS;
	(void)strncpy(forwarding->run_id, run_id, WATCH_ID_BYTES - 1);
	forward_again(forwarding);
}
