#pragma once

#include "rpc/channel.h"

/* Who answers instead of a tenond: a plain connection of our own, that begins as HTTP/2
 * does and looks at what comes back. Only for files of this room. */
/* False when nobody answers, or as HTTP/2 does; else `err` is filled with UNAVAILABLE.
 * Waits up to two seconds. Not for channels with TLS. */
bool stranger(const struct rpc_channel *channel, struct error *err);
/* Whether something takes connections there. */
bool stranger_listens(const struct rpc_channel *channel);
