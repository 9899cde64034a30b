#include "service/recover.h"

#include "base/log.h"
#include "catalog/runs.h"
#include "jobs/run_state.h"
#include "service/commit.h"
#include "service/sweep.h"

struct open_runs {
	struct arena *arena;
	Tenon__Store__V1__RunRecord **at;
	size_t count;
};

static bool is_in(const Tenon__Store__V1__RunRecord *record, Tenon__V1__RunState state)
{
	return record->run->state == state;
}

/* One transaction for all: a start costs one sync at most. */
static enum status fail_running(struct catalog_txn *txn, void *state, struct error *err)
{
	static char why[] = "the daemon stopped while it ran";
	const struct open_runs *runs = state;
	for (size_t i = 0; i < runs->count; i++) {
		Tenon__Store__V1__RunRecord *record;
		if (!is_in(runs->at[i], TENON__V1__RUN_STATE__RUN_STATE_RUNNING))
			continue;
		TRY(run_get(txn, text_of(runs->at[i]->run->id), runs->arena, &record, err));
		TRY(run_move(record->run, TENON__V1__RUN_STATE__RUN_STATE_FAILED, err));
		record->run->error = why;
		TRY(run_put(txn, record, err));
	}
	return STATUS_OK;
}

static enum status read_open(struct daemon *daemon, struct open_runs *runs, struct error *err)
{
	OWNED(catalog_txn) txn = NULL;
	TRY(catalog_read(daemon->catalog, &txn, err));
	return run_list_open(txn, runs->arena, &runs->at, &runs->count, err);
}

static bool any_running(const struct open_runs *runs)
{
	for (size_t i = 0; i < runs->count; i++) {
		if (is_in(runs->at[i], TENON__V1__RUN_STATE__RUN_STATE_RUNNING))
			return true;
	}
	return false;
}

static void carry_on(struct daemon *daemon, Tenon__Store__V1__RunRecord *record)
{
	if (is_in(record, TENON__V1__RUN_STATE__RUN_STATE_QUEUED)) {
		supervisor_queue(daemon->supervisor, record->run->id);
	} else if (is_in(record, TENON__V1__RUN_STATE__RUN_STATE_COMMITTING)) {
		commit_forward(daemon, record->run->id);
	} else {
		log_line(LOG_WARN, "run %s: FAILED: the daemon stopped while it ran",
			record->run->id);
		sweep_run(daemon, record);
	}
}

enum status recover_runs(struct daemon *daemon, struct error *err)
{
	OWNED(arena) arena = arena_new();
	struct open_runs runs = {.arena = arena};
	TRY(read_open(daemon, &runs, err));
	for (size_t i = 0; i < runs.count; i++) {
		if (!is_in(runs.at[i], TENON__V1__RUN_STATE__RUN_STATE_QUEUED))
			supervisor_end_orphan(runs.at[i]->run);
	}
	if (any_running(&runs))
		TRY(catalog_write_now(daemon->catalog, fail_running, &runs, err));
	/* Oldest first, as they were queued: ids sort by time. */
	for (size_t i = 0; i < runs.count; i++)
		carry_on(daemon, runs.at[i]);
	sweep_leftovers(daemon);
	return STATUS_OK;
}
