#include "jobs/supervisor.h"

#include "base/clock.h"
#include "base/memory.h"
#include "catalog/runs.h"
#include "jobs/run_log.h"
#include "jobs/run_state.h"
#include "jobs/spawn.h"
#include "jobs/timers.h"
#include "jobs/token.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <unistd.h>

enum { RUN_ID_BYTES = 26, EVENTS = 32, AGAIN_MS = 1000 };
#define MS_NS	   UINT64_C(1000000)
#define SECOND_MS  UINT64_C(1000)
#define STOP_WORDS "the daemon stopped while it ran"

/* Whatever the loop waits for. */
struct source {
	void (*ready)(struct supervisor *supervisor, struct source *source);
};

struct worker {
	struct source source; /* first: an epoll event points at it */
	struct worker *next;
	char run_id[RUN_ID_BYTES];
	struct worker_process process;
	bool gone; /* reaped, its end not yet written */
	char how[128]; /* it ended */
};

struct watched {
	struct source source;
	struct watched *next;
	void (*readable)(void *state);
	void *state;
};

enum command_kind { COMMAND_QUEUE, COMMAND_CANCEL, COMMAND_AFTER };

struct command {
	struct command *next;
	enum command_kind kind;
	char run_id[RUN_ID_BYTES];
	uint64_t due_ns;
	void (*due)(void *state);
	void *state;
};

struct supervisor {
	struct supervisor_options options;
	char *address;
	pthread_t thread;
	bool started;
	int epoll;
	int timer;
	int wake;
	struct source timer_source;
	struct source wake_source;
	struct watched *watched;

	pthread_mutex_t lock; /* of the three below */
	struct command *commands;
	struct command **commands_end;
	bool stop;

	/* The loop's own. */
	struct command *waiting; /* queued runs, oldest first */
	struct command **waiting_end;
	struct worker *workers;
	unsigned worker_count;
	bool stopping;
	struct timers timers;
};

static void trouble(struct supervisor *supervisor, const char *run_id, const struct error *err)
{
	supervisor->options.ops->trouble(supervisor->options.state, run_id, err);
}

static void changed(struct supervisor *supervisor, const char *run_id)
{
	supervisor->options.ops->changed(supervisor->options.state, run_id);
}

static void later(struct supervisor *supervisor, uint64_t delay_ms, void *subject,
	void (*fire)(void *state, void *subject))
{
	timers_add(&supervisor->timers, &(struct timer){clock_monotonic_ns() + delay_ms * MS_NS,
						fire, supervisor, subject});
}

/* ---- a run's record, changed in one step on the writer ---- */

struct step {
	const char *run_id;
	Tenon__V1__RunState to;
	const char *token_hash; /* NULL: as it is */
	const char *error;
	Tenon__V1__Progress *progress;
	struct arena *arena;
	Tenon__Store__V1__RunRecord *record; /* out */
	bool late; /* out: somebody moved it on before */
};

/* A run that is no longer where the step starts from keeps what it has. */
static enum status apply_step(struct catalog_txn *txn, void *state, struct error *err)
{
	struct step *step = state;
	char *hash = NULL;
	TRY(run_get(txn, text_of(step->run_id), step->arena, &step->record, err));
	Tenon__V1__Run *run = step->record->run;
	step->late = !run_may_move(run->state, step->to);
	if (step->late)
		return STATUS_OK;
	TRY(run_move(run, step->to, err));
	if (step->token_hash)
		hash = arena_text(step->arena, text_of(step->token_hash));
	if (hash)
		step->record->token_hash = hash;
	if (step->error)
		run->error = arena_text(step->arena, text_of(step->error));
	if (step->progress)
		run->progress = step->progress;
	return run_put(txn, step->record, err);
}

struct note_pid {
	const char *run_id;
	pid_t pid;
};

static enum status apply_pid(struct catalog_txn *txn, void *state, struct error *err)
{
	const struct note_pid *note = state;
	OWNED(arena) arena = arena_new();
	Tenon__Store__V1__RunRecord *record;
	TRY(run_get(txn, text_of(note->run_id), arena, &record, err));
	if (run_has_ended(record->run->state))
		return STATUS_OK;
	record->run->worker_pid = (uint32_t)note->pid;
	return run_put(txn, record, err);
}

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

static struct step end_of(struct supervisor *supervisor, struct worker *worker, struct arena *arena)
{
	struct step step = {.run_id = worker->run_id, .arena = arena};
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
	struct step step = end_of(supervisor, worker, arena);
	if (catalog_write_now(supervisor->options.catalog, apply_step, &step, &err) != STATUS_OK) {
		trouble(supervisor, worker->run_id, &err);
		if (!supervisor->stopping) {
			later(supervisor, AGAIN_MS, worker, write_end_again);
			return;
		}
		drop_worker(supervisor, worker);
		return;
	}
	drop_worker(supervisor, worker);
	changed(supervisor, step.record->run->id);
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

static void end_worker(struct supervisor *supervisor, struct worker *worker)
{
	if (worker->gone)
		return;
	(void)kill(-worker->process.pid, SIGTERM);
	later(supervisor, supervisor->options.grace_ms, worker, kill_worker);
}

/* The state is written first: from then on the worker's calls are refused, so a
 * commit cannot slip in after its time is over. */
static void time_is_over(void *state, void *subject)
{
	struct supervisor *supervisor = state;
	struct worker *worker = subject;
	OWNED(arena) arena = arena_new();
	struct error err;
	struct step step = {.run_id = worker->run_id,
		.arena = arena,
		.to = TENON__V1__RUN_STATE__RUN_STATE_TIMEOUT,
		.error = "it ran longer than the job's timeout_s",
		.progress = live_progress(supervisor->options.live, worker->run_id, arena)};
	if (worker->gone)
		return;
	if (catalog_write_now(supervisor->options.catalog, apply_step, &step, &err) != STATUS_OK) {
		trouble(supervisor, worker->run_id, &err);
		later(supervisor, AGAIN_MS, worker, time_is_over);
		return;
	}
	if (step.late)
		return;
	end_worker(supervisor, worker);
	changed(supervisor, worker->run_id);
}

/* ---- the start of a run ---- */

static void watch_worker(struct supervisor *supervisor, struct worker *worker)
{
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = &worker->source};
	if (epoll_ctl(supervisor->epoll, EPOLL_CTL_ADD, worker->process.pidfd, &event) != 0) {
		struct error err;
		(void)fail(&err, STATUS_RESOURCE_EXHAUSTED, "worker %d cannot be watched: %s",
			(int)worker->process.pid, strerrordesc_np(errno));
		trouble(supervisor, worker->run_id, &err);
		(void)kill(-worker->process.pid, SIGKILL);
	}
}

static void could_not_start(
	struct supervisor *supervisor, const char *run_id, const struct error *why)
{
	OWNED(arena) arena = arena_new();
	struct error err;
	struct step step = {.run_id = run_id,
		.arena = arena,
		.to = TENON__V1__RUN_STATE__RUN_STATE_FAILED,
		.error = why->message};
	live_remove(supervisor->options.live, run_id);
	if (catalog_write_now(supervisor->options.catalog, apply_step, &step, &err) != STATUS_OK) {
		trouble(supervisor, run_id, &err);
		return;
	}
	changed(supervisor, run_id);
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
		later(supervisor, record->job->timeout_s * SECOND_MS, worker, time_is_over);
	struct error err;
	struct note_pid note = {worker->run_id, process->pid};
	if (catalog_write_now(supervisor->options.catalog, apply_pid, &note, &err) != STATUS_OK)
		trouble(supervisor, worker->run_id, &err);
}

static void spawn_worker(
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
	changed(supervisor, run_id);
}

static void put_back(struct supervisor *supervisor, struct command *run);

static void put_back_again(void *state, void *subject)
{
	put_back(state, subject);
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
	struct step step = {.run_id = run->run_id,
		.arena = arena,
		.to = TENON__V1__RUN_STATE__RUN_STATE_RUNNING,
		.token_hash = hash};
	enum status status =
		catalog_write_now(supervisor->options.catalog, apply_step, &step, &err);
	if (status != STATUS_OK && status != STATUS_NOT_FOUND) {
		trouble(supervisor, run->run_id, &err);
		later(supervisor, AGAIN_MS, run, put_back_again);
		return;
	}
	if (status == STATUS_OK && !step.late)
		spawn_worker(supervisor, step.record, token);
	explicit_bzero(token, sizeof token);
	free(run);
}

static void start_runs(struct supervisor *supervisor)
{
	while (supervisor->waiting && supervisor->worker_count < supervisor->options.workers_max) {
		struct command *run = supervisor->waiting;
		supervisor->waiting = run->next;
		if (!supervisor->waiting)
			supervisor->waiting_end = &supervisor->waiting;
		start_run(supervisor, run);
	}
}

static void put_back(struct supervisor *supervisor, struct command *run)
{
	run->next = NULL;
	*supervisor->waiting_end = run;
	supervisor->waiting_end = &run->next;
}

/* ---- the loop ---- */

static void call_due(void *state, void *subject)
{
	(void)state;
	struct command *command = subject;
	command->due(command->state);
	free(command);
}

static void cancel_run(struct supervisor *supervisor, const char *run_id)
{
	live_cancel(supervisor->options.live, run_id);
	for (struct worker *worker = supervisor->workers; worker; worker = worker->next) {
		if (strcmp(worker->run_id, run_id) == 0)
			end_worker(supervisor, worker);
	}
}

static void obey(struct supervisor *supervisor, struct command *command)
{
	switch (command->kind) {
	case COMMAND_QUEUE:
		put_back(supervisor, command);
		return;
	case COMMAND_CANCEL:
		cancel_run(supervisor, command->run_id);
		free(command);
		return;
	case COMMAND_AFTER:
		timers_add(&supervisor->timers,
			&(struct timer){command->due_ns, call_due, supervisor, command});
		return;
	}
}

/* Takes what was asked; true once when it is to stop. */
static bool take_commands(struct supervisor *supervisor)
{
	(void)pthread_mutex_lock(&supervisor->lock);
	struct command *command = supervisor->commands;
	supervisor->commands = NULL;
	supervisor->commands_end = &supervisor->commands;
	bool stop = supervisor->stop && !supervisor->stopping;
	(void)pthread_mutex_unlock(&supervisor->lock);
	while (command) {
		struct command *next = command->next;
		obey(supervisor, command);
		command = next;
	}
	return stop;
}

static void set_timer(struct supervisor *supervisor)
{
	uint64_t next_ns = timers_next_ns(&supervisor->timers);
	struct itimerspec when = {
		.it_value = {(time_t)(next_ns / (1000 * MS_NS)), (long)(next_ns % (1000 * MS_NS))}};
	(void)timerfd_settime(supervisor->timer, TFD_TIMER_ABSTIME, &when, NULL);
}

static void drain_counter(int fd)
{
	uint64_t count;
	while (read(fd, &count, sizeof count) == (ssize_t)sizeof count)
		;
}

static void timer_ready(struct supervisor *supervisor, struct source *source)
{
	(void)source;
	drain_counter(supervisor->timer);
}

static void wake_ready(struct supervisor *supervisor, struct source *source)
{
	(void)source;
	drain_counter(supervisor->wake);
}

static void watched_ready(struct supervisor *supervisor, struct source *source)
{
	(void)supervisor;
	struct watched *watched = (struct watched *)(void *)source;
	watched->readable(watched->state);
}

static void *run_loop(void *state)
{
	struct supervisor *supervisor = state;
	while (!supervisor->stopping || supervisor->worker_count) {
		struct epoll_event events[EVENTS];
		int count = epoll_wait(supervisor->epoll, events, EVENTS, -1);
		for (int i = 0; i < count; i++) {
			struct source *source = events[i].data.ptr;
			source->ready(supervisor, source);
		}
		if (take_commands(supervisor)) {
			supervisor->stopping = true;
			for (struct worker *worker = supervisor->workers; worker;
				worker = worker->next)
				end_worker(supervisor, worker);
		}
		timers_fire(&supervisor->timers, clock_monotonic_ns());
		if (!supervisor->stopping)
			start_runs(supervisor);
		set_timer(supervisor);
	}
	return NULL;
}

static void wake(struct supervisor *supervisor)
{
	uint64_t one = 1;
	while (write(supervisor->wake, &one, sizeof one) < 0 && errno == EINTR)
		;
}

static struct command *ask(struct supervisor *supervisor, enum command_kind kind,
	const char *run_id, struct command details)
{
	struct command *command = memory_new(sizeof *command);
	*command = details;
	command->kind = kind;
	(void)strncpy(command->run_id, run_id, RUN_ID_BYTES - 1);
	(void)pthread_mutex_lock(&supervisor->lock);
	*supervisor->commands_end = command;
	supervisor->commands_end = &command->next;
	(void)pthread_mutex_unlock(&supervisor->lock);
	wake(supervisor);
	return command;
}

void supervisor_queue(struct supervisor *supervisor, const char *run_id)
{
	(void)ask(supervisor, COMMAND_QUEUE, run_id, (struct command){0});
}

void supervisor_cancel(struct supervisor *supervisor, const char *run_id)
{
	(void)ask(supervisor, COMMAND_CANCEL, run_id, (struct command){0});
}

void supervisor_after(
	struct supervisor *supervisor, unsigned delay_ms, void (*due)(void *state), void *state)
{
	(void)ask(supervisor, COMMAND_AFTER, "",
		(struct command){.due_ns = clock_monotonic_ns() + delay_ms * MS_NS,
			.due = due,
			.state = state});
}

/* ---- making and ending it ---- */

static enum status add_fd(
	struct supervisor *supervisor, int fd, struct source *source, struct error *err)
{
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = source};
	if (fd < 0 || epoll_ctl(supervisor->epoll, EPOLL_CTL_ADD, fd, &event) != 0)
		return fail(err, STATUS_RESOURCE_EXHAUSTED, "supervision cannot watch: %s",
			strerrordesc_np(errno));
	return STATUS_OK;
}

enum status supervisor_watch(struct supervisor *supervisor, int fd, void (*readable)(void *state),
	void *state, struct error *err)
{
	struct watched *watched = memory_new(sizeof *watched);
	watched->source.ready = watched_ready;
	watched->readable = readable;
	watched->state = state;
	watched->next = supervisor->watched;
	supervisor->watched = watched;
	return add_fd(supervisor, fd, &watched->source, err);
}

enum status supervisor_new(const struct supervisor_options *options,
	struct supervisor **supervisor_out, struct error *err)
{
	OWNED(supervisor) supervisor = memory_new(sizeof *supervisor);
	supervisor->options = *options;
	(void)pthread_mutex_init(&supervisor->lock, NULL);
	supervisor->commands_end = &supervisor->commands;
	supervisor->waiting_end = &supervisor->waiting;
	supervisor->timer_source.ready = timer_ready;
	supervisor->wake_source.ready = wake_ready;
	supervisor->epoll = epoll_create1(EPOLL_CLOEXEC);
	supervisor->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	supervisor->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	TRY(add_fd(supervisor, supervisor->timer, &supervisor->timer_source, err));
	TRY(add_fd(supervisor, supervisor->wake, &supervisor->wake_source, err));
	*supervisor_out = TAKE(supervisor);
	return STATUS_OK;
}

enum status supervisor_start(struct supervisor *supervisor, const char *address, struct error *err)
{
	supervisor->address = memory_text(address);
	int failed = pthread_create(&supervisor->thread, NULL, run_loop, supervisor);
	if (failed)
		return fail(err, STATUS_RESOURCE_EXHAUSTED, "supervision has no thread: %s",
			strerrordesc_np(failed));
	supervisor->started = true;
	return STATUS_OK;
}

void supervisor_stop(struct supervisor *supervisor)
{
	if (!supervisor->started)
		return;
	(void)pthread_mutex_lock(&supervisor->lock);
	supervisor->stop = true;
	(void)pthread_mutex_unlock(&supervisor->lock);
	wake(supervisor);
	(void)pthread_join(supervisor->thread, NULL);
	supervisor->started = false;
}

static void free_command(struct command *command)
{
	free(command->state);
	free(command);
}

static void free_commands(struct command *command)
{
	while (command) {
		struct command *next = command->next;
		free_command(command);
		command = next;
	}
}

void supervisor_free(struct supervisor *supervisor)
{
	if (!supervisor)
		return;
	free_commands(supervisor->commands);
	free_commands(supervisor->waiting);
	/* Only what was to be called later, or a run to queue again, is left. */
	for (size_t i = 0; i < supervisor->timers.count; i++)
		free_command(supervisor->timers.at[i].subject);
	timers_done(&supervisor->timers);
	while (supervisor->watched) {
		struct watched *watched = supervisor->watched;
		supervisor->watched = watched->next;
		free(watched);
	}
	(void)close(supervisor->wake);
	(void)close(supervisor->timer);
	(void)close(supervisor->epoll);
	(void)pthread_mutex_destroy(&supervisor->lock);
	free(supervisor->address);
	free(supervisor);
}
