#include "service/run_view.h"

#include "catalog/runs.h"
#include "jobs/run_state.h"

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
