#pragma once

#include "etl/run.h"

struct engine;

/* A thread that looks at a running query: reports how far it is and cancels it
 * when asked to. The host is called from it, and from nowhere else meanwhile. */
struct watch;
struct watched {
	struct engine *engine;
	const struct etl_host *host; /* NULL: no reports */
	const volatile bool *stop; /* NULL: only the host stops it */
	const char *phase;
	uint64_t objects, bytes;
};
struct watch *watch_start(const struct watched *watched);
void watch_free(struct watch *watch); /* ends the thread and waits for it; NULL is fine */
OWNABLE(watch);
