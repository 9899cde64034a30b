#include "jobs/supervision.h"

#include "base/clock.h"
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

/* ---- any thread asks ---- */

static void ask(struct supervisor *supervisor, enum command_kind kind, const char *run_id,
	struct command details)
{
	struct command *command = memory_new(sizeof *command);
	*command = details;
	command->kind = kind;
	(void)strncpy(command->run_id, run_id, RUN_ID_BYTES - 1);
	(void)pthread_mutex_lock(&supervisor->lock);
	*supervisor->commands_end = command;
	supervisor->commands_end = &command->next;
	(void)pthread_mutex_unlock(&supervisor->lock);
	supervisor_wake(supervisor);
}

void supervisor_queue(struct supervisor *supervisor, const char *run_id)
{
	ask(supervisor, COMMAND_QUEUE, run_id, (struct command){0});
}

void supervisor_cancel(struct supervisor *supervisor, const char *run_id)
{
	ask(supervisor, COMMAND_CANCEL, run_id, (struct command){0});
}

void supervisor_after(
	struct supervisor *supervisor, unsigned delay_ms, void (*due)(void *state), void *state)
{
	ask(supervisor, COMMAND_AFTER, "",
		(struct command){.due_ns = clock_monotonic_ns() + delay_ms * MS_NS,
			.due = due,
			.state = state});
}

/* ---- the loop obeys ---- */

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
			worker_end(supervisor, worker);
	}
}

static void obey(struct supervisor *supervisor, struct command *command)
{
	switch (command->kind) {
	case COMMAND_QUEUE:
		waiting_add(supervisor, command);
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

bool commands_take(struct supervisor *supervisor)
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

void command_free(struct command *command)
{
	free(command->state);
	free(command);
}

void commands_free(struct command *command)
{
	while (command) {
		struct command *next = command->next;
		command_free(command);
		command = next;
	}
}
