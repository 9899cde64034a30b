#include "rpc/stranger.h"

#include "rpc/address.h"

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { WAIT_MS = 2000, HEARD_BYTES = 80, FRAME_BYTES = 9, FRAME_SETTINGS = 4 };

static bool connects(int fd, const struct sockaddr *to, socklen_t length)
{
	struct pollfd waits = {fd, POLLOUT, 0};
	int error = 0;
	socklen_t size = sizeof error;
	if (connect(fd, to, length) == 0)
		return true;
	return errno == EINPROGRESS && poll(&waits, 1, WAIT_MS) == 1 &&
	       getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) == 0 && error == 0;
}

static int dial(int family, const struct sockaddr *to, socklen_t length)
{
	int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0 || connects(fd, to, length))
		return fd;
	(void)close(fd);
	return -1;
}

static int dial_unix(const char *address)
{
	struct sockaddr_un to = {.sun_family = AF_UNIX};
	int length = snprintf(to.sun_path, sizeof to.sun_path, "%s", address + strlen("unix:"));
	if (length < 0 || (size_t)length >= sizeof to.sun_path)
		return -1;
	return dial(AF_UNIX, (const struct sockaddr *)&to, sizeof to);
}

static int dial_host(const char *address)
{
	struct text host;
	struct text port;
	char host_text[256];
	char port_text[8];
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
	struct addrinfo *found = NULL;
	int fd = -1;
	if (!address_split(address, &host, &port) || host.length >= sizeof host_text ||
		port.length >= sizeof port_text)
		return -1;
	(void)snprintf(host_text, sizeof host_text, "%.*s", TEXT_ARG(host));
	(void)snprintf(port_text, sizeof port_text, "%.*s", TEXT_ARG(port));
	if (getaddrinfo(host_text, port_text, &hints, &found) != 0)
		return -1;
	for (struct addrinfo *at = found; at && fd < 0; at = at->ai_next)
		fd = dial(at->ai_family, at->ai_addr, at->ai_addrlen);
	freeaddrinfo(found);
	return fd;
}

static int dial_address(const char *address)
{
	return address_is_unix(address) ? dial_unix(address) : dial_host(address);
}

/* How HTTP/2 begins (RFC 9113, 3.4), with empty settings; what comes back. */
static struct text ask(int fd, char heard[static HEARD_BYTES])
{
	static const char hello[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";
	struct text out = {heard, 0};
	if (send(fd, hello, sizeof hello - 1, MSG_NOSIGNAL) != (ssize_t)sizeof hello - 1)
		return out;
	while (out.length < HEARD_BYTES) {
		struct pollfd waits = {fd, POLLIN, 0};
		if (poll(&waits, 1, WAIT_MS) != 1)
			break;
		ssize_t got = recv(fd, heard + out.length, HEARD_BYTES - out.length, 0);
		if (got <= 0)
			break;
		out.length += (size_t)got;
		/* A line or a frame is enough. */
		if (text_find(out, '\n') < out.length || out.length >= FRAME_BYTES)
			break;
	}
	return out;
}

static bool is_http2(struct text heard)
{
	return heard.length >= FRAME_BYTES && heard.at[3] == FRAME_SETTINGS && heard.at[0] == 0;
}

/* The first line, when it is for people. */
static struct text first_line(struct text heard)
{
	struct text line = text_trimmed(text_until(heard, text_find(heard, '\n')));
	for (size_t i = 0; i < line.length; i++) {
		if (line.at[i] < ' ' || line.at[i] > '~')
			return text_until(line, i > 3 ? i : 0);
	}
	return line;
}

bool stranger(const struct rpc_channel *channel, struct error *err)
{
	char heard_bytes[HEARD_BYTES];
	int fd = channel->tls ? -1 : dial_address(channel->address);
	if (fd < 0)
		return false;
	struct text heard = ask(fd, heard_bytes);
	(void)close(fd);
	if (heard.length == 0 || is_http2(heard))
		return false;
	struct text line = first_line(heard);
	(void)fail(err, STATUS_UNAVAILABLE,
		"%s answers at '%s', and no tenond%s%.*s%s: is the address right?",
		text_starts(line, TEXT("HTTP/")) ? "an HTTP/1 server or proxy" : "something else",
		channel->address, line.length ? " (it says '" : "", TEXT_ARG(line),
		line.length ? "')" : "");
	return true;
}

bool stranger_listens(const struct rpc_channel *channel)
{
	int fd = dial_address(channel->address);
	if (fd >= 0)
		(void)close(fd);
	return fd >= 0;
}
