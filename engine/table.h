#pragma once

#include "engine/engine.h"

/* Tables whose rows we make: each is one table function of the engine. */
struct table;
struct scan;

void tables_free(struct table *tables);
/* How far the scans that run now have come, 0..1; -1 when none can say. Any thread. */
double scans_progress(struct engine *engine);
