#pragma once

#include "base/arena.h"
#include "tenon/v1/jobs.pb-c.h"

#include <stdbool.h>

/* What is known of running runs but not stored: their progress, and whether they
 * were asked to stop. Few entries (one per worker). Any thread. */
struct live;

struct live *live_new(void);
void live_free(struct live *live);
OWNABLE(live);

void live_add(struct live *live, const char *run_id);
void live_remove(struct live *live, const char *run_id);
/* Keeps a copy; texts are cut at 200 bytes. Returns whether the run is to stop;
 * true for a run that is not there. */
bool live_report(struct live *live, const char *run_id, const Tenon__V1__Progress *progress);
void live_cancel(struct live *live, const char *run_id);
/* The last progress reported, in `arena`; NULL when there is none. */
Tenon__V1__Progress *live_progress(struct live *live, const char *run_id, struct arena *arena);
bool live_is_cancelled(struct live *live, const char *run_id);
