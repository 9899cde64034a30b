#pragma once

#include "catalog/batch.h"

/* What makes a commit durable: one write and one sync at the end of a file, instead of LMDB's
 * pages in fifty places.
 *
 * A batch's puts and deletes (changes.h) are appended to the journal before LMDB commits
 * them, and synced before they are answered; LMDB itself syncs nothing. After a crash its
 * file may hold any mixture of pages, so it is taken back to a *base*, a transaction whose
 * pages are known to be on the disk, and the journal is done again from there
 * (journal_replay.h): always, not only when power was lost, so that there is one way
 * and every test of a kill takes it.
 *
 * Pages of the base stay as they are because a read transaction, the *pin*, is open on it:
 * LMDB then uses none of them again. A *checkpoint* makes the newest commit the base: a
 * pin on it, its meta pages read, the data file synced, and then these pages written into
 * the head of the journal's other file, where records go from then on. It comes when
 * a file of the journal is full, when the data file has grown by much, and when nothing
 * has been written for a while. A thread of its own waits for the disk.
 *
 *   journal.0   head: base 7   records 1041 1042 1043
 *   journal.1   head: base 6   records 1044 1045          base 8 is being synced
 *
 * A catalog that is closed has no journal. All but the sync is the writer thread's. */
struct journal;

enum status journal_new(
	struct catalog *catalog, struct journal **journal_out, struct error *err) MUST_USE;
/* Syncs all that was committed and removes the files; NULL is fine. Nothing may be on
 * its way. */
void journal_free(struct journal *journal);
OWNABLE(journal);

/* Before a batch's transaction begins: there is a base. */
enum status journal_ready(struct journal *journal, struct error *err) MUST_USE;

/* Before a batch is committed: `batch->record` is in the file. One that is too big for the
 * journal is left to journal_settle. RESOURCE_EXHAUSTED when the disk is full: nothing was
 * appended. */
enum status journal_append(
	struct journal *journal, struct batch *batch, struct error *err) MUST_USE;
/* Its commit has failed: it will not be done again. */
void journal_withdraw(struct journal *journal, struct batch *batch);
/* After its commit: begins a checkpoint when one is due, and waits for it when the batch is
 * durable by that alone; only that can fail. */
enum status journal_settle(
	struct journal *journal, const struct batch *batch, struct error *err) MUST_USE;

/* How long the writer may wait for work before it calls journal_rest; -1: for ever. */
int64_t journal_rest_ms(const struct journal *journal);
/* Nothing was written for a while: a checkpoint, unless nothing has been since the last. One
 * that cannot begin is tried again at the next rest. */
void journal_rest(struct journal *journal);

/* The batch is on the disk. Any thread. UNAVAILABLE once a sync has failed: what the disk
 * holds is not known from there on. */
enum status journal_sync(
	struct journal *journal, const struct batch *batch, struct error *err) MUST_USE;
enum status journal_check(const struct journal *journal, struct error *err) MUST_USE;
