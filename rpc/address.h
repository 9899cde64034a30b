#pragma once

#include "base/error.h"

/* Where a server listens and a client dials. Only for files of this room. */

/* INVALID_ARGUMENT unless it is "unix:PATH" or "HOST:PORT". */
enum status address_check(const char *address, struct error *err) MUST_USE;

/* gRPC removes whatever socket stands at a unix path before it binds, also that
 * of a living server: ask first. UNAVAILABLE when somebody answers there, or
 * when something stands there that is no socket. */
enum status address_free(const char *address, struct error *err) MUST_USE;

/* Why gRPC could not bind: UNAVAILABLE with the system's reason. */
enum status address_refused(const char *address, struct error *err) MUST_USE;

/* The address with the port that was bound; release with free(). */
char *address_bound(const char *address, int port);
