#include "jobs/supervision.h"

#include "jobs/run_step.h"
#include "jobs/token.h"

#include <stdlib.h>
#include <string.h>

void waiting_add(struct supervisor *supervisor, struct command *run)
{
	run->next = NULL;
	*supervisor->waiting_end = run;
	supervisor->waiting_end = &run->next;
}

static void put_back_again(void *state, void *subject)
{
	waiting_add(state, subject);
}

/* RUNNING and the token's hash are durable before the worker exists: its first
 * call may come within a millisecond. */
static void start_run(struct supervisor *supervisor, struct command *run)
{
	OWNED(arena) arena = arena_new();
	struct error err;
	char token[TOKEN_TEXT_BYTES];
	char hash[TOKEN_HASH_BYTES];
	token_new(run->run_id, token, hash);
	struct run_step step = {.run_id = run->run_id,
		.arena = arena,
		.to = TENON__V1__RUN_STATE__RUN_STATE_RUNNING,
		.token_hash = hash};
	enum status status = run_step(supervisor->options.catalog, &step, &err);
	if (status != STATUS_OK && status != STATUS_NOT_FOUND) {
		supervisor_trouble(supervisor, run->run_id, &err);
		supervisor_later(supervisor, AGAIN_MS, run, put_back_again);
		return;
	}
	if (status == STATUS_OK && !step.late)
		worker_start(supervisor, step.record, token);
	explicit_bzero(token, sizeof token);
	free(run);
}

void waiting_start(struct supervisor *supervisor)
{
	while (supervisor->waiting && supervisor->worker_count < supervisor->options.workers_max) {
		struct command *run = supervisor->waiting;
		supervisor->waiting = run->next;
		if (!supervisor->waiting)
			supervisor->waiting_end = &supervisor->waiting;
		start_run(supervisor, run);
	}
}
