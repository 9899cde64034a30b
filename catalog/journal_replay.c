#include "catalog/journal_replay.h"

#include "catalog/batch.h"
#include "catalog/changes.h"
#include "catalog/folder_sync.h"
#include "catalog/holdings.h"
#include "catalog/store.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sys/stat.h>
#include <unistd.h>

static enum status files_open(const char *folder, struct replay *replay, struct error *err)
{
	for (unsigned i = 0; i < JOURNAL_FILES; i++) {
		replay->paths[i] = journal_path(replay->arena, folder, i);
		replay->files[i] = open(replay->paths[i], O_RDWR | O_CLOEXEC);
		if (replay->files[i] < 0 && errno != ENOENT)
			return fail(err, STATUS_FAILED_PRECONDITION, "open '%s': %s",
				replay->paths[i], strerrordesc_np(errno));
	}
	return STATUS_OK;
}

/* The newest head is the base. */
static enum status base_find(struct replay *replay, struct error *err)
{
	for (unsigned i = 0; i < JOURNAL_FILES; i++) {
		bool found;
		struct journal_head head;
		if (replay->files[i] < 0)
			continue;
		TRY(journal_head_read(
			replay->files[i], replay->paths[i], replay->arena, &found, &head, err));
		if (!found || (replay->needed && head.generation < replay->head.generation))
			continue;
		replay->needed = true;
		replay->base = i;
		replay->head = head;
	}
	return STATUS_OK;
}

/* No file has a head: a first base that was being written has no records yet. */
static enum status nothing_was_begun(const struct replay *replay, struct error *err)
{
	for (unsigned i = 0; i < JOURNAL_FILES; i++) {
		struct stat file = {.st_size = 0};
		if (replay->files[i] < 0 || fstat(replay->files[i], &file) != 0 ||
			file.st_size <= JOURNAL_RECORDS)
			continue;
		return fail(err, STATUS_DATA_LOSS,
			"'%s' is damaged: it has records, and nothing says what they go on from: "
			"restore a backup, or move journal.0 and journal.1 away to go on with what "
			"data.mdb has",
			replay->paths[i]);
	}
	return STATUS_OK;
}

/* What the data file says is its newest transaction; UINT64_MAX when it does not say. */
static uint64_t newest_transaction(const char *folder)
{
	MDB_env *env;
	MDB_envinfo info = {.me_last_txnid = SIZE_MAX};
	if (mdb_env_create(&env) != MDB_SUCCESS)
		return UINT64_MAX;
	if (mdb_env_open(env, folder, MDB_RDONLY | MDB_NOLOCK, 0600) == MDB_SUCCESS)
		(void)mdb_env_info(env, &info);
	mdb_env_close(env);
	return info.me_last_txnid;
}

/* A base is on the disk before a head names it: a data file that is older is another one. */
static enum status fits(const char *folder, const struct replay *replay, struct error *err)
{
	char *data = arena_printf(replay->arena, "%s/data.mdb", folder);
	const char *journal = replay->paths[replay->base];
	if (access(data, F_OK) != 0)
		return fail(err, STATUS_DATA_LOSS,
			"'%s' has a journal but no data.mdb: put it back, or restore a backup into "
			"another folder",
			folder);
	if (newest_transaction(folder) < replay->head.transaction)
		return fail(err, STATUS_DATA_LOSS,
			"'%s' is of another data.mdb than the one beside it: put that one back, or "
			"move journal.0 and journal.1 away to open this one without them",
			journal);
	return STATUS_OK;
}

static enum status take_back(
	const char *folder, bool no_sync, const struct replay *replay, struct error *err)
{
	char *data = arena_printf(replay->arena, "%s/data.mdb", folder);
	int fd = open(data, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return fail(err, STATUS_FAILED_PRECONDITION, "open '%s': %s", data,
			strerrordesc_np(errno));
	enum status status = journal_bytes_write(fd, data, replay->head.meta, 0, err);
	if (status == STATUS_OK && !no_sync && fdatasync(fd) != 0)
		status = fail(
			err, STATUS_UNAVAILABLE, "sync '%s': %s", data, strerrordesc_np(errno));
	(void)close(fd);
	return status;
}

enum status replay_begin(const char *folder, bool no_sync, struct replay *replay, struct error *err)
{
	*replay = (struct replay){.files = {-1, -1}, .arena = arena_new()};
	TRY(files_open(folder, replay, err));
	TRY(base_find(replay, err));
	if (!replay->needed)
		return nothing_was_begun(replay, err);
	TRY(fits(folder, replay, err));
	return take_back(folder, no_sync, replay, err);
}

static enum status change_do(
	struct catalog_txn *txn, const struct change *change, struct error *err)
{
	MDB_val key = {change->key.length, (void *)(uintptr_t)change->key.at};
	MDB_val value = {change->value.length, (void *)(uintptr_t)change->value.at};
	MDB_dbi dbi = txn->catalog->dbis[change->db];
	int rc = change->is_delete ? mdb_del(txn->mdb, dbi, &key, NULL)
				   : mdb_put(txn->mdb, dbi, &key, &value, 0);
	txn->map_full = txn->map_full || rc == MDB_MAP_FULL;
	if (rc == MDB_NOTFOUND)
		return fail(err, STATUS_DATA_LOSS,
			"what it deletes is not there: it is of another data.mdb");
	return lmdb_status(rc, err, "do the journal again");
}

static enum status record_do(struct catalog_txn *txn, const char *path, uint64_t sequence,
	struct text payload, struct error *err)
{
	struct change change;
	while (change_next(&payload, &change)) {
		if (change_do(txn, &change, err) != STATUS_OK && !txn->map_full)
			return fail_within(err, "'%s', record %" PRIu64, path, sequence);
		if (txn->map_full)
			return err->status;
	}
	if (payload.length)
		return fail(err, STATUS_DATA_LOSS,
			"'%s', record %" PRIu64 ": not as this version writes it: open it with the "
			"version that did",
			path, sequence);
	return STATUS_OK;
}

/* Where the journal is read. */
struct place {
	unsigned file;
	uint64_t generation;
	uint64_t sequence;
	uint64_t at;
};

/* All that one file has of its generation. */
static enum status file_do(struct catalog_txn *txn, const struct replay *replay,
	struct place *place, struct error *err)
{
	struct buffer SCOPED_BUFFER record = {.bytes_max = SIZE_MAX};
	const char *path = replay->paths[place->file];
	int fd = replay->files[place->file];
	for (;;) {
		bool found;
		TRY(journal_record_read(fd, path, place->generation, place->sequence, &place->at,
			&record, &found, err));
		if (!found)
			return STATUS_OK;
		TRY(record_do(txn, path, place->sequence, journal_record_payload(&record), err));
		place->sequence++;
	}
}

/* The record at `place` is missing. The one behind it may have reached the disk before it;
 * one after that was not begun before this one was acknowledged. */
static enum status nothing_is_lost(
	const struct replay *replay, const struct place *place, struct error *err)
{
	bool found = false;
	if (replay->files[place->file] < 0)
		return STATUS_OK;
	TRY(journal_record_seek(replay->files[place->file], replay->paths[place->file],
		place->generation, place->sequence + BATCHES, place->at, &found, err));
	if (!found)
		return STATUS_OK;
	return fail(err, STATUS_DATA_LOSS,
		"'%s' is damaged: record %" PRIu64 " is missing, and later ones are there: restore "
		"a backup, or move journal.0 and journal.1 away to go on with what data.mdb has",
		replay->paths[place->file], place->sequence);
}

static enum status all_do(struct catalog_txn *txn, const struct replay *replay,
	uint64_t *records_out, struct error *err)
{
	struct place place = {
		.file = replay->base,
		.generation = replay->head.generation,
		.sequence = replay->head.sequence,
		.at = JOURNAL_RECORDS,
	};
	TRY(file_do(txn, replay, &place, err));
	TRY(nothing_is_lost(replay, &place, err));
	/* Records that came while the next base was on its way to the disk. */
	place.file = (place.file + 1) % JOURNAL_FILES;
	place.generation++;
	place.at = JOURNAL_RECORDS;
	if (replay->files[place.file] >= 0)
		TRY(file_do(txn, replay, &place, err));
	*records_out = place.sequence - replay->head.sequence;
	return nothing_is_lost(replay, &place, err);
}

static enum status databases_open(struct catalog_txn *txn, struct error *err)
{
	for (int i = 0; i < DB_COUNT_; i++)
		TRY(lmdb_status(mdb_dbi_open(txn->mdb, holdings[i].name, MDB_CREATE,
					&txn->catalog->dbis[i]),
			err, holdings[i].name));
	return STATUS_OK;
}

static enum status try_all(struct catalog *catalog, const struct replay *replay, bool *map_full_out,
	uint64_t *records_out, struct error *err)
{
	struct catalog_txn txn = {.catalog = catalog, .writes = true};
	TRY(lmdb_status(mdb_txn_begin(catalog->env, NULL, 0, &txn.mdb), err, "begin a write"));
	enum status status = databases_open(&txn, err);
	if (status == STATUS_OK)
		status = all_do(&txn, replay, records_out, err);
	status = txn_end(&txn, status, err);
	*map_full_out = txn.map_full;
	return status;
}

/* The base last: what an older head says is not so any more. */
static enum status files_remove(
	const struct catalog *catalog, const struct replay *replay, struct error *err)
{
	for (unsigned i = 1; i <= JOURNAL_FILES; i++) {
		unsigned file = (replay->base + i) % JOURNAL_FILES;
		if (replay->files[file] < 0)
			continue;
		if (unlink(replay->paths[file]) != 0)
			return fail(err, STATUS_FAILED_PRECONDITION, "remove '%s': %s",
				replay->paths[file], strerrordesc_np(errno));
		if (!catalog->no_sync)
			TRY(folder_sync(catalog->folder, err));
	}
	return STATUS_OK;
}

enum status replay_finish(
	struct catalog *catalog, struct replay *replay, uint64_t *records_out, struct error *err)
{
	bool map_full = false;
	*records_out = 0;
	while (replay->needed) {
		enum status status = try_all(catalog, replay, &map_full, records_out, err);
		if (status == STATUS_OK)
			break;
		if (!map_full)
			return status;
		TRY(map_grow(catalog, err));
	}
	return files_remove(catalog, replay, err);
}

void replay_done(struct replay *replay)
{
	for (unsigned i = 0; i < JOURNAL_FILES; i++) {
		if (replay->files[i] >= 0)
			(void)close(replay->files[i]);
	}
	arena_free(replay->arena);
	*replay = (struct replay){.files = {-1, -1}};
}
