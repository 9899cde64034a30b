#pragma once

#include "base/arena.h"
#include "catalog/journal_file.h"
#include "catalog/txn.h"

/* What opening a store does when there is a journal: its process was killed, or the machine
 * went down. The data file is taken back to the base that the journal names, and all
 * that the journal holds is done again, in one transaction; then there is no journal.
 * Killed at any point of that, it begins from the start. */
struct replay {
	bool needed;
	int files[JOURNAL_FILES];
	const char *paths[JOURNAL_FILES];
	unsigned base; /* the file whose head is the base */
	struct journal_head head;
	struct arena *arena;
};

/* Before LMDB opens the folder. DATA_LOSS when the data file is missing, or older than the
 * journal's base (they are not of one store), and when there are records without a base. */
enum status replay_begin(
	const char *folder, bool no_sync, struct replay *replay, struct error *err) MUST_USE;
/* When it has. DATA_LOSS when a record is missing of which a later one says that it was
 * acknowledged. */
enum status replay_finish(struct catalog *catalog, struct replay *replay, uint64_t *records_out,
	struct error *err) MUST_USE;
void replay_done(struct replay *replay);
