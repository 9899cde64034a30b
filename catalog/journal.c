#include "catalog/journal.h"

#include "base/memory.h"
#include "catalog/folder_sync.h"
#include "catalog/journal_file.h"
#include "catalog/thread.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

enum {
	FILE_BYTES = 16 * 1024 * 1024, /* a checkpoint is due */
	FILE_TIMES_MAX = 4, /* and when the last one is not done by this many, it is waited for */
	GROWTH_BYTES = 32 * 1024 * 1024, /* of the data file since the base: the same */
	GROWTH_SHARE = 4, /* or by this part of it, if that is more */
	REST_MS = 1000,
};

/* A transaction that the journal may go on from. */
struct base {
	MDB_txn *pin;
	struct journal_head head;
	char *meta; /* the head's */
};

struct journal {
	struct catalog *catalog;
	uint64_t file_bytes;
	struct arena *arena;
	const char *paths[JOURNAL_FILES];
	int files[JOURNAL_FILES];
	bool begun; /* there are files and a base */

	/* The writer's. */
	unsigned current; /* the file that records go into */
	uint64_t generation; /* of these */
	uint64_t sequence; /* of the next one, and where it goes */
	uint64_t at;
	uint64_t last_at; /* of the one before */
	uint64_t base_pages; /* of the data file when the checkpoint began */

	struct base in_force; /* the checkpoint thread's while it is busy, else the writer's */
	struct base coming;
	unsigned coming_file;
	pthread_mutex_t lock; /* busy, ends */
	pthread_cond_t changed;
	bool busy, ends;
	pthread_t thread;
	bool started;

	atomic_int failed; /* errno of the sync that failed; 0: none */
};

static enum status sync_failed(int code, struct error *err)
{
	return fail(err, STATUS_UNAVAILABLE,
		"the disk failed to take a write (%s), and may have lost it: nothing more is "
		"written before the daemon is restarted",
		strerrordesc_np(code));
}

enum status journal_check(const struct journal *journal, struct error *err)
{
	int code = atomic_load(&journal->failed);
	return code ? sync_failed(code, err) : STATUS_OK;
}

/* From here on nobody knows what the disk holds. */
static void give_up(struct journal *journal, int code)
{
	int none = 0;
	(void)atomic_compare_exchange_strong(&journal->failed, &none, code);
}

static int data_file(const struct journal *journal)
{
	int fd = -1;
	(void)mdb_env_get_fd(journal->catalog->env, &fd);
	return fd;
}

/* 0, or errno. */
static int file_sync(const struct journal *journal, int fd)
{
	if (journal->catalog->sync_fails && atomic_load(journal->catalog->sync_fails))
		return EIO;
	if (journal->catalog->no_sync)
		return 0;
	return fdatasync(fd) == 0 ? 0 : errno;
}

static enum status folder_settle(const struct journal *journal, struct error *err)
{
	return journal->catalog->no_sync ? STATUS_OK : folder_sync(journal->catalog->folder, err);
}

static void base_drop(struct base *base)
{
	if (base->pin)
		mdb_txn_abort(base->pin);
	free(base->meta);
	*base = (struct base){0};
}

/* The newest commit, on the writer's thread between two transactions: what LMDB's first
 * pages say is it, and whole. */
static enum status base_take(struct journal *journal, struct base *base, struct error *err)
{
	MDB_env *env = journal->catalog->env;
	MDB_stat stat;
	TRY(lmdb_status(mdb_env_stat(env, &stat), err, "read the page size"));
	size_t length = 2 * (size_t)stat.ms_psize;
	TRY(lmdb_status(mdb_txn_begin(env, NULL, MDB_RDONLY, &base->pin), err, "pin a base"));
	base->meta = memory_new(length);
	if (pread(data_file(journal), base->meta, length, 0) != (ssize_t)length) {
		int code = errno;
		base_drop(base);
		return fail(err, STATUS_INTERNAL, "read the catalog's first pages: %s",
			strerrordesc_np(code));
	}
	base->head = (struct journal_head){
		.generation = journal->generation + 1,
		.sequence = journal->sequence,
		.transaction = mdb_txn_id(base->pin),
		.meta = {base->meta, length},
	};
	return STATUS_OK;
}

static uint64_t data_pages(const struct journal *journal)
{
	MDB_envinfo info;
	return mdb_env_info(journal->catalog->env, &info) == MDB_SUCCESS ? info.me_last_pgno : 0;
}

/* Records go on in `file` from here. */
static void turn_to(struct journal *journal, unsigned file, const struct base *base)
{
	journal->current = file;
	journal->generation = base->head.generation;
	journal->at = JOURNAL_RECORDS;
	journal->base_pages = data_pages(journal);
}

/* Its pages first, then the head that names them: then the base before is let go. */
static enum status base_settle(struct journal *journal, struct base *base, unsigned file)
{
	struct error err;
	int code = file_sync(journal, data_file(journal));
	if (code == 0 && journal_head_write(journal->files[file], journal->paths[file], &base->head,
				 &err) != STATUS_OK)
		code = EIO;
	if (code == 0)
		code = file_sync(journal, journal->files[file]);
	if (code) {
		give_up(journal, code);
		return STATUS_UNAVAILABLE;
	}
	base_drop(&journal->in_force);
	journal->in_force = *base;
	*base = (struct base){0};
	return STATUS_OK;
}

static void *journal_run(void *argument)
{
	struct journal *journal = argument;
	thread_writes("catalog-journal");
	(void)pthread_mutex_lock(&journal->lock);
	for (;;) {
		while (!journal->busy && !journal->ends)
			(void)pthread_cond_wait(&journal->changed, &journal->lock);
		if (!journal->busy)
			break;
		(void)pthread_mutex_unlock(&journal->lock);
		(void)base_settle(journal, &journal->coming, journal->coming_file);
		(void)pthread_mutex_lock(&journal->lock);
		journal->busy = false;
		(void)pthread_cond_broadcast(&journal->changed);
	}
	(void)pthread_mutex_unlock(&journal->lock);
	return NULL;
}

static bool is_busy(struct journal *journal)
{
	(void)pthread_mutex_lock(&journal->lock);
	bool busy = journal->busy;
	(void)pthread_mutex_unlock(&journal->lock);
	return busy;
}

static void checkpoint_wait(struct journal *journal)
{
	(void)pthread_mutex_lock(&journal->lock);
	while (journal->busy)
		(void)pthread_cond_wait(&journal->changed, &journal->lock);
	(void)pthread_mutex_unlock(&journal->lock);
}

static enum status checkpoint_begin(struct journal *journal, struct error *err)
{
	TRY(journal_check(journal, err));
	base_drop(&journal->coming); /* of one that failed */
	TRY(base_take(journal, &journal->coming, err));
	journal->coming_file = (journal->current + 1) % JOURNAL_FILES;
	turn_to(journal, journal->coming_file, &journal->coming);
	(void)pthread_mutex_lock(&journal->lock);
	journal->busy = true;
	(void)pthread_cond_broadcast(&journal->changed);
	(void)pthread_mutex_unlock(&journal->lock);
	return STATUS_OK;
}

enum status journal_new(struct catalog *catalog, struct journal **journal_out, struct error *err)
{
	OWNED(journal) journal = memory_new(sizeof *journal);
	journal->catalog = catalog;
	journal->file_bytes = catalog->journal_bytes ? catalog->journal_bytes : FILE_BYTES;
	journal->arena = arena_new();
	(void)pthread_mutex_init(&journal->lock, NULL);
	(void)pthread_cond_init(&journal->changed, NULL);
	for (unsigned i = 0; i < JOURNAL_FILES; i++) {
		journal->files[i] = -1;
		journal->paths[i] = journal_path(journal->arena, catalog->folder, i);
	}
	if (pthread_create(&journal->thread, NULL, journal_run, journal) != 0)
		return fail(err, STATUS_RESOURCE_EXHAUSTED, "no thread for the catalog's journal");
	journal->started = true;
	*journal_out = TAKE(journal);
	return STATUS_OK;
}

static enum status files_make(struct journal *journal, struct error *err)
{
	for (unsigned i = 0; i < JOURNAL_FILES; i++) {
		const char *path = journal->paths[i];
		journal->files[i] = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
		if (journal->files[i] < 0)
			return lmdb_status(errno, err, path);
	}
	return folder_settle(journal, err);
}

static enum status files_remove(struct journal *journal, struct error *err)
{
	/* The one in force last: what an older one says is not so any more. */
	for (unsigned i = 1; i <= JOURNAL_FILES; i++) {
		unsigned file = (journal->current + i) % JOURNAL_FILES;
		(void)close(journal->files[file]);
		journal->files[file] = -1;
		(void)unlink(journal->paths[file]);
		TRY(folder_settle(journal, err));
	}
	return STATUS_OK;
}

static enum status begin(struct journal *journal, struct error *err)
{
	if (mdb_env_sync(journal->catalog->env, !journal->catalog->no_sync) != MDB_SUCCESS)
		return fail(
			err, STATUS_UNAVAILABLE, "sync the catalog: %s", strerrordesc_np(errno));
	TRY(files_make(journal, err));
	journal->sequence = 1;
	TRY(base_take(journal, &journal->coming, err));
	TRY(journal_head_write(journal->files[0], journal->paths[0], &journal->coming.head, err));
	int code = file_sync(journal, journal->files[0]);
	if (code)
		return give_up(journal, code), journal_check(journal, err);
	turn_to(journal, 0, &journal->coming);
	journal->in_force = journal->coming;
	journal->coming = (struct base){0};
	return lmdb_status(mdb_env_set_flags(journal->catalog->env, MDB_NOSYNC, 1), err,
		"leave syncs to the journal");
}

enum status journal_ready(struct journal *journal, struct error *err)
{
	TRY(journal_check(journal, err));
	if (journal->begun)
		return STATUS_OK;
	enum status status = begin(journal, err);
	journal->begun = status == STATUS_OK;
	if (status == STATUS_OK)
		return STATUS_OK;
	struct error ignored;
	base_drop(&journal->coming);
	(void)files_remove(journal, &ignored);
	return status;
}

enum status journal_append(struct journal *journal, struct batch *batch, struct error *err)
{
	batch->journal = -1;
	if (batch->record.full)
		return STATUS_OK;
	journal_record_seal(&batch->record, journal->generation, journal->sequence);
	if (batch->record.full)
		return STATUS_OK;
	TRY(journal_bytes_write(journal->files[journal->current], journal->paths[journal->current],
		buffer_text(&batch->record), journal->at, err));
	batch->journal = (int)journal->current;
	journal->last_at = journal->at;
	journal->at += batch->record.length;
	journal->sequence++;
	return STATUS_OK;
}

void journal_withdraw(struct journal *journal, struct batch *batch)
{
	static const char nothing[JOURNAL_RECORD_HEAD];
	struct error err;
	if (batch->journal < 0)
		return;
	journal->at = journal->last_at;
	journal->sequence--;
	/* Else it would be done again after a crash, though it was refused. */
	if (journal_bytes_write(journal->files[batch->journal], journal->paths[batch->journal],
		    (struct text){nothing, sizeof nothing}, journal->at, &err) != STATUS_OK)
		give_up(journal, EIO);
	batch->journal = -1;
}

static bool is_due(const struct journal *journal)
{
	if (journal->at - JOURNAL_RECORDS >= journal->file_bytes)
		return true;
	MDB_stat stat;
	uint64_t pages = data_pages(journal);
	if (mdb_env_stat(journal->catalog->env, &stat) != MDB_SUCCESS ||
		pages < journal->base_pages)
		return false;
	uint64_t share = journal->base_pages / GROWTH_SHARE;
	uint64_t most = GROWTH_BYTES / stat.ms_psize;
	return pages - journal->base_pages >= (share > most ? share : most);
}

int64_t journal_rest_ms(const struct journal *journal)
{
	bool clean = !journal->begun || journal->at == JOURNAL_RECORDS;
	return clean || atomic_load(&journal->failed) ? -1 : REST_MS;
}

void journal_rest(struct journal *journal)
{
	struct error err;
	if (journal_rest_ms(journal) >= 0 && !is_busy(journal))
		(void)checkpoint_begin(journal, &err);
}

/* The batch is in no record: what comes after it could not be done again without it. */
static enum status settle_alone(struct journal *journal, struct error *err)
{
	checkpoint_wait(journal);
	if (checkpoint_begin(journal, err) != STATUS_OK) {
		give_up(journal, EIO);
		return err->status;
	}
	checkpoint_wait(journal);
	return journal_check(journal, err);
}

enum status journal_settle(struct journal *journal, const struct batch *batch, struct error *err)
{
	if (batch->journal < 0)
		return settle_alone(journal, err);
	if (!is_due(journal))
		return STATUS_OK;
	if (journal->at - JOURNAL_RECORDS >= FILE_TIMES_MAX * journal->file_bytes)
		checkpoint_wait(journal);
	journal_rest(journal);
	return STATUS_OK;
}

enum status journal_sync(struct journal *journal, const struct batch *batch, struct error *err)
{
	TRY(journal_check(journal, err));
	if (batch->journal < 0)
		return STATUS_OK;
	int code = file_sync(journal, journal->files[batch->journal]);
	if (code)
		give_up(journal, code);
	return journal_check(journal, err);
}

/* All is in the data file, and on the disk: no journal is needed. */
static void finish(struct journal *journal)
{
	struct error err;
	MDB_env *env = journal->catalog->env;
	if (journal_check(journal, &err) != STATUS_OK)
		return;
	if (!journal->catalog->no_sync && mdb_env_sync(env, 1) != MDB_SUCCESS)
		return;
	(void)files_remove(journal, &err);
}

void journal_free(struct journal *journal)
{
	if (!journal)
		return;
	if (journal->started) {
		(void)pthread_mutex_lock(&journal->lock);
		journal->ends = true;
		(void)pthread_cond_broadcast(&journal->changed);
		(void)pthread_mutex_unlock(&journal->lock);
		(void)pthread_join(journal->thread, NULL);
	}
	if (journal->begun)
		finish(journal);
	base_drop(&journal->in_force);
	base_drop(&journal->coming);
	for (unsigned i = 0; i < JOURNAL_FILES; i++) {
		if (journal->files[i] >= 0)
			(void)close(journal->files[i]);
	}
	(void)pthread_cond_destroy(&journal->changed);
	(void)pthread_mutex_destroy(&journal->lock);
	arena_free(journal->arena);
	free(journal);
}
