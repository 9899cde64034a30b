#include "catalog/backup.h"

#include "base/clock.h"
#include "catalog/check.h"
#include "catalog/folder_sync.h"
#include "catalog/view.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static enum status system_failed(struct error *err, const char *doing, const char *path)
{
	int code = errno;
	bool full = code == ENOSPC || code == EDQUOT || code == EFBIG;
	return fail(err, full ? STATUS_RESOURCE_EXHAUSTED : STATUS_FAILED_PRECONDITION,
		"%s '%s': %s", doing, path, strerrordesc_np(code));
}

/* LMDB writes its copy into a pipe, and this end of it into the file: it can be given up
 * by closing the pipe, whether LMDB waits for the disk or for the file. */
struct pump {
	int from;
	int to;
	const char *name; /* for errors */
	size_t piece; /* a pipe takes this much without waiting once it is ready */
	const struct view *view;
	enum status status;
	struct error err;
};

/* Until `fd` is ready; the view is looked at now and then. */
static enum status wait_ready(const struct pump *pump, int fd, short events, struct error *err)
{
	enum { LOOK_MS = 100 };
	struct pollfd ready = {.fd = fd, .events = events};
	int rc;
	while ((rc = poll(&ready, 1, LOOK_MS)) <= 0) {
		if (rc < 0 && errno != EINTR)
			return system_failed(err, "wait for", pump->name);
		TRY(view_check(pump->view, err));
	}
	return STATUS_OK;
}

static enum status pump_all(const struct pump *pump, struct error *err)
{
	char bytes[65536];
	for (;;) {
		TRY(wait_ready(pump, pump->from, POLLIN, err));
		TRY(view_check(pump->view, err));
		ssize_t got = read(pump->from, bytes, pump->piece);
		if (got == 0)
			return STATUS_OK;
		if (got < 0 && errno != EINTR)
			return system_failed(err, "read", "the copy");
		for (ssize_t put = 0; put < got;) {
			TRY(wait_ready(pump, pump->to, POLLOUT, err));
			ssize_t wrote = write(pump->to, bytes + put, (size_t)(got - put));
			if (wrote < 0 && errno != EINTR)
				return system_failed(err, "write", pump->name);
			put += wrote > 0 ? wrote : 0;
		}
	}
}

static void *pump_run(void *state)
{
	struct pump *pump = state;
	pump->status = pump_all(pump, &pump->err);
	(void)close(pump->from);
	return NULL;
}

static enum status copy_through(
	struct catalog *catalog, struct pump *pump, int pipe_in, struct error *err)
{
	pthread_t thread;
	if (pthread_create(&thread, NULL, pump_run, pump) != 0) {
		(void)close(pump->from);
		(void)close(pipe_in);
		return fail(err, STATUS_RESOURCE_EXHAUSTED, "no thread for a copy");
	}
	(void)pthread_rwlock_rdlock(&catalog->map_lock);
	atomic_store(&catalog->copying_since_ns, clock_monotonic_ns());
	int rc = mdb_env_copyfd2(catalog->env, pipe_in, MDB_CP_COMPACT);
	atomic_store(&catalog->copying_since_ns, 0);
	(void)pthread_rwlock_unlock(&catalog->map_lock);
	(void)close(pipe_in);
	(void)pthread_join(thread, NULL);
	if (pump->status != STATUS_OK) {
		*err = pump->err;
		return pump->status;
	}
	return lmdb_status(rc, err, "copy the catalog");
}

enum status catalog_backup(struct catalog *catalog, int fd, struct error *err)
{
	struct view view;
	struct stat file;
	int ends[2];
	if (fstat(fd, &file) != 0)
		return system_failed(err, "measure", "the copy");
	TRY(view_begin(catalog, &view, err));
	if (pipe2(ends, O_CLOEXEC) != 0)
		return system_failed(err, "make a pipe for", "the copy");
	struct pump pump = {
		.from = ends[0],
		.to = fd,
		.name = "the copy",
		.piece = S_ISREG(file.st_mode) ? 65536 : PIPE_BUF,
		.view = &view,
	};
	return copy_through(catalog, &pump, ends[1], err);
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

/* Opened as the daemon would. */
static enum status examine(const char *file, const char *folder, struct error *err)
{
	struct catalog_options options = {.folder = folder};
	OWNED(catalog) catalog = NULL;
	struct check_findings findings = {.count = 0};
	struct check_sink sink = {.problem = check_keep_first, .state = &findings};
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
	static const char *const files[] = {
		"data.mdb", "lock.mdb", "catalog.lock", "journal.0", "journal.1"};
	OWNED(arena) arena = arena_new();
	for (size_t i = 0; i < sizeof files / sizeof *files; i++)
		(void)unlink(arena_printf(arena, "%s/%s", folder, files[i]));
	(void)rmdir(folder);
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

void catalog_restore_discard(const char *folder)
{
	OWNED(arena) arena = arena_new();
	discard(arena_printf(arena, "%s.restoring", folder));
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
