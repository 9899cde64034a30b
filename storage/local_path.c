#include "storage/local.h"

#include <errno.h>

char *local_path(struct arena *arena, struct text location)
{
	if (text_starts(location, TEXT("file://")))
		location = text_from(location, sizeof "file://" - 1);
	return arena_text(arena, location);
}

enum status local_error(int code, struct error *err, const char *doing, const char *path)
{
	char reason[128];
	const char *why = strerror_r(code, reason, sizeof reason);
	switch (code) {
	case ENOENT:
	case ENOTDIR:
		return fail(err, STATUS_NOT_FOUND, "no file or folder '%s'", path);
	case EACCES:
	case EPERM:
		return fail(err, STATUS_PERMISSION_DENIED, "may not %s '%s': %s", doing, path, why);
	case ENOSPC:
	case EDQUOT:
	case EMFILE:
	case ENFILE:
		return fail(err, STATUS_RESOURCE_EXHAUSTED, "%s '%s': %s", doing, path, why);
	default:
		return fail(err, STATUS_INTERNAL, "%s '%s': %s", doing, path, why);
	}
}
