#include "service/sweep.h"

#include "base/log.h"
#include "base/memory.h"
#include "catalog/runs.h"
#include "jobs/run_state.h"
#include "service/folder.h"
#include "service/parts.h"
#include "storage/stage.h"
#include "storage/store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *note_path(struct arena *arena, struct daemon *daemon, const char *run_id)
{
	return arena_printf(arena, "%s/%s", daemon->stage_folder, run_id);
}

enum status sweep_note(struct daemon *daemon, const char *run_id, struct error *err)
{
	OWNED(arena) arena = arena_new();
	const char *path = note_path(arena, daemon, run_id);
	int note = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (note < 0)
		return fail(err, STATUS_INTERNAL, "'%s' cannot be written: %s", path,
			strerrordesc_np(errno));
	(void)close(note);
	return STATUS_OK;
}

static bool discard_stage(const char *target, const char *run_id)
{
	struct error err;
	OWNED(store) store = NULL;
	enum status status = store_open(text_of(target), &store, &err);
	if (status == STATUS_OK)
		status = stage_discard(store, text_of(target), text_of(run_id), &err);
	if (status != STATUS_OK)
		log_line(LOG_WARN, "run %s: its stage folder in '%s' is left: %s", run_id, target,
			err.message);
	return status == STATUS_OK;
}

void sweep_now(struct daemon *daemon, const Tenon__Store__V1__RunRecord *record)
{
	OWNED(arena) arena = arena_new();
	const char *run_id = record->run->id;
	bool clean = true;
	for (size_t i = 0; i < record->n_stage_targets; i++)
		clean = discard_stage(record->stage_targets[i], run_id) && clean;
	folder_remove(arena_printf(arena, "%s/%s", daemon->spill_folder, run_id));
	parts_remove(daemon, run_id);
	if (clean)
		(void)unlink(note_path(arena, daemon, run_id));
}

struct sweeping {
	struct daemon *daemon;
	char *run_id;
};

/* The record is read again: a target may have been announced since. */
static enum status load(struct sweeping *sweeping, struct arena *arena,
	Tenon__Store__V1__RunRecord **record_out, struct error *err)
{
	OWNED(catalog_txn) txn = NULL;
	TRY(catalog_read(sweeping->daemon->catalog, &txn, err));
	return run_get(txn, text_of(sweeping->run_id), arena, record_out, err);
}

static void sweep(void *state)
{
	struct sweeping *sweeping = state;
	OWNED(arena) arena = arena_new();
	struct error err;
	Tenon__Store__V1__RunRecord *record;
	if (load(sweeping, arena, &record, &err) != STATUS_OK)
		log_line(LOG_WARN, "run %s: not swept: %s", sweeping->run_id, err.message);
	else if (run_has_ended(record->run->state))
		sweep_now(sweeping->daemon, record);
	free(sweeping->run_id);
	free(sweeping);
}

static void sweep_later(struct daemon *daemon, const char *run_id)
{
	struct sweeping *sweeping = memory_new(sizeof *sweeping);
	*sweeping = (struct sweeping){daemon, memory_text(run_id)};
	if (pool_run(daemon->pool, sweep, sweeping))
		return;
	log_line(LOG_WARN, "run %s: swept at the next start, the daemon is too busy", run_id);
	free(sweeping->run_id);
	free(sweeping);
}

void sweep_run(struct daemon *daemon, const Tenon__Store__V1__RunRecord *record)
{
	sweep_later(daemon, record->run->id);
}

void sweep_leftovers(struct daemon *daemon)
{
	DIR *notes = opendir(daemon->stage_folder);
	if (!notes)
		return;
	for (struct dirent *note = readdir(notes); note; note = readdir(notes)) {
		if (note->d_name[0] != '.')
			sweep_later(daemon, note->d_name);
	}
	(void)closedir(notes);
}
