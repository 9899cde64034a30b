#include "clients/cli/watch.h"

#include "clients/cli/interrupt.h"
#include "clients/cli/progress.h"
#include "clients/cli/render.h"
#include "proto/wire.h"

#include <pthread.h>
#include <time.h>

enum { CANCEL_TIMEOUT_MS = 5000, RETRIES_MAX = 40, RETRY_MS = 250 };

struct watch {
	struct cli *cli;
	struct rpc_channel *channel;
	const char *run_id;
	struct progress progress;
	pthread_mutex_t lock; /* for the rest */
	struct rpc_reading *reading;
	bool left;
};

/* On the thread of signals. */
static void interrupted(unsigned count, void *state)
{
	struct watch *watch = state;
	if (count > 1) {
		(void)pthread_mutex_lock(&watch->lock);
		watch->left = true;
		if (watch->reading)
			rpc_read_cancel(watch->reading);
		(void)pthread_mutex_unlock(&watch->lock);
		return;
	}
	OWNED(arena) arena = arena_new();
	struct error err;
	Tenon__V1__CancelRunRequest request = TENON__V1__CANCEL_RUN_REQUEST__INIT;
	Tenon__V1__CancelRunResponse *response = NULL;
	request.run_id = arena_text(arena, text_of(watch->run_id));
	(void)fprintf(watch->cli->err, "%scancelling %s; Ctrl-C again leaves it to itself\n",
		watch->cli->err_is_terminal ? "\r\033[K" : "", watch->run_id);
	if (rpc_invoke(watch->channel, &tenon__v1__jobs__descriptor, "CancelRun", &request.base,
		    CANCEL_TIMEOUT_MS, arena, &response, &err) != STATUS_OK)
		(void)fprintf(watch->cli->err, "tenon: not cancelled: %s\n",
			printable(arena, err.message));
}

static void reading_is(struct watch *watch, struct rpc_reading *reading)
{
	(void)pthread_mutex_lock(&watch->lock);
	watch->reading = reading;
	if (reading && watch->left)
		rpc_read_cancel(reading);
	(void)pthread_mutex_unlock(&watch->lock);
}

static bool is_left(struct watch *watch)
{
	(void)pthread_mutex_lock(&watch->lock);
	bool left = watch->left;
	(void)pthread_mutex_unlock(&watch->lock);
	return left;
}

static enum status follow(struct watch *watch, struct rpc_reading *reading,
	Tenon__V1__Run **run_out, struct error *err)
{
	OWNED(arena) arena = arena_new();
	for (;;) {
		Tenon__V1__GetRunResponse *response = NULL;
		arena_reset(arena);
		TRY(rpc_read_next(reading, arena, &response, err));
		if (!response)
			return STATUS_OK;
		if (!response->run)
			continue;
		progress_show(&watch->progress, response->run);
		if (run_state_is_final(response->run->state)) {
			*run_out = wire_copy(watch->cli->arena, &response->run->base);
			return STATUS_OK;
		}
	}
}

static enum status follow_once(struct watch *watch, Tenon__V1__Run **run_out, struct error *err)
{
	Tenon__V1__GetRunRequest request = TENON__V1__GET_RUN_REQUEST__INIT;
	request.run_id = arena_text(watch->cli->arena, text_of(watch->run_id));
	OWNED(rpc_reading) reading = NULL;
	TRY(rpc_read_open(watch->channel, &tenon__v1__jobs__descriptor, "WatchRun", &request.base,
		-1, &reading, err));
	reading_is(watch, reading);
	enum status status = follow(watch, reading, run_out, err);
	reading_is(watch, NULL);
	return status;
}

static void pause_ms(long ms)
{
	struct timespec pause = {ms / 1000, ms % 1000 * 1000000};
	(void)nanosleep(&pause, NULL);
}

static enum status follow_to_end(struct watch *watch, Tenon__V1__Run **run_out, struct error *err)
{
	enum status status = STATUS_OK;
	Tenon__V1__Run *run = NULL;
	for (unsigned tries = 0; tries < RETRIES_MAX && !run; tries++) {
		if (tries)
			pause_ms(RETRY_MS);
		status = follow_once(watch, &run, err);
		if (is_left(watch) || (status && status != STATUS_UNAVAILABLE))
			break;
	}
	if (run)
		*run_out = run;
	else if (is_left(watch))
		return fail(err, STATUS_CANCELLED,
			"left run '%s', which may go on: 'tenon run show %s' tells", watch->run_id,
			watch->run_id);
	else if (status == STATUS_OK)
		return fail(err, STATUS_UNAVAILABLE, "the daemon does not say how run '%s' goes",
			watch->run_id);
	return run ? STATUS_OK : status;
}

enum status watch_run(
	struct cli *cli, const char *run_id, Tenon__V1__Run **run_out, struct error *err)
{
	struct watch watch = {.cli = cli, .run_id = run_id, .lock = PTHREAD_MUTEX_INITIALIZER};
	TRY(cli_channel(cli, &watch.channel, err));
	progress_start(&watch.progress, cli->err, cli->err_is_terminal, cli->err_color);
	interrupt_ask(interrupted, &watch);
	enum status status = follow_to_end(&watch, run_out, err);
	interrupt_ask(NULL, NULL);
	progress_clear(&watch.progress);
	return status;
}

enum status watch_verdict(const Tenon__V1__Run *run, bool was_drawn, struct error *err)
{
	if (run->state == TENON__V1__RUN_STATE__RUN_STATE_SUCCEEDED)
		return STATUS_OK;
	OWNED(arena) arena = arena_new();
	bool told = run->error[0] && !was_drawn;
	char *state = arena_text(arena, text_of(run_state_name(arena, run->state)));
	for (char *byte = state; *byte; byte++)
		*byte = text_lower(*byte);
	return fail(err,
		run->state == TENON__V1__RUN_STATE__RUN_STATE_CANCELLED ? STATUS_CANCELLED
									: STATUS_UNKNOWN,
		"run '%s' %s%s%s; its log: 'tenon logs %s'", run->id, state, told ? ": " : "",
		told ? run->error : "", run->id);
}
