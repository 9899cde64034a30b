#pragma once

#include "jobs/spawn.h"
#include "jobs/supervisor.h"
#include "jobs/timers.h"

#include <pthread.h>
#include <stdbool.h>

/* Inside the supervisor: what its files share. All but what the lock guards belongs to
 * the supervisor's thread, and so do the calls below, but for those of commands.c.
 *
 *   supervisor.c   the loop: waits for whatever there is to wait for, and lets each act
 *   commands.c     what other threads ask for, handed to the loop
 *   waiting.c      queued runs, started while there is room
 *   workers.c      the life of a worker: started, watched, asked to end, ended
 */
enum { RUN_ID_BYTES = 26, AGAIN_MS = 1000 };
#define MS_NS UINT64_C(1000000)

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

/* The supervisor's ops. */
void supervisor_trouble(struct supervisor *supervisor, const char *run_id, const struct error *err);
void supervisor_changed(struct supervisor *supervisor, const char *run_id);
/* On this thread, after a while; until then `subject` is the timer's name. */
void supervisor_later(struct supervisor *supervisor, uint64_t delay_ms, void *subject,
	void (*fire)(void *state, void *subject));

/* The loop turns once more. Any thread. */
void supervisor_wake(struct supervisor *supervisor);

/* Does what was asked since the last time; true once when it is to stop. */
bool commands_take(struct supervisor *supervisor);
void commands_free(struct command *command); /* and those behind it */
void command_free(struct command *command);

/* A queued run, behind those that wait. It is the queue's from here on. */
void waiting_add(struct supervisor *supervisor, struct command *run);
void waiting_start(struct supervisor *supervisor); /* while there is room */

/* Of a run that is RUNNING, with its token: one that cannot start ends FAILED. */
void worker_start(struct supervisor *supervisor, const Tenon__Store__V1__RunRecord *record,
	const char *token);
/* SIGTERM, and SIGKILL after the grace; what it says or leaves unsaid is written when it
 * has ended. */
void worker_end(struct supervisor *supervisor, struct worker *worker);
