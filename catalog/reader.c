#include "catalog/reader.h"

#include "base/memory.h"
#include "catalog/txn.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

struct reader {
	struct catalog_txn txn; /* first: a reader's transaction is the reader */
	struct reader *next;
	struct reader **link;
	atomic_uint_fast64_t since_ns; /* its view was opened; 0: it has none */
};

/* Some milliseconds coarse, and a tenth of the time of the exact one: every read asks. */
static uint64_t coarse_ns(void)
{
	struct timespec now;
	(void)clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static void reader_free(struct reader *reader)
{
	if (reader->txn.mdb)
		mdb_txn_abort(reader->txn.mdb);
	free(reader);
}

/* A thread ends. */
static void reader_leave(void *value)
{
	struct reader *reader = value;
	struct catalog *catalog = reader->txn.catalog;
	(void)pthread_mutex_lock(&catalog->readers_lock);
	*reader->link = reader->next;
	if (reader->next)
		reader->next->link = reader->link;
	(void)pthread_mutex_unlock(&catalog->readers_lock);
	reader_free(reader);
}

static struct reader *reader_join(struct catalog *catalog)
{
	struct reader *reader = memory_new(sizeof *reader);
	reader->txn.catalog = catalog;
	(void)pthread_mutex_lock(&catalog->readers_lock);
	reader->next = catalog->readers;
	reader->link = &catalog->readers;
	if (reader->next)
		reader->next->link = &reader->next;
	catalog->readers = reader;
	(void)pthread_mutex_unlock(&catalog->readers_lock);
	(void)pthread_setspecific(catalog->reader_key, reader);
	return reader;
}

enum status readers_init(struct catalog *catalog, struct error *err)
{
	if (pthread_key_create(&catalog->reader_key, reader_leave) != 0)
		return fail(err, STATUS_RESOURCE_EXHAUSTED, "no thread key is left");
	catalog->has_reader_key = true;
	return STATUS_OK;
}

void readers_done(struct catalog *catalog)
{
	if (catalog->has_reader_key)
		(void)pthread_key_delete(catalog->reader_key);
	while (catalog->readers) {
		struct reader *reader = catalog->readers;
		catalog->readers = reader->next;
		assert(reader->txn.depth == 0);
		reader_free(reader);
	}
}

enum status catalog_read(struct catalog *catalog, struct catalog_txn **txn_out, struct error *err)
{
	struct reader *reader = pthread_getspecific(catalog->reader_key);
	if (!reader)
		reader = reader_join(catalog);
	struct catalog_txn *txn = &reader->txn;
	if (txn->depth == 0) {
		(void)pthread_rwlock_rdlock(&catalog->map_lock);
		int rc = txn->mdb ? mdb_txn_renew(txn->mdb)
				  : mdb_txn_begin(catalog->env, NULL, MDB_RDONLY, &txn->mdb);
		if (rc != MDB_SUCCESS) {
			(void)pthread_rwlock_unlock(&catalog->map_lock);
			return lmdb_status(rc, err, "begin a read");
		}
		atomic_store_explicit(&reader->since_ns, coarse_ns(), memory_order_relaxed);
	}
	txn->depth++;
	*txn_out = txn;
	return STATUS_OK;
}

void catalog_txn_free(struct catalog_txn *txn)
{
	if (!txn)
		return;
	assert(!txn->writes && txn->depth > 0);
	if (--txn->depth > 0)
		return;
	txn->sight = NULL;
	mdb_txn_reset(txn->mdb);
	struct reader *reader = (struct reader *)txn;
	atomic_store_explicit(&reader->since_ns, 0, memory_order_relaxed);
	(void)pthread_rwlock_unlock(&txn->catalog->map_lock);
}

uint64_t catalog_oldest_view_ns(struct catalog *catalog)
{
	uint64_t now = coarse_ns();
	uint64_t oldest = atomic_load(&catalog->copying_since_ns);
	(void)pthread_mutex_lock(&catalog->readers_lock);
	for (struct reader *reader = catalog->readers; reader; reader = reader->next) {
		uint64_t since = atomic_load_explicit(&reader->since_ns, memory_order_relaxed);
		oldest = since && (!oldest || since < oldest) ? since : oldest;
	}
	(void)pthread_mutex_unlock(&catalog->readers_lock);
	return oldest && oldest < now ? now - oldest : 0;
}
