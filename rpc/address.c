#include "rpc/address.h"

#include "base/memory.h"
#include "base/owned.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static const char scheme[] = "unix:";

static const char *unix_path(const char *address)
{
	size_t length = sizeof scheme - 1;
	if (strncmp(address, scheme, length) != 0)
		return NULL;
	return address + length;
}

bool address_is_unix(const char *address)
{
	return unix_path(address) != NULL;
}

/* HOST:PORT and [HOST]:PORT; port 0 is any free one. */
bool address_split(const char *address, struct text *host_out, struct text *port_out)
{
	struct text all = text_of(address);
	size_t colon = text_find_last(all, ':');
	if (colon == SIZE_MAX || colon == 0)
		return false;
	*host_out = text_until(all, colon);
	*port_out = text_from(all, colon + 1);
	if (text_starts(*host_out, TEXT("[")) && text_ends(*host_out, TEXT("]")))
		*host_out = (struct text){host_out->at + 1, host_out->length - 2};
	else if (text_find(*host_out, ':') < host_out->length)
		return false;
	uint64_t port;
	return port_out->length > 0 && text_uint64(*port_out, &port) == port_out->length &&
	       port <= UINT16_MAX;
}

enum status address_check(const char *address, struct error *err)
{
	const char *path = unix_path(address);
	struct text host;
	struct text port;
	if (path && *path == 0)
		return fail(err, STATUS_INVALID_ARGUMENT,
			"address '%s' names no socket: write unix:PATH", address);
	if (path && strlen(path) >= sizeof((struct sockaddr_un *)0)->sun_path)
		return fail(err, STATUS_INVALID_ARGUMENT,
			"socket path '%s' is longer than %zu bytes, the system's limit: choose a "
			"shorter one",
			path, sizeof((struct sockaddr_un *)0)->sun_path - 1);
	if (path || address_split(address, &host, &port))
		return STATUS_OK;
	return fail(err, STATUS_INVALID_ARGUMENT, "address '%s' is neither unix:PATH nor HOST:PORT",
		address);
}

enum { LOCK_PATH_BYTES = sizeof((struct sockaddr_un *)0)->sun_path + sizeof ".lock" };

static void lock_path(const char *path, char *lock_out)
{
	(void)snprintf(lock_out, LOCK_PATH_BYTES, "%s.lock", path);
}

/* Whoever had the lock removes its file: what was locked may be that old one. */
static bool is_still_there(const char *lock, int fd)
{
	struct stat here;
	struct stat there;
	return fstat(fd, &here) == 0 && stat(lock, &there) == 0 && here.st_ino == there.st_ino &&
	       here.st_dev == there.st_dev;
}

enum status address_claim(const char *address, int *claim_out, struct error *err)
{
	const char *path = unix_path(address);
	char lock[LOCK_PATH_BYTES];
	*claim_out = -1;
	if (!path)
		return STATUS_OK;
	lock_path(path, lock);
	for (;;) {
		int fd = open(lock, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
		if (fd < 0)
			return fail(err, STATUS_UNAVAILABLE,
				"cannot listen on '%s': its folder must exist and be writable: %m",
				address);
		if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
			(void)close(fd);
			return fail(err, STATUS_UNAVAILABLE,
				"another server answers at '%s', or is just starting: stop it or "
				"listen elsewhere",
				address);
		}
		if (is_still_there(lock, fd)) {
			*claim_out = fd;
			return STATUS_OK;
		}
		(void)close(fd);
	}
}

void address_disclaim(const char *address, int claim)
{
	char lock[LOCK_PATH_BYTES];
	if (claim < 0)
		return;
	lock_path(unix_path(address), lock);
	(void)unlink(lock);
	(void)close(claim);
}

enum status address_free(const char *address, struct error *err)
{
	const char *path = unix_path(address);
	struct stat about;
	if (!path || lstat(path, &about) != 0)
		return STATUS_OK;
	if (!S_ISSOCK(about.st_mode))
		return fail(err, STATUS_UNAVAILABLE,
			"'%s' exists and is not a socket: remove it or listen elsewhere", path);
	struct sockaddr_un peer = {.sun_family = AF_UNIX};
	memcpy(peer.sun_path, path, strlen(path));
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return fail(err, STATUS_UNAVAILABLE, "no socket for '%s': %m", address);
	/* A socket file whose process has died refuses; a full backlog is EAGAIN. */
	bool answers = connect(fd, (struct sockaddr *)&peer, sizeof peer) == 0 || errno == EAGAIN;
	(void)close(fd);
	if (answers)
		return fail(err, STATUS_UNAVAILABLE,
			"another server answers at '%s': stop it or listen elsewhere", address);
	return STATUS_OK;
}

/* The first address that HOST:PORT stands for, bound and closed again: errno. */
static int bind_error(const char *host, const char *port, const char **resolver_error)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE};
	struct addrinfo *found = NULL;
	int failed = getaddrinfo(host, port, &hints, &found);
	if (failed) {
		*resolver_error = gai_strerror(failed);
		return 0;
	}
	int why = 0;
	for (struct addrinfo *at = found; at && !why; at = at->ai_next) {
		int fd = socket(at->ai_family, at->ai_socktype | SOCK_CLOEXEC, at->ai_protocol);
		if (fd < 0 || bind(fd, at->ai_addr, at->ai_addrlen) != 0 || listen(fd, 1) != 0)
			why = errno;
		if (fd >= 0)
			(void)close(fd);
	}
	freeaddrinfo(found);
	return why;
}

enum status address_refused(const char *address, struct error *err)
{
	const char *path = unix_path(address);
	if (path)
		return fail(err, STATUS_UNAVAILABLE,
			"cannot listen on '%s': its folder must exist and be writable", address);
	struct text host_text;
	struct text port_text;
	if (!address_split(address, &host_text, &port_text))
		return fail(err, STATUS_UNAVAILABLE, "cannot listen on '%s'", address);
	char host[256];
	char port[8];
	(void)snprintf(host, sizeof host, "%.*s", TEXT_ARG(host_text));
	(void)snprintf(port, sizeof port, "%.*s", TEXT_ARG(port_text));
	const char *resolver_error = NULL;
	errno = bind_error(host, port, &resolver_error);
	if (resolver_error)
		return fail(err, STATUS_UNAVAILABLE, "cannot listen on '%s': %s", address,
			resolver_error);
	if (errno == EADDRINUSE)
		return fail(err, STATUS_UNAVAILABLE,
			"another server answers at '%s': stop it or listen elsewhere", address);
	if (errno)
		return fail(err, STATUS_UNAVAILABLE, "cannot listen on '%s': %m", address);
	return fail(err, STATUS_UNAVAILABLE, "cannot listen on '%s': try again", address);
}

char *address_bound(const char *address, int port)
{
	if (unix_path(address))
		return memory_text(address);
	struct text host = text_until(text_of(address), text_find_last(text_of(address), ':'));
	char *bound = NULL;
	if (asprintf(&bound, "%.*s:%d", TEXT_ARG(host), port) < 0)
		abort();
	return bound;
}
