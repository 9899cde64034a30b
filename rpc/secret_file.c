#include "rpc/secret_file.h"

#include "base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void secret_free(char *secret)
{
	if (!secret)
		return;
	explicit_bzero(secret, strlen(secret));
	free(secret);
}

/* Up to `most` bytes, one more when there are more: -1 with errno. */
static ssize_t read_all(int fd, char *bytes, size_t most)
{
	size_t length = 0;
	while (length <= most) {
		ssize_t got = read(fd, bytes + length, most + 1 - length);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -1;
		if (got == 0)
			break;
		length += (size_t)got;
	}
	return (ssize_t)length;
}

static enum status why(int error)
{
	return error == ENOENT			   ? STATUS_NOT_FOUND
	       : error == EACCES || error == EPERM ? STATUS_PERMISSION_DENIED
	       : error == EISDIR		   ? STATUS_INVALID_ARGUMENT
						   : STATUS_FAILED_PRECONDITION;
}

enum status secret_read(
	const char *what, const char *path, size_t most, char **secret_out, struct error *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return fail(err, why(errno), "%s '%s' cannot be read: %m", what, path);
	char *bytes = memory_new(most + 2);
	ssize_t length = read_all(fd, bytes, most);
	int error = errno;
	(void)close(fd);
	bool whole = length >= 0 && (size_t)length <= most && !memchr(bytes, 0, (size_t)length);
	if (whole) {
		*secret_out = memory_text(bytes);
		explicit_bzero(bytes, (size_t)length);
		free(bytes);
		return STATUS_OK;
	}
	explicit_bzero(bytes, most + 2);
	free(bytes);
	errno = error;
	if (length < 0)
		return fail(err, why(error), "%s '%s' cannot be read: %m", what, path);
	if ((size_t)length > most)
		return fail(err, STATUS_RESOURCE_EXHAUSTED, "%s '%s' is larger than %zu bytes",
			what, path, most);
	return fail(err, STATUS_INVALID_ARGUMENT, "%s '%s' is no text: it holds a NUL", what, path);
}
