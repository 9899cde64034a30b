#include "service/folder.h"

#include "base/arena.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { OPEN_FOLDERS = 16 };

static enum status make_one(const char *path, struct error *err)
{
	struct stat status;
	if (mkdir(path, 0700) == 0 ||
		(errno == EEXIST && stat(path, &status) == 0 && S_ISDIR(status.st_mode)))
		return STATUS_OK;
	return fail(err, STATUS_FAILED_PRECONDITION, "folder '%s' cannot be made: %s", path,
		strerrordesc_np(errno));
}

enum status folder_make(const char *path, struct error *err)
{
	OWNED(arena) arena = arena_new();
	char *part = arena_text(arena, text_of(path));
	for (char *slash = strchr(part + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		TRY(make_one(part, err));
		*slash = '/';
	}
	return make_one(part, err);
}

/* "/a/b" of "/a/b/c"; false at the root, and of a name alone. */
static bool cut_last(char *path)
{
	char *slash = strrchr(path, '/');
	if (!slash || slash == path)
		return false;
	*slash = 0;
	return true;
}

size_t folder_there(const char *path)
{
	OWNED(arena) arena = arena_new();
	char *part = arena_text(arena, text_of(path));
	struct stat status;
	while (lstat(part, &status) != 0) {
		if (!cut_last(part))
			return 0;
	}
	return strlen(part);
}

void folder_unmake(const char *path, size_t there)
{
	OWNED(arena) arena = arena_new();
	char *part = arena_text(arena, text_of(path));
	while (strlen(part) > there && rmdir(part) == 0 && cut_last(part))
		;
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *place)
{
	(void)status;
	(void)kind;
	(void)place;
	(void)remove(path);
	return 0;
}

void folder_remove(const char *path)
{
	(void)nftw(path, remove_one, OPEN_FOLDERS, FTW_DEPTH | FTW_PHYS);
}
