#pragma once

#include <stdint.h>

struct daemon;

/* The chore that removes the versions of tables that retention does not hold, a handful
 * at a time. It is the only one: what it has come to is kept between its visits. */
int64_t retention_chore(struct daemon *daemon);

/* The chore that purges what was dropped when its time has passed. */
int64_t dropped_chore(struct daemon *daemon);
