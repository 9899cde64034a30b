#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "base/limits.h"
#include "base/owned.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* The one store of the process: an LMDB environment, its named databases, its one
 * writer thread. Reads take a read transaction and never wait for a sync; writes
 * are queued, applied in order, many to a transaction, and answered when durable.
 *
 * Keys are as in design.md ("The catalog room"). Never open the same folder twice
 * in a process, never use a catalog after fork(). */
struct catalog;

struct catalog_options {
	const char *folder; /* created when missing, mode 0700 */
	size_t map_bytes; /* 0: 64 GiB of address space; grows by itself when full */
	const struct formats *formats; /* tests only (format.h); NULL: those of this program */
	uint64_t view_growth_bytes; /* tests only (view.h); 0: as usual */
	bool no_sync; /* tests and benchmarks only: no durability */
	uint64_t journal_bytes; /* tests only: of a file of the journal (journal.h); 0: as usual */
	const atomic_bool *sync_fails; /* tests only: as if the disk failed; NULL: never */
};

/* FAILED_PRECONDITION when another process has it open (names its pid) or when it
 * was written by a newer format version (an older one is upgraded, format.h); DATA_LOSS when it is
 * not a catalog. */
enum status catalog_open(const struct catalog_options *options, struct catalog **catalog_out,
	struct error *err) MUST_USE;
void catalog_free(struct catalog *catalog); /* drains the writer, then closes */
OWNABLE(catalog);

/* A view of the catalog at one moment, or (inside a write) the one being made. */
struct catalog_txn;

/* Short reads only: never hold one over the network, a listing or a stream's
 * wait. Each thread's transaction is renewed, not made. */
enum status catalog_read(
	struct catalog *catalog, struct catalog_txn **txn_out, struct error *err) MUST_USE;
void catalog_txn_free(struct catalog_txn *txn); /* ends a read; NULL is fine */
OWNABLE(catalog_txn);

/* How long ago the oldest view of now was opened, copies included; 0: there is none.
 * Pages that were freed since are not used again before it ends. Any thread. */
uint64_t catalog_oldest_view_ns(struct catalog *catalog);

/* In whose name a write is made, for versions, feed and audit: from here to the end of
 * this write, borrowed until there. Until it is called, "local". */
struct author {
	const char *name; /* "local", a principal, "crawl <run>", "run <run>" */
	const char *reason; /* "" when none was given */
};
void catalog_act_as(struct catalog_txn *txn, const struct author *author);

/* Who reads, and what listings, counts, searches and the feed show them: from here to the end of
 * the view, borrowed until there. NULL, and until it is called: everything. */
struct sight {
	/* Names as they are stored; an empty table is the database itself. */
	bool (*table)(const struct sight *sight, struct text database, struct text table);
	/* All of a database: whatever is in it, and how much. */
	bool (*database)(const struct sight *sight, struct text database);
	/* Of what is in no database: "job/daily". */
	bool (*resource)(const struct sight *sight, struct text resource);
};
void catalog_see(struct catalog_txn *txn, const struct sight *sight);

/* A write: `apply` runs on the writer thread inside a transaction shared with
 * others; a failure undoes this write alone, and cheaply when nothing was put before it.
 * It runs again from the start when the map had to grow, or another write had to be
 * undone, so it leaves nothing behind but its outputs. `done` runs
 * after the sync (or after the failure), never before, on a thread of the catalog's: in the
 * order of the writes, and later ones may be applied meanwhile. The struct lives until
 * then. Neither may submit and wait. */
struct catalog_write {
	enum status (*apply)(
		struct catalog_txn *txn, struct catalog_write *write, struct error *err);
	void (*done)(struct catalog_write *write, enum status status, const struct error *err);
	size_t bytes; /* roughly what it puts: a transaction holds at most 4 MB */
};
/* RESOURCE_EXHAUSTED when the queue is full; then `done` is not called. */
enum status catalog_submit(
	struct catalog *catalog, struct catalog_write *write, struct error *err) MUST_USE;
/* Submit and wait until it is durable. Not on a poller thread. */
enum status catalog_write_now(struct catalog *catalog,
	enum status (*apply)(struct catalog_txn *txn, void *state, struct error *err), void *state,
	struct error *err) MUST_USE;
/* The same for one that puts far more than a batch: in a transaction of its own, so
 * that its failure is an abort and no other write is held in memory with it. */
enum status catalog_write_alone(struct catalog *catalog,
	enum status (*apply)(struct catalog_txn *txn, void *state, struct error *err), void *state,
	struct error *err) MUST_USE;

/* `committed` is called on a thread of the catalog's after each transaction that became
 * durable, when its writes have been answered; it must not wait. Said once, before the
 * first write. */
void catalog_on_commit(struct catalog *catalog, void (*committed)(void *state), void *state);

/* Since the open. Any thread. */
struct catalog_stats {
	uint64_t commits; /* transactions that were synced */
	uint64_t writes; /* answered OK */
	uint64_t refusals; /* the asker's to mend: status_is_refusal */
	uint64_t failures; /* answered otherwise */
	uint64_t grown; /* times the map grew */
	uint64_t queued; /* now */
	uint64_t replayed; /* commits that the open did again from the journal of a crash */
};
void catalog_stats(struct catalog *catalog, struct catalog_stats *stats_out);
