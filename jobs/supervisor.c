#include "jobs/supervision.h"

#include "base/clock.h"
#include "base/memory.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

enum { EVENTS = 32 };

void supervisor_trouble(struct supervisor *supervisor, const char *run_id, const struct error *err)
{
	supervisor->options.ops->trouble(supervisor->options.state, run_id, err);
}

void supervisor_changed(struct supervisor *supervisor, const char *run_id)
{
	supervisor->options.ops->changed(supervisor->options.state, run_id);
}

void supervisor_later(struct supervisor *supervisor, uint64_t delay_ms, void *subject,
	void (*fire)(void *state, void *subject))
{
	timers_add(&supervisor->timers, &(struct timer){clock_monotonic_ns() + delay_ms * MS_NS,
						fire, supervisor, subject});
}

/* ---- the loop ---- */

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
		if (commands_take(supervisor)) {
			supervisor->stopping = true;
			for (struct worker *worker = supervisor->workers; worker;
				worker = worker->next)
				worker_end(supervisor, worker);
		}
		timers_fire(&supervisor->timers, clock_monotonic_ns());
		if (!supervisor->stopping)
			waiting_start(supervisor);
		set_timer(supervisor);
	}
	return NULL;
}

void supervisor_wake(struct supervisor *supervisor)
{
	uint64_t one = 1;
	while (write(supervisor->wake, &one, sizeof one) < 0 && errno == EINTR)
		;
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
	supervisor_wake(supervisor);
	(void)pthread_join(supervisor->thread, NULL);
	supervisor->started = false;
}

void supervisor_free(struct supervisor *supervisor)
{
	if (!supervisor)
		return;
	commands_free(supervisor->commands);
	commands_free(supervisor->waiting);
	/* Only what was to be called later, or a run to queue again, is left. */
	for (size_t i = 0; i < supervisor->timers.count; i++)
		command_free(supervisor->timers.at[i].subject);
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
