#include "jobs/run_step.h"

#include "catalog/runs.h"
#include "jobs/run_state.h"

static enum status apply_step(struct catalog_txn *txn, void *state, struct error *err)
{
	struct run_step *step = state;
	char *hash = NULL;
	TRY(run_get(txn, text_of(step->run_id), step->arena, &step->record, err));
	Tenon__V1__Run *run = step->record->run;
	step->late = !run_may_move(run->state, step->to);
	if (step->late)
		return STATUS_OK;
	TRY(run_move(run, step->to, err));
	if (step->token_hash)
		hash = arena_text(step->arena, text_of(step->token_hash));
	if (hash)
		step->record->token_hash = hash;
	if (step->error)
		run->error = arena_text(step->arena, text_of(step->error));
	if (step->progress)
		run->progress = step->progress;
	return run_put(txn, step->record, err);
}

enum status run_step(struct catalog *catalog, struct run_step *step, struct error *err)
{
	return catalog_write_now(catalog, apply_step, step, err);
}

struct note_pid {
	const char *run_id;
	pid_t pid;
};

static enum status apply_pid(struct catalog_txn *txn, void *state, struct error *err)
{
	const struct note_pid *note = state;
	OWNED(arena) arena = arena_new();
	Tenon__Store__V1__RunRecord *record;
	TRY(run_get(txn, text_of(note->run_id), arena, &record, err));
	if (run_has_ended(record->run->state))
		return STATUS_OK;
	record->run->worker_pid = (uint32_t)note->pid;
	return run_put(txn, record, err);
}

enum status run_note_pid(struct catalog *catalog, const char *run_id, pid_t pid, struct error *err)
{
	struct note_pid note = {run_id, pid};
	return catalog_write_now(catalog, apply_pid, &note, err);
}
