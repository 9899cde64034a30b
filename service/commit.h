#pragma once

#include "service/serve.h"

/* The commit point of a job run (design.md): what was staged becomes visible with
 * its bookmarks and partitions, exactly once, whatever dies when.
 *
 *   check → sync the staged files → [one transaction: intent] → publish each file
 *         → [one transaction: SUCCEEDED] → remove the stage folders
 *
 * Before the intent is durable nothing is visible; from then on it is only carried
 * forward, by this process or the next. Runs on a pool thread. */

/* Answers CommitRun: returns when everything is published. */
enum status commit_run(struct request *request, struct error *err) MUST_USE;

/* Carries a COMMITTING run to its end on the pool, trying again for as long as it
 * takes; used at the daemon's start and when publishing failed. */
void commit_forward(struct daemon *daemon, const char *run_id);
