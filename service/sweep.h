#pragma once

#include "service/daemon.h"

/* Removing what runs leave behind: their stage folders and spill folders.
 *
 * A run that ended is not among the open ones any more, so a daemon that died
 * before sweeping would never find it again. Hence a note per run that stages:
 * DATA/stages/<run id>, an empty file, gone once the run is swept. */

/* Before the run's first byte is staged. */
enum status sweep_note(struct daemon *daemon, const char *run_id, struct error *err) MUST_USE;
/* Only when the run's process is gone or has committed. May wait. What cannot be
 * removed is logged, and tried again at the next start. */
void sweep_now(struct daemon *daemon, const Tenon__Store__V1__RunRecord *record);
/* The same on the pool, when the stored run has ended by then. */
void sweep_run(struct daemon *daemon, const Tenon__Store__V1__RunRecord *record);
/* At the start: every noted run that has ended. */
void sweep_leftovers(struct daemon *daemon);
