#pragma once

#include "catalog/catalog.h"

#include <lmdb.h>
#include <pthread.h>
#include <stdatomic.h>

/* Inside the room: what a transaction is. The drawing of the keys is in README.md. */
enum db {
	DB_META,
	DB_DATABASES,
	DB_TABLES,
	DB_TABLES_BY_NAME,
	DB_TABLES_BY_LOCATION,
	DB_VERSIONS,
	DB_PARTITIONS,
	DB_FILES,
	DB_JOBS,
	DB_JOBS_BY_ID,
	DB_BOOKMARKS,
	DB_BOOKMARK_FILES,
	DB_RUNS,
	DB_RUNS_BY_JOB,
	DB_RUNS_OPEN,
	DB_FEED,
	DB_LONG, /* the rest of keys longer than LMDB's: see store.h */
	DB_DROPPED,
	DB_SEARCH,
	DB_PARTITION_INDEXES, /* definitions */
	DB_PARTITION_ORDERS, /* their entries */
	DB_STATISTICS,
	DB_TAGS,
	DB_FUNCTIONS,
	DB_CONNECTIONS,
	DB_CONFLICTS,
	DB_REGISTRIES,
	DB_SCHEMAS,
	DB_SCHEMA_VERSIONS,
	DB_SCHEMA_IDS,
	DB_WEBHOOKS,
	DB_TOKENS,
	DB_GRANTS,
	DB_AUDIT,
	DB_PINS,
	DB_RETENTION,
	DB_SEARCH_FRESH,
	DB_COUNT_, /* new ones before it: the journal knows them by their numbers */
};

struct table_memo; /* the table whose partitions a write is changing: memo.h */

struct catalog_txn {
	struct catalog *catalog;
	MDB_txn *mdb;
	bool writes;
	bool map_full; /* a put met the end of the map: grow it, apply the batch again */
	uint64_t puts; /* and deletes, of the batch so far */
	struct buffer *changes; /* these, for the journal (changes.h); NULL: it goes without */
	unsigned depth; /* reads of one thread share one view */
	struct table_memo *memo;
	struct author author; /* who writes: catalog_act_as */
	const struct sight *sight; /* who reads: catalog_see */
};

/* What a batch's transaction keeps in memory between calls: written down
 * (settled) at the end of each write, or forgotten when it fails. */
enum status txn_settle(struct catalog_txn *txn, struct error *err) MUST_USE;
void txn_forget(struct catalog_txn *txn);

struct writer;

enum { TOKEN_SECRET_BYTES = 16 };

struct catalog {
	MDB_env *env;
	MDB_dbi dbis[DB_COUNT_];
	int lock_fd;
	char *folder;
	char secret[TOKEN_SECRET_BYTES]; /* page tokens are ours when they know it */
	/* Held for reading while a read transaction lives; for writing to move the map. */
	pthread_rwlock_t map_lock;
	pthread_key_t reader_key;
	bool has_reader_key;
	pthread_mutex_t readers_lock;
	struct reader *readers; /* one per thread that has read */
	struct writer *writer;
	uint64_t view_growth_bytes; /* view.h */
	bool no_sync;
	uint64_t journal_bytes; /* journal.h; 0: as usual */
	uint64_t replayed; /* records of a journal, when it was opened */
	const atomic_bool *sync_fails; /* tests only */
	atomic_uint_fast64_t copying_since_ns; /* a copy that LMDB makes; 0: none */
};

/* Commits a write transaction, or aborts it and gives `status` back when that is an error. For
 * those that no writer thread serves yet. */
enum status txn_end(struct catalog_txn *txn, enum status status, struct error *err) MUST_USE;

/* LMDB's answer as ours; `doing` is for the message. */
enum status lmdb_status(int rc, struct error *err, const char *doing);

/* Twice the map. Waits for running reads; no write transaction may be open. */
enum status map_grow(struct catalog *catalog, struct error *err) MUST_USE;

enum status writer_start(
	struct catalog *catalog, struct writer **writer_out, struct error *err) MUST_USE;
void writer_free(struct writer *writer); /* applies what is queued first; NULL is fine */
OWNABLE(writer);
