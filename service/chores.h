#pragma once

#include "base/owned.h"

#include <stdbool.h>
#include <stdint.h>

/* What the daemon does by itself from time to time, on one thread of its own: what
 * retention says is old goes, indexes fill. A chore does a bounded piece of work
 * (some tens of milliseconds, one short write) and says when it wants to come again. */
struct daemon;
struct chores;

struct chore {
	const char *name; /* for the log */
	/* Milliseconds until the next time; 0: at once, after the others had theirs. */
	int64_t (*run)(struct daemon *daemon);
};

/* Runs the table in chores.c until chores_free. */
struct chores *chores_new(struct daemon *daemon);
/* Every chore soon: something has changed. Any thread. */
void chores_wake(struct chores *chores);
void chores_free(struct chores *chores); /* waits for the chore that runs */
OWNABLE(chores);
