#pragma once

#include "base/text.h"

#include <stdbool.h>

/* Loopback or a unix socket: what goes there stays on this machine. Only a literal
 * address is known to be loopback; a name may resolve to anything but "localhost",
 * whose meaning is fixed (RFC 6761, section 6.3). */
bool address_is_local(struct text address);
