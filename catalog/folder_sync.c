#include "catalog/folder_sync.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

enum status folder_sync(const char *folder, struct error *err)
{
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return fail(err, STATUS_FAILED_PRECONDITION, "open '%s': %s", folder,
			strerrordesc_np(errno));
	int code = fsync(fd) == 0 ? 0 : errno;
	(void)close(fd);
	if (code == 0)
		return STATUS_OK;
	bool full = code == ENOSPC || code == EDQUOT;
	return fail(err, full ? STATUS_RESOURCE_EXHAUSTED : STATUS_FAILED_PRECONDITION,
		"sync '%s': %s", folder, strerrordesc_np(code));
}
