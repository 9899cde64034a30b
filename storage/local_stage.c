#include "base/limits.h"
#include "storage/local.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static enum status sync_path(const char *path, int flags, struct error *err)
{
	int descriptor = open(path, flags | O_CLOEXEC);
	if (descriptor < 0)
		return local_error(errno, err, "sync", path);
	int code = fsync(descriptor) == 0 ? 0 : errno;
	(void)close(descriptor);
	if (code && code != EINVAL) /* Some file systems cannot sync a folder. */
		return local_error(code, err, "sync", path);
	return STATUS_OK;
}

/* Create a folder and its parents; a folder made here is durable in its parent. */
static enum status make_folders(char *path, struct error *err)
{
	for (char *at = path + 1;; at++) {
		if (*at != '/' && *at != 0)
			continue;
		char saved = *at;
		*at = 0;
		int made = mkdir(path, 0755);
		int code = errno;
		if (made != 0 && code != EEXIST) {
			enum status status = local_error(code, err, "create", path);
			*at = saved;
			return status;
		}
		if (made == 0) {
			char *slash = strrchr(path, '/');
			if (slash > path) {
				*slash = 0;
				enum status status = sync_path(path, O_RDONLY | O_DIRECTORY, err);
				*slash = '/';
				if (status != STATUS_OK)
					return status;
			}
		}
		*at = saved;
		if (saved == 0)
			return STATUS_OK;
	}
}

/* The folder that holds `path`, in `arena`. */
static char *parent_of(struct arena *arena, const char *path)
{
	char *copy = arena_text(arena, text_of(path));
	char *slash = strrchr(copy, '/');
	if (slash && slash > copy)
		*slash = 0;
	return copy;
}

enum status local_stage_begin(struct text target, struct text run, struct error *err)
{
	OWNED(arena) arena = arena_new();
	return make_folders(local_path(arena, stage_folder(arena, target, run)), err);
}

enum status local_stage_sync(const struct staged *staged, struct error *err)
{
	OWNED(arena) arena = arena_new();
	char *path = local_path(arena, staged->from);
	TRY(sync_path(path, O_RDONLY, err));
	return sync_path(parent_of(arena, path), O_RDONLY | O_DIRECTORY, err);
}

/* rename() that never replaces: an output file is new or it is an error. */
static int move_new(const char *from, const char *to)
{
	if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0)
		return 0;
	if (errno != EINVAL && errno != ENOSYS)
		return errno;
	if (access(to, F_OK) == 0) /* The file system lacks the flag: check, then move. */
		return EEXIST;
	return rename(from, to) == 0 ? 0 : errno;
}

enum status local_stage_publish(const struct staged *staged, struct error *err)
{
	OWNED(arena) arena = arena_new();
	char *from = local_path(arena, staged->from);
	char *to = local_path(arena, staged->to);
	char *folder = parent_of(arena, to);
	struct stat about;
	bool published = lstat(to, &about) == 0;
	if (access(from, F_OK) != 0 && errno == ENOENT) {
		if (!published)
			return fail(err, STATUS_DATA_LOSS,
				"staged file '%s' is gone and was not published", from);
		if ((uint64_t)about.st_size != staged->bytes)
			return fail(err, STATUS_ALREADY_EXISTS,
				"'%s' has %lld bytes, not the %llu that were staged", to,
				(long long)about.st_size, (unsigned long long)staged->bytes);
		return sync_path(folder, O_RDONLY | O_DIRECTORY, err);
	}
	TRY(make_folders(folder, err));
	int code = move_new(from, to);
	if (code == EEXIST)
		return fail(err, STATUS_ALREADY_EXISTS, "'%s' exists already", to);
	if (code)
		return local_error(code, err, "publish", to);
	return sync_path(folder, O_RDONLY | O_DIRECTORY, err);
}

/* Remove everything under an open folder, following no link. Takes it over. */
static enum status remove_inside(int descriptor, unsigned depth, struct error *err)
{
	DIR *stream = fdopendir(descriptor);
	if (!stream) {
		int code = errno;
		(void)close(descriptor);
		return local_error(code, err, "remove", "stage folder");
	}
	enum status status = STATUS_OK;
	struct dirent *entry;
	while (status == STATUS_OK && (entry = readdir(stream)) != NULL) {
		const char *name = entry->d_name;
		if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
			continue;
		if (unlinkat(descriptor, name, 0) == 0 || errno == ENOENT)
			continue;
		if (errno != EISDIR && errno != EPERM) {
			status = local_error(errno, err, "remove", name);
			continue;
		}
		int inner =
			openat(descriptor, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
		if (inner < 0 || depth == LIMIT_FOLDER_DEPTH) {
			status = local_error(inner < 0 ? errno : ELOOP, err, "remove", name);
			if (inner >= 0)
				(void)close(inner);
			continue;
		}
		status = remove_inside(inner, depth + 1, err);
		if (status == STATUS_OK && unlinkat(descriptor, name, AT_REMOVEDIR) != 0)
			status = local_error(errno, err, "remove", name);
	}
	(void)closedir(stream);
	return status;
}

enum status local_stage_discard(struct text target, struct text run, struct error *err)
{
	OWNED(arena) arena = arena_new();
	char *folder = local_path(arena, stage_folder(arena, target, run));
	int descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (descriptor < 0)
		return errno == ENOENT ? STATUS_OK : local_error(errno, err, "remove", folder);
	TRY(remove_inside(descriptor, 0, err));
	if (rmdir(folder) != 0 && errno != ENOENT)
		return local_error(errno, err, "remove", folder);
	(void)rmdir(parent_of(arena, folder)); /* .tenon-stage, when no other run uses it */
	return STATUS_OK;
}
