#pragma once

#include "service/serve.h"

/* A run as it is now: the stored record with the progress that is only live. */
enum status run_view(struct daemon *daemon, struct catalog_txn *txn, struct text id,
	struct arena *arena, Tenon__V1__Run **run_out, struct error *err) MUST_USE;
void run_add_progress(struct daemon *daemon, Tenon__V1__Run *run, struct arena *arena);

/* In whose name it writes: of who started it, with the run ("crawl <id>") as the reason; in
 * its own where nobody is known. */
const struct author *run_author(
	const char *principal, const char *what, const char *run_id, struct arena *arena);

/* Jobs.WatchRun: the run now, then each change until it has ended. */
void watch_run(struct request *request);
/* Jobs.ReadLog: from an offset to the end, or until the run has ended. */
void read_log(struct request *request);
/* Worker.ReadLedger, Worker.ReadBookmark: page after page, no view held between. */
void read_ledger(struct request *request);
void read_bookmark(struct request *request);
