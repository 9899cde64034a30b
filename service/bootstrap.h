#pragma once

#include "service/daemon.h"

/* A catalog whose callers must be known and that knows nobody gets an administrator: the
 * principal "admin", a grant of admin on everything, and a token whose secret is written to
 * DATA/administrator.token, for the daemon's user alone to read. Does nothing where there
 * ever was a token or a grant. */
enum status bootstrap(struct daemon *daemon, struct error *err) MUST_USE;
