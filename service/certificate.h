#pragma once

#include <stdint.h>

struct daemon;

/* A chore: takes new certificates into use as they come, says in the log what is wrong
 * with them, and warns when the one in use nears its end. */
int64_t certificate_look(struct daemon *daemon);
