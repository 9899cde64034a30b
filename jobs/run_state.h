#pragma once

#include "base/error.h"
#include "tenon/v1/jobs.pb-c.h"

#include <stdbool.h>

/* The life of a run. Everything that changes a run's state does it here, inside
 * the catalog's writer, so that two who want different ends meet in order and the
 * second is refused. */

bool run_may_move(Tenon__V1__RunState from, Tenon__V1__RunState to);
bool run_has_ended(Tenon__V1__RunState state); /* nothing follows it */
const char *run_state_name(Tenon__V1__RunState state); /* "QUEUED"; static */

/* Moves it and sets its start or end time. FAILED_PRECONDITION names the run and
 * both states when the table does not allow it; the run is then unchanged. */
enum status run_move(Tenon__V1__Run *run, Tenon__V1__RunState to, struct error *err) MUST_USE;
