#pragma once

#include "base/error.h"
#include "base/text.h"

#include <stdbool.h>

/* Where a server listens and a client dials. Only for files of this room. */

/* INVALID_ARGUMENT unless it is "unix:PATH" or "HOST:PORT". */
enum status address_check(const char *address, struct error *err) MUST_USE;

bool address_is_unix(const char *address);
/* The host of HOST:PORT, without brackets, and its port; false for what is neither. */
bool address_split(const char *address, struct text *host_out, struct text *port_out);

/* gRPC removes whatever socket stands at a unix path before it binds, also that
 * of a living server: ask first. UNAVAILABLE when somebody answers there, or
 * when something stands there that is no socket. */
enum status address_free(const char *address, struct error *err) MUST_USE;

/* Before address_free: two servers that start at once would both find nobody there,
 * and the second would take the socket away from the first. A unix path's claim is
 * a lock on "PATH.lock", gone with the process however it ends; -1 where there is
 * nothing to claim. UNAVAILABLE when another holds it. */
enum status address_claim(const char *address, int *claim_out, struct error *err) MUST_USE;
void address_disclaim(const char *address, int claim); /* when the socket is gone */

/* Why gRPC could not bind: UNAVAILABLE with the system's reason. */
enum status address_refused(const char *address, struct error *err) MUST_USE;

/* The address with the port that was bound; release with free(). */
char *address_bound(const char *address, int port);
