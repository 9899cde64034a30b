#include "catalog/backup.h"

#include "catalog/check.h"
#include "catalog/txn.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum status catalog_backup(struct catalog *catalog, int fd, struct error *err)
{
	(void)pthread_rwlock_rdlock(&catalog->map_lock);
	int rc = mdb_env_copyfd2(catalog->env, fd, MDB_CP_COMPACT);
	(void)pthread_rwlock_unlock(&catalog->map_lock);
	return lmdb_status(rc, err, "copy the catalog");
}

static enum status system_failed(struct error *err, const char *doing, const char *path)
{
	int code = errno;
	bool full = code == ENOSPC || code == EDQUOT || code == EFBIG;
	return fail(err, full ? STATUS_RESOURCE_EXHAUSTED : STATUS_FAILED_PRECONDITION,
		"%s '%s': %s", doing, path, strerrordesc_np(code));
}

static enum status pour(int from, int to, const char *file, const char *target, struct error *err)
{
	char bytes[65536];
	for (;;) {
		ssize_t got = read(from, bytes, sizeof bytes);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return system_failed(err, "read", file);
		if (got == 0)
			break;
		for (ssize_t put = 0; put < got;) {
			ssize_t wrote = write(to, bytes + put, (size_t)(got - put));
			if (wrote < 0 && errno != EINTR)
				return system_failed(err, "write", target);
			put += wrote > 0 ? wrote : 0;
		}
	}
	/* LMDB takes an empty file for a new environment. */
	if (lseek(to, 0, SEEK_CUR) == 0)
		return fail(err, STATUS_DATA_LOSS, "'%s' is empty: it is no backup", file);
	return fsync(to) == 0 ? STATUS_OK : system_failed(err, "sync", target);
}

static enum status copy_in(const char *file, const char *target, struct error *err)
{
	int from = open(file, O_RDONLY | O_CLOEXEC);
	if (from < 0)
		return system_failed(err, "open", file);
	int to = open(target, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	enum status status =
		to < 0 ? system_failed(err, "make", target) : pour(from, to, file, target, err);
	(void)close(from);
	if (to >= 0)
		(void)close(to);
	return status;
}

struct findings {
	struct check_problem first;
	uint64_t count;
};

static void keep_first(void *state, const struct check_problem *problem)
{
	struct findings *findings = state;
	if (findings->count++ == 0)
		findings->first = *problem;
}

/* Opened as the daemon would. */
static enum status examine(const char *file, const char *folder, struct error *err)
{
	struct catalog_options options = {.folder = folder};
	OWNED(catalog) catalog = NULL;
	struct findings findings = {.count = 0};
	struct check_sink sink = {.problem = keep_first, .state = &findings};
	uint64_t records;
	if (catalog_open(&options, &catalog, err) != STATUS_OK) {
		/* What it says of a folder that nobody named helps nobody. */
		if (err->status == STATUS_DATA_LOSS)
			return fail(err, STATUS_DATA_LOSS,
				"'%s' is not a backup of a catalog, or it is damaged", file);
		return fail_within(err, "'%s' cannot be restored", file);
	}
	if (catalog_check(catalog, &sink, &records, err) != STATUS_OK)
		return fail_within(err, "'%s' cannot be restored", file);
	if (findings.count)
		return fail(err, STATUS_DATA_LOSS,
			"'%s' is damaged in %llu places, the first: %s: %s: %s", file,
			(unsigned long long)findings.count, findings.first.invariant,
			findings.first.place, findings.first.message);
	return STATUS_OK;
}

static void discard(const char *folder)
{
	static const char *const files[] = {"data.mdb", "lock.mdb", "catalog.lock"};
	OWNED(arena) arena = arena_new();
	for (size_t i = 0; i < sizeof files / sizeof *files; i++)
		(void)unlink(arena_printf(arena, "%s/%s", folder, files[i]));
	(void)rmdir(folder);
}

static enum status folder_sync(const char *folder, struct error *err)
{
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return system_failed(err, "open", folder);
	int rc = fsync(fd);
	(void)close(fd);
	return rc == 0 ? STATUS_OK : system_failed(err, "sync", folder);
}

/* Renaming a folder over one that is there fails unless that is empty, so a catalog
 * that appears meanwhile is not harmed. */
static enum status put_in_place(
	const char *file, const char *made, const char *folder, struct error *err)
{
	OWNED(arena) arena = arena_new();
	TRY(copy_in(file, arena_printf(arena, "%s/data.mdb", made), err));
	TRY(examine(file, made, err));
	TRY(folder_sync(made, err));
	if (rename(made, folder) != 0)
		return system_failed(err, "put in place", folder);
	return STATUS_OK;
}

enum status catalog_restore(const char *file, const char *folder, struct error *err)
{
	OWNED(arena) arena = arena_new();
	struct stat there;
	if (lstat(folder, &there) == 0)
		return fail(err, STATUS_FAILED_PRECONDITION,
			"'%s' is there already: move it away, or restore into another folder",
			folder);
	char *made = arena_printf(arena, "%s.restoring", folder);
	discard(made); /* of a restore that was interrupted */
	if (mkdir(made, 0700) != 0)
		return system_failed(err, "make", made);
	enum status status = put_in_place(file, made, folder, err);
	if (status != STATUS_OK) {
		discard(made);
		return status;
	}
	struct text parent = text_until(text_of(folder), text_find_last(text_of(folder), '/'));
	return folder_sync(parent.length ? arena_text(arena, parent) : "/", err);
}
