#include "jobs/supervision.h"

#include "base/memory.h"
#include "jobs/run_log.h"
#include "jobs/run_step.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/wait.h>
#include <unistd.h>

#define SECOND_MS  UINT64_C(1000)
#define STOP_WORDS "the daemon stopped while it ran"

/* ---- the end of a worker ---- */

static void drop_worker(struct supervisor *supervisor, struct worker *worker)
{
	timers_drop(&supervisor->timers, worker);
	struct worker **link = &supervisor->workers;
	while (*link != worker)
		link = &(*link)->next;
	*link = worker->next;
	supervisor->worker_count--;
	live_remove(supervisor->options.live, worker->run_id);
	free(worker);
}

static void write_end(struct supervisor *supervisor, struct worker *worker);

static void write_end_again(void *state, void *subject)
{
	write_end(state, subject);
}

static struct run_step end_of(
	struct supervisor *supervisor, struct worker *worker, struct arena *arena)
{
	struct run_step step = {.run_id = worker->run_id, .arena = arena};
	step.to = TENON__V1__RUN_STATE__RUN_STATE_FAILED;
	step.progress = live_progress(supervisor->options.live, worker->run_id, arena);
	if (live_is_cancelled(supervisor->options.live, worker->run_id)) {
		step.to = TENON__V1__RUN_STATE__RUN_STATE_CANCELLED;
		step.error = "cancelled by request";
	} else if (supervisor->stopping) {
		step.error = STOP_WORDS;
	} else {
		struct text line = run_log_last_line(
			arena, run_log_path(arena, supervisor->options.log_folder, worker->run_id));
		step.error = line.length ? arena_printf(arena, "%s; the last line of its log: %.*s",
						   worker->how, TEXT_ARG(line))
					 : worker->how;
	}
	return step;
}

static void write_end(struct supervisor *supervisor, struct worker *worker)
{
	OWNED(arena) arena = arena_new();
	struct error err;
	struct run_step step = end_of(supervisor, worker, arena);
	if (run_step(supervisor->options.catalog, &step, &err) != STATUS_OK) {
		supervisor_trouble(supervisor, worker->run_id, &err);
		if (!supervisor->stopping) {
			supervisor_later(supervisor, AGAIN_MS, worker, write_end_again);
			return;
		}
		drop_worker(supervisor, worker);
		return;
	}
	drop_worker(supervisor, worker);
	supervisor_changed(supervisor, step.record->run->id);
	supervisor->options.ops->ended(supervisor->options.state, step.record);
}

static void say_how(struct worker *worker, const siginfo_t *info)
{
	if (info->si_code == CLD_EXITED)
		(void)snprintf(worker->how, sizeof worker->how,
			info->si_status ? "the worker exited with code %d"
					: "the worker exited with code %d and reported no end",
			info->si_status);
	else
		(void)snprintf(worker->how, sizeof worker->how,
			"the worker was killed by signal %d (%s)", info->si_status,
			sigdescr_np(info->si_status) ? sigdescr_np(info->si_status) : "unknown");
}

static void worker_ready(struct supervisor *supervisor, struct source *source)
{
	struct worker *worker = (struct worker *)(void *)source;
	siginfo_t info = {0};
	if (waitid(P_PIDFD, (id_t)worker->process.pidfd, &info, WEXITED | WNOHANG) != 0 ||
		info.si_pid == 0)
		return;
	say_how(worker, &info);
	/* What it started goes with it: they share its process group. */
	(void)kill(-worker->process.pid, SIGKILL);
	(void)epoll_ctl(supervisor->epoll, EPOLL_CTL_DEL, worker->process.pidfd, NULL);
	(void)close(worker->process.pidfd);
	worker->gone = true;
	write_end(supervisor, worker);
}

/* ---- asking a worker to end ---- */

static void kill_worker(void *state, void *subject)
{
	(void)state;
	const struct worker *worker = subject;
	if (!worker->gone)
		(void)kill(-worker->process.pid, SIGKILL);
}

void worker_end(struct supervisor *supervisor, struct worker *worker)
{
	if (worker->gone)
		return;
	(void)kill(-worker->process.pid, SIGTERM);
	supervisor_later(supervisor, supervisor->options.grace_ms, worker, kill_worker);
}

/* The state is written first: from then on the worker's calls are refused, so a
 * commit cannot slip in after its time is over. */
static void time_is_over(void *state, void *subject)
{
	struct supervisor *supervisor = state;
	struct worker *worker = subject;
	OWNED(arena) arena = arena_new();
	struct error err;
	struct run_step step = {.run_id = worker->run_id,
		.arena = arena,
		.to = TENON__V1__RUN_STATE__RUN_STATE_TIMEOUT,
		.error = "it ran longer than the job's timeout_s",
		.progress = live_progress(supervisor->options.live, worker->run_id, arena)};
	if (worker->gone)
		return;
	if (run_step(supervisor->options.catalog, &step, &err) != STATUS_OK) {
		supervisor_trouble(supervisor, worker->run_id, &err);
		supervisor_later(supervisor, AGAIN_MS, worker, time_is_over);
		return;
	}
	if (step.late)
		return;
	worker_end(supervisor, worker);
	supervisor_changed(supervisor, worker->run_id);
}

/* ---- the start of a run ---- */

static void watch_worker(struct supervisor *supervisor, struct worker *worker)
{
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = &worker->source};
	if (epoll_ctl(supervisor->epoll, EPOLL_CTL_ADD, worker->process.pidfd, &event) != 0) {
		struct error err;
		(void)fail(&err, STATUS_RESOURCE_EXHAUSTED, "worker %d cannot be watched: %s",
			(int)worker->process.pid, strerrordesc_np(errno));
		supervisor_trouble(supervisor, worker->run_id, &err);
		(void)kill(-worker->process.pid, SIGKILL);
	}
}

static void could_not_start(
	struct supervisor *supervisor, const char *run_id, const struct error *why)
{
	OWNED(arena) arena = arena_new();
	struct error err;
	struct run_step step = {.run_id = run_id,
		.arena = arena,
		.to = TENON__V1__RUN_STATE__RUN_STATE_FAILED,
		.error = why->message};
	live_remove(supervisor->options.live, run_id);
	if (run_step(supervisor->options.catalog, &step, &err) != STATUS_OK) {
		supervisor_trouble(supervisor, run_id, &err);
		return;
	}
	supervisor_changed(supervisor, run_id);
	supervisor->options.ops->ended(supervisor->options.state, step.record);
}

static void adopt(struct supervisor *supervisor, const Tenon__Store__V1__RunRecord *record,
	const struct worker_process *process)
{
	struct worker *worker = memory_new(sizeof *worker);
	worker->source.ready = worker_ready;
	worker->process = *process;
	(void)strncpy(worker->run_id, record->run->id, RUN_ID_BYTES - 1);
	worker->next = supervisor->workers;
	supervisor->workers = worker;
	supervisor->worker_count++;
	watch_worker(supervisor, worker);
	if (record->job && record->job->timeout_s)
		supervisor_later(
			supervisor, record->job->timeout_s * SECOND_MS, worker, time_is_over);
	struct error err;
	if (run_note_pid(supervisor->options.catalog, worker->run_id, process->pid, &err) !=
		STATUS_OK)
		supervisor_trouble(supervisor, worker->run_id, &err);
}

void worker_start(
	struct supervisor *supervisor, const Tenon__Store__V1__RunRecord *record, const char *token)
{
	const char *run_id = record->run->id;
	OWNED(arena) arena = arena_new();
	struct error err;
	struct worker_process process;
	struct worker_command command = {
		.program = supervisor->options.worker,
		.run_id = run_id,
		.token = token,
		.address = supervisor->address,
		.log_path = run_log_path(arena, supervisor->options.log_folder, run_id),
	};
	live_add(supervisor->options.live, run_id);
	if (worker_spawn(&command, &process, &err) != STATUS_OK) {
		could_not_start(supervisor, run_id, &err);
		return;
	}
	adopt(supervisor, record, &process);
	supervisor_changed(supervisor, run_id);
}
