#include "service/run_view.h"

#include "catalog/runs.h"
#include "jobs/run_state.h"

#include <string.h>

void run_add_progress(struct daemon *daemon, Tenon__V1__Run *run, struct arena *arena)
{
	if (run_has_ended(run->state))
		return;
	Tenon__V1__Progress *progress = live_progress(daemon->live, run->id, arena);
	if (progress)
		run->progress = progress;
}

enum status run_view(struct daemon *daemon, struct catalog_txn *txn, struct text id,
	struct arena *arena, Tenon__V1__Run **run_out, struct error *err)
{
	Tenon__Store__V1__RunRecord *record;
	TRY(run_get(txn, id, arena, &record, err));
	run_add_progress(daemon, record->run, arena);
	*run_out = record->run;
	return STATUS_OK;
}

const struct author *run_author(
	const char *principal, const char *what, const char *run_id, struct arena *arena)
{
	struct author *author = arena_alloc(arena, sizeof *author);
	const char *run = arena_printf(arena, "%s %s", what, run_id);
	bool known = *principal && strcmp(principal, "local") != 0;
	*author = known ? (struct author){principal, run} : (struct author){run, ""};
	return author;
}
