#pragma once

#include "rpc/client.h"
#include "tests/unit.h"

#include "tenon/v1/catalog.pb-c.h"
#include "tenon/v1/crawlers.pb-c.h"
#include "tenon/v1/jobs.pb-c.h"

#include <stdbool.h>
#include <sys/types.h>

/* A real tenond in a folder of its own, and what tests ask of it. Everything fails
 * the test when it does not go as said. */
struct daemon_process {
	char folder[64]; /* of the test: data/, tenon.sock, whatever else */
	char address[128];
	char ready[256]; /* its first line */
	pid_t pid; /* 0: not running */
	struct rpc_channel *channel;
	struct arena *arena;
};

/* Once per test; the folder lives until daemon_done. */
void daemon_init(struct daemon_process *daemon);
void daemon_done(struct daemon_process *daemon); /* kills it if it runs */

/* NULL-terminated lists; may be NULL. `environment` is added to the test's own. */
void daemon_start(struct daemon_process *daemon, const char *const *arguments,
	const char *const *environment);
/* Runs tenond on the same data to its end: its exit code, what it said in `said`. */
int daemon_try(
	struct daemon_process *daemon, const char *const *arguments, char *said, size_t size);
/* The same with more environment; it must die of SIGKILL by itself. */
void daemon_try_with(struct daemon_process *daemon, const char *const *environment);
void daemon_kill(struct daemon_process *daemon); /* SIGKILL, and waits */
int daemon_stop(struct daemon_process *daemon); /* SIGTERM; the exit code */
/* Waits until it has died by itself of SIGKILL. */
void daemon_wait_killed(struct daemon_process *daemon);

/* One call; the response is in daemon->arena. */
enum status daemon_call(struct daemon_process *daemon, const ProtobufCServiceDescriptor *service,
	const char *method, const void *request, void *response_out, struct error *err);

/* Every call of these succeeds or the test fails. */
void put_database(struct daemon_process *daemon, const char *name);
Tenon__V1__Table *get_table(struct daemon_process *daemon, const char *database, const char *name);
/* A job whose runs do what its arguments tell the fake worker (fake_worker.c). */
void put_job(struct daemon_process *daemon, const char *name, uint32_t timeout_s, uint32_t most);
struct arg {
	const char *key;
	const char *value;
};
const char *start_run(
	struct daemon_process *daemon, const char *job, const struct arg *args, size_t count);
Tenon__V1__Run *get_run(struct daemon_process *daemon, const char *run_id);
/* Follows it (WatchRun) until it has ended, or is in `state`. */
Tenon__V1__Run *wait_run(struct daemon_process *daemon, const char *run_id);
Tenon__V1__Run *wait_run_state(
	struct daemon_process *daemon, const char *run_id, Tenon__V1__RunState state);

/* A file of the test's folder; its path is in daemon->arena. */
char *test_path(struct daemon_process *daemon, const char *name);
void write_file(const char *path, const char *content);
