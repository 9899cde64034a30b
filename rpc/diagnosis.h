#pragma once

#include "rpc/channel.h"

/* Why a server cannot be reached: a connection of our own, that tells a certificate
 * nobody vouches for from one that has expired, and a server that speaks TLS from one
 * that does not. Only for files of this room. */
/* False when TLS is not the reason (nobody listens, or all is well now); else `err` is
 * filled with UNAVAILABLE. Waits for the server up to two seconds. */
bool diagnosis(const struct rpc_channel *channel, struct error *err);
