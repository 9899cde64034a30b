#include "catalog/lock.h"

#include "base/limits.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static enum status refuse(const char *folder, int fd, struct error *err)
{
	char pid[32] = "";
	ssize_t length = pread(fd, pid, sizeof pid - 1, 0);
	pid[length < 0 ? 0 : length] = 0;
	pid[strcspn(pid, "\n")] = 0;
	(void)close(fd);
	return fail(err, STATUS_FAILED_PRECONDITION,
		"'%s' is open in process %s: stop it first, or use another folder", folder,
		pid[0] ? pid : "unknown");
}

enum status lock_folder(const char *folder, int *fd_out, struct error *err)
{
	char path[LIMIT_PATH_BYTES];
	int length = snprintf(path, sizeof path, "%s/catalog.lock", folder);
	if (length < 0 || (size_t)length >= sizeof path)
		return fail(err, STATUS_INVALID_ARGUMENT, "'%s' is too long a path", folder);
	if (mkdir(folder, 0700) != 0 && errno != EEXIST)
		return fail(err, STATUS_FAILED_PRECONDITION, "create '%s': %s", folder,
			strerrordesc_np(errno));
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		return fail(err, STATUS_FAILED_PRECONDITION, "open '%s': %s", path,
			strerrordesc_np(errno));
	if (flock(fd, LOCK_EX | LOCK_NB) != 0)
		return refuse(folder, fd, err);
	/* The pid is for people; the lock is the flock. */
	char pid[32];
	length = snprintf(pid, sizeof pid, "%ld\n", (long)getpid());
	if (ftruncate(fd, 0) != 0 || pwrite(fd, pid, (size_t)length, 0) != length) {
		int why = errno;
		(void)close(fd);
		return fail(err,
			why == ENOSPC ? STATUS_RESOURCE_EXHAUSTED : STATUS_FAILED_PRECONDITION,
			"write '%s': %s", path, strerrordesc_np(why));
	}
	*fd_out = fd;
	return STATUS_OK;
}
