#include "catalog/catalog.h"

#include "base/memory.h"
#include "catalog/format.h"
#include "catalog/holdings.h"
#include "catalog/journal_replay.h"
#include "catalog/key.h"
#include "catalog/lock.h"
#include "catalog/reader.h"
#include "catalog/search_index.h"
#include "catalog/store.h"
#include "catalog/view.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

enum { READERS_MAX = 1024 };

static enum status damaged(const char *folder, const char *why, struct error *err)
{
	return fail(err, STATUS_DATA_LOSS,
		"'%s' is not a catalog, or it is damaged (%s): restore it from a backup, or use "
		"another folder",
		folder, why);
}

static enum status environment_open(
	struct catalog *catalog, const struct catalog_options *options, struct error *err)
{
	size_t map_bytes = options->map_bytes ? options->map_bytes : (size_t)64 << 30;
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	map_bytes = (map_bytes + page - 1) / page * page;
	TRY(lmdb_status(mdb_env_create(&catalog->env), err, "create an environment"));
	TRY(lmdb_status(mdb_env_set_mapsize(catalog->env, map_bytes), err, "set the map's size"));
	TRY(lmdb_status(mdb_env_set_maxdbs(catalog->env, DB_COUNT_), err, "set databases"));
	TRY(lmdb_status(mdb_env_set_maxreaders(catalog->env, READERS_MAX), err, "set readers"));
	unsigned flags = MDB_NOTLS | (options->no_sync ? MDB_NOSYNC : 0);
	int rc = mdb_env_open(catalog->env, options->folder, flags, 0600);
	if (rc == MDB_INVALID || rc == MDB_VERSION_MISMATCH || rc == MDB_CORRUPTED)
		return damaged(options->folder, mdb_strerror(rc), err);
	TRY(lmdb_status(rc, err, options->folder));
	/* Readers of a process that was killed. */
	int dead;
	TRY(lmdb_status(mdb_reader_check(catalog->env, &dead), err, "check readers"));
	return STATUS_OK;
}

/* LMDB 0.9.24 opens its data file without close-on-exec: a program we start
 * would inherit a writable database. And a file that was cut short would end the
 * process by SIGBUS where it is read; with its length back, the missing pages
 * read as zeros, which LMDB reports as corruption. */
static enum status data_file_guard(
	struct catalog *catalog, const struct catalog_options *options, struct error *err)
{
	int fd;
	TRY(lmdb_status(mdb_env_get_fd(catalog->env, &fd), err, "find the data file"));
	if (fcntl(fd, F_SETFD, FD_CLOEXEC) != 0)
		return fail(err, STATUS_INTERNAL, "fcntl: %s", strerrordesc_np(errno));
	MDB_envinfo info;
	MDB_stat stat;
	TRY(lmdb_status(mdb_env_info(catalog->env, &info), err, "read the map's size"));
	TRY(lmdb_status(mdb_env_stat(catalog->env, &stat), err, "read the page size"));
	struct stat file;
	off_t wanted = (off_t)((info.me_last_pgno + 1) * stat.ms_psize);
	if (fstat(fd, &file) != 0)
		return fail(err, STATUS_INTERNAL, "stat: %s", strerrordesc_np(errno));
	if (file.st_size < wanted && ftruncate(fd, wanted) != 0)
		return fail(err, STATUS_FAILED_PRECONDITION, "'%s': extend the data file: %s",
			options->folder, strerrordesc_np(errno));
	return STATUS_OK;
}

static enum status secret_make(struct catalog_txn *txn, struct error *err)
{
	char *secret = txn->catalog->secret;
	if (getrandom(secret, TOKEN_SECRET_BYTES, 0) != TOKEN_SECRET_BYTES)
		return fail(err, STATUS_INTERNAL, "getrandom: %s", strerrordesc_np(errno));
	return store_put(
		txn, DB_META, TEXT("secret"), (struct text){secret, TOKEN_SECRET_BYTES}, err);
}

static enum status secret_read(struct catalog_txn *txn, const char *folder, struct error *err)
{
	bool found;
	struct text value = {0};
	TRY(store_find(txn, DB_META, TEXT("secret"), &found, &value, err));
	if (!found || value.length != TOKEN_SECRET_BYTES)
		return damaged(folder, "no secret", err);
	memcpy(txn->catalog->secret, value.at, TOKEN_SECRET_BYTES);
	return STATUS_OK;
}

/* A new folder gets its format and secret; an old one must have them. */
static enum status meta_ensure(struct catalog_txn *txn, const struct catalog_options *options,
	bool fresh, uint64_t *format_out, struct error *err)
{
	const struct formats *formats = options->formats ? options->formats : &formats_known;
	if (!fresh) {
		TRY(format_read(txn, formats, options->folder, format_out, err));
		return secret_read(txn, options->folder, err);
	}
	*format_out = format_newest(formats);
	TRY(format_put(txn, *format_out, err));
	return secret_make(txn, err);
}

static enum status databases_open(
	struct catalog_txn *txn, const struct catalog_options *options, struct error *err)
{
	MDB_stat stat;
	TRY(lmdb_status(mdb_env_stat(txn->catalog->env, &stat), err, "read the root"));
	bool fresh = stat.ms_entries == 0;
	uint64_t format = 0;
	for (int i = 0; i < DB_COUNT_; i++) {
		/* A foreign environment is refused before anything is made in it. */
		unsigned flags = fresh || i != DB_META ? MDB_CREATE : 0;
		int rc = mdb_dbi_open(txn->mdb, holdings[i].name, flags, &txn->catalog->dbis[i]);
		if (rc == MDB_NOTFOUND || rc == MDB_INCOMPATIBLE || rc == MDB_CORRUPTED)
			return damaged(options->folder, mdb_strerror(rc), err);
		TRY(lmdb_status(rc, err, holdings[i].name));
		if (i == DB_META)
			TRY(meta_ensure(txn, options, fresh, &format, err));
	}
	return format_upgrade(txn, options->formats ? options->formats : &formats_known,
		options->folder, format, err);
}

enum status txn_end(struct catalog_txn *txn, enum status status, struct error *err)
{
	if (status != STATUS_OK) {
		mdb_txn_abort(txn->mdb);
		return status;
	}
	int rc = mdb_txn_commit(txn->mdb);
	txn->map_full = rc == MDB_MAP_FULL;
	return lmdb_status(rc, err, "commit");
}

/* The first transaction: it opens the named databases for every later one. */
static enum status prepare(
	struct catalog *catalog, const struct catalog_options *options, struct error *err)
{
	struct catalog_txn txn = {.catalog = catalog, .writes = true};
	for (;;) {
		TRY(lmdb_status(
			mdb_txn_begin(catalog->env, NULL, 0, &txn.mdb), err, "begin a write"));
		enum status status = databases_open(&txn, options, err);
		if (status == STATUS_OK)
			status = search_index_ensure(&txn, err);
		status = txn_end(&txn, status, err);
		if (status == STATUS_OK || !txn.map_full)
			return status;
		TRY(map_grow(catalog, err));
		txn.map_full = false;
	}
}

/* The environment, with what a journal says was committed beyond it. */
static enum status bring_back(
	struct catalog *catalog, const struct catalog_options *options, struct error *err)
{
	struct replay replay;
	enum status status = replay_begin(options->folder, options->no_sync, &replay, err);
	if (status == STATUS_OK)
		status = environment_open(catalog, options, err);
	if (status == STATUS_OK)
		status = data_file_guard(catalog, options, err);
	if (status == STATUS_OK)
		status = replay_finish(catalog, &replay, &catalog->replayed, err);
	replay_done(&replay);
	return status;
}

enum status catalog_open(
	const struct catalog_options *options, struct catalog **catalog_out, struct error *err)
{
	OWNED(catalog) catalog = memory_new(sizeof *catalog);
	catalog->lock_fd = -1;
	(void)pthread_mutex_init(&catalog->readers_lock, NULL);
	/* Else reads without a pause would keep the map from ever moving. */
	pthread_rwlockattr_t fair;
	(void)pthread_rwlockattr_init(&fair);
	(void)pthread_rwlockattr_setkind_np(&fair, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
	(void)pthread_rwlock_init(&catalog->map_lock, &fair);
	(void)pthread_rwlockattr_destroy(&fair);
	catalog->view_growth_bytes =
		options->view_growth_bytes ? options->view_growth_bytes : VIEW_GROWTH_BYTES;
	catalog->sync_fails = options->sync_fails;
	catalog->no_sync = options->no_sync;
	catalog->journal_bytes = options->journal_bytes;
	catalog->folder = memory_text(options->folder);
	TRY(lock_folder(options->folder, &catalog->lock_fd, err));
	TRY(bring_back(catalog, options, err));
	TRY(prepare(catalog, options, err));
	TRY(readers_init(catalog, err));
	TRY(writer_start(catalog, &catalog->writer, err));
	*catalog_out = TAKE(catalog);
	return STATUS_OK;
}

void catalog_free(struct catalog *catalog)
{
	if (!catalog)
		return;
	writer_free(catalog->writer);
	readers_done(catalog);
	if (catalog->env)
		mdb_env_close(catalog->env);
	if (catalog->lock_fd >= 0)
		(void)close(catalog->lock_fd);
	(void)pthread_mutex_destroy(&catalog->readers_lock);
	(void)pthread_rwlock_destroy(&catalog->map_lock);
	free(catalog->folder);
	free(catalog);
}

enum status map_grow(struct catalog *catalog, struct error *err)
{
	MDB_envinfo info;
	TRY(lmdb_status(mdb_env_info(catalog->env, &info), err, "read the map's size"));
	(void)pthread_rwlock_wrlock(&catalog->map_lock);
	int rc = mdb_env_set_mapsize(catalog->env, info.me_mapsize * 2);
	(void)pthread_rwlock_unlock(&catalog->map_lock);
	if (rc == ENOMEM)
		return fail(err, STATUS_RESOURCE_EXHAUSTED,
			"no address space for a catalog of %zu bytes", info.me_mapsize * 2);
	return lmdb_status(rc, err, "grow the map");
}

enum status lmdb_status(int rc, struct error *err, const char *doing)
{
	switch (rc) {
	case MDB_SUCCESS:
		return STATUS_OK;
	case MDB_NOTFOUND:
		return fail(err, STATUS_NOT_FOUND, "%s: no such record", doing);
	case MDB_MAP_FULL:
		return fail(err, STATUS_RESOURCE_EXHAUSTED, "%s: the map is full", doing);
	case MDB_TXN_FULL:
		return fail(err, STATUS_RESOURCE_EXHAUSTED,
			"%s: too much in one transaction: send it in smaller parts", doing);
	case MDB_READERS_FULL:
		return fail(err, STATUS_RESOURCE_EXHAUSTED, "%s: more than %d threads read", doing,
			READERS_MAX);
	case ENOSPC:
	case EDQUOT:
	case EFBIG:
		return fail(err, STATUS_RESOURCE_EXHAUSTED,
			"%s: the disk is full: free some space and try again", doing);
	case MDB_CORRUPTED:
	case MDB_PAGE_NOTFOUND:
	case MDB_INVALID:
		return fail(err, STATUS_DATA_LOSS, "%s: the catalog's file is damaged: %s", doing,
			mdb_strerror(rc));
	case MDB_PANIC:
		return fail(err, STATUS_UNAVAILABLE,
			"%s: an earlier write to disk went wrong: restart the daemon", doing);
	case EACCES:
	case EROFS:
	case EPERM:
		return fail(err, STATUS_FAILED_PRECONDITION, "%s: %s", doing, mdb_strerror(rc));
	default:
		return fail(err, STATUS_INTERNAL, "%s: %s", doing, mdb_strerror(rc));
	}
}
