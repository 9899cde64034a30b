#include "jobs/run_state.h"

#include "base/clock.h"

#include <stdint.h>

/*
 *   QUEUED ───► RUNNING ───► COMMITTING ───► SUCCEEDED
 *     │  │         │          only forward: the daemon finishes it after any crash
 *     │  │         ├──► TIMEOUT
 *     │  └─────────┼──► CANCELLED
 *     └────────────┴──► FAILED
 *
 * A refused move is an answer, not a bug: a cancel and a commit may meet, and the
 * writer's order decides which of them is late.
 */
enum { STATES = TENON__V1__RUN_STATE__RUN_STATE_TIMEOUT + 1 };

#define QUEUED	   TENON__V1__RUN_STATE__RUN_STATE_QUEUED
#define RUNNING	   TENON__V1__RUN_STATE__RUN_STATE_RUNNING
#define COMMITTING TENON__V1__RUN_STATE__RUN_STATE_COMMITTING
#define SUCCEEDED  TENON__V1__RUN_STATE__RUN_STATE_SUCCEEDED
#define FAILED	   TENON__V1__RUN_STATE__RUN_STATE_FAILED
#define CANCELLED  TENON__V1__RUN_STATE__RUN_STATE_CANCELLED
#define TIMEOUT	   TENON__V1__RUN_STATE__RUN_STATE_TIMEOUT
#define TO(state)  (1u << (state))

static const struct {
	const char *name;
	unsigned next; /* the states it may move to */
} states[STATES] = {
	[TENON__V1__RUN_STATE__RUN_STATE_UNSPECIFIED] = {"UNSPECIFIED", TO(QUEUED)},
	[QUEUED] = {"QUEUED", TO(RUNNING) | TO(CANCELLED) | TO(FAILED)},
	[RUNNING] = {"RUNNING", TO(COMMITTING) | TO(FAILED) | TO(CANCELLED) | TO(TIMEOUT)},
	[COMMITTING] = {"COMMITTING", TO(SUCCEEDED)},
	[SUCCEEDED] = {"SUCCEEDED", 0},
	[FAILED] = {"FAILED", 0},
	[CANCELLED] = {"CANCELLED", 0},
	[TIMEOUT] = {"TIMEOUT", 0},
};

/* A record of a newer daemon may hold a state that this one does not know. */
static bool is_known(Tenon__V1__RunState state)
{
	return (unsigned)state < STATES;
}

bool run_may_move(Tenon__V1__RunState from, Tenon__V1__RunState to)
{
	return is_known(from) && is_known(to) && (states[from].next & TO(to));
}

bool run_has_ended(Tenon__V1__RunState state)
{
	return is_known(state) && states[state].next == 0;
}

const char *run_state_name(Tenon__V1__RunState state)
{
	return is_known(state) ? states[state].name : "of an unknown state";
}

enum status run_move(Tenon__V1__Run *run, Tenon__V1__RunState to, struct error *err)
{
	if (!run_may_move(run->state, to))
		return fail(err, STATUS_FAILED_PRECONDITION,
			"run '%s' is %s, so it cannot become %s", run->id,
			run_state_name(run->state), run_state_name(to));
	run->state = to;
	if (to == QUEUED)
		run->queue_time_us = clock_now_us();
	if (to == RUNNING)
		run->start_time_us = clock_now_us();
	if (run_has_ended(to))
		run->end_time_us = clock_now_us();
	return STATUS_OK;
}
