#include "tests/service/daemon/daemon_process.h"

#include "base/clock.h"
#include "jobs/run_state.h"
#include "service/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
	READY_MS = 30000,
	END_MS = 60000,
	ARGUMENTS_MAX = 32,
	ENVIRONMENT_MAX = 256,
	STARTED_MAX = 256
};

extern char **environ;

/* A failed test jumps out and leaves its daemon: the program ends them all. */
static pid_t started[STARTED_MAX];
static size_t started_count;

static void kill_started(void)
{
	for (size_t i = 0; i < started_count; i++) {
		if (started[i])
			(void)kill(started[i], SIGKILL);
	}
}

static void note_started(pid_t pid)
{
	if (started_count == 0)
		(void)atexit(kill_started);
	assert_true(started_count < STARTED_MAX);
	started[started_count++] = pid;
}

static void note_ended(pid_t pid)
{
	for (size_t i = 0; i < started_count; i++) {
		if (started[i] == pid)
			started[i] = 0;
	}
}

static const char *needed(const char *variable)
{
	const char *value = getenv(variable); // NOLINT(concurrency-mt-unsafe)
	if (!value)
		fail_msg("%s is not set: run this by ctest", variable);
	return value;
}

void daemon_init(struct daemon_process *daemon)
{
	*daemon = (struct daemon_process){.arena = arena_new()};
	(void)snprintf(daemon->folder, sizeof daemon->folder, "/tmp/tenond-test-XXXXXX");
	assert_non_null(mkdtemp(daemon->folder));
	(void)snprintf(
		daemon->address, sizeof daemon->address, "unix:%s/tenon.sock", daemon->folder);
}

void daemon_done(struct daemon_process *daemon)
{
	if (daemon->pid)
		daemon_kill(daemon);
	rpc_channel_free(daemon->channel);
	arena_free(daemon->arena);
	folder_remove(daemon->folder);
}

char *test_path(struct daemon_process *daemon, const char *name)
{
	return arena_printf(daemon->arena, "%s/%s", daemon->folder, name);
}

void write_file(const char *path, const char *content)
{
	FILE *file = fopen(path, "we");
	if (!file)
		fail_msg("%s: %s", path, strerrordesc_np(errno));
	assert_true(fputs(content, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

/* Starts it with standard output (and error, when asked) on a pipe. */
static pid_t spawn(struct daemon_process *daemon, const char *const *arguments,
	const char *const *environment, bool with_errors, int *output_out)
{
	char *list[ARGUMENTS_MAX] = {arena_printf(daemon->arena, "%s", needed("TENOND")),
		arena_printf(daemon->arena, "--data"), test_path(daemon, "data"),
		arena_printf(daemon->arena, "--worker"),
		arena_printf(daemon->arena, "%s", needed("FAKE_WORKER"))};
	size_t count = 5;
	bool listens = false;
	for (size_t i = 0; arguments && arguments[i]; i++)
		listens = listens || strcmp(arguments[i], "--listen") == 0;
	if (!listens) {
		list[count++] = arena_printf(daemon->arena, "--listen");
		list[count++] = daemon->address;
	}
	for (size_t i = 0; arguments && arguments[i]; i++)
		list[count++] = arena_printf(daemon->arena, "%s", arguments[i]);
	char *variables[ENVIRONMENT_MAX];
	size_t variable_count = 0;
	for (size_t i = 0; environment && environment[i]; i++)
		variables[variable_count++] = arena_printf(daemon->arena, "%s", environment[i]);
	for (size_t i = 0; environ[i] && variable_count < ENVIRONMENT_MAX - 1; i++)
		variables[variable_count++] = environ[i];
	variables[variable_count] = NULL;

	int ends[2];
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	posix_spawn_file_actions_t files;
	(void)posix_spawn_file_actions_init(&files);
	(void)posix_spawn_file_actions_adddup2(&files, ends[1], STDOUT_FILENO);
	if (with_errors)
		(void)posix_spawn_file_actions_adddup2(&files, ends[1], STDERR_FILENO);
	(void)posix_spawn_file_actions_addclosefrom_np(&files, STDERR_FILENO + 1);
	pid_t pid;
	int failed = posix_spawn(&pid, list[0], &files, NULL, list, variables);
	(void)posix_spawn_file_actions_destroy(&files);
	(void)close(ends[1]);
	if (failed)
		fail_msg("%s: %s", list[0], strerrordesc_np(failed));
	note_started(pid);
	*output_out = ends[0];
	return pid;
}

static void read_line(int output, char *line, size_t size)
{
	size_t length = 0;
	struct pollfd waiting = {.fd = output, .events = POLLIN};
	while (length + 1 < size && poll(&waiting, 1, READY_MS) == 1 &&
		read(output, line + length, 1) == 1 && line[length] != '\n')
		length++;
	line[length] = '\0';
}

void daemon_start(
	struct daemon_process *daemon, const char *const *arguments, const char *const *environment)
{
	int output;
	struct error err;
	rpc_channel_free(daemon->channel);
	daemon->channel = NULL;
	daemon->pid = spawn(daemon, arguments, environment, false, &output);
	read_line(output, daemon->ready, sizeof daemon->ready);
	(void)close(output);
	if (strncmp(daemon->ready, "tenond ready on ", strlen("tenond ready on ")) != 0)
		fail_msg("tenond is not ready; it said '%s'", daemon->ready);
	const char *address = daemon->ready + strlen("tenond ready on ");
	assert_ok(rpc_channel_open(address, NULL, &daemon->channel, &err), &err);
}

static int wait_end(pid_t pid)
{
	int status = 0;
	uint64_t begun = clock_monotonic_ns();
	while (waitpid(pid, &status, WNOHANG) != pid) {
		if (clock_monotonic_ns() - begun > END_MS * UINT64_C(1000000)) {
			(void)kill(pid, SIGKILL);
			(void)waitpid(pid, &status, 0);
			note_ended(pid);
			fail_msg("tenond did not end");
		}
		(void)nanosleep(&(struct timespec){0, 2000000}, NULL);
	}
	note_ended(pid);
	return status;
}

int daemon_try(struct daemon_process *daemon, const char *const *arguments, char *said, size_t size)
{
	int output;
	pid_t pid = spawn(daemon, arguments, NULL, true, &output);
	int status = wait_end(pid);
	ssize_t length = read(output, said, size - 1);
	said[length > 0 ? length : 0] = '\0';
	(void)close(output);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

void daemon_try_with(struct daemon_process *daemon, const char *const *environment)
{
	int output;
	daemon->pid = spawn(daemon, NULL, environment, false, &output);
	(void)close(output);
	daemon_wait_killed(daemon);
}

void daemon_kill(struct daemon_process *daemon)
{
	(void)kill(daemon->pid, SIGKILL);
	(void)wait_end(daemon->pid);
	daemon->pid = 0;
}

int daemon_stop(struct daemon_process *daemon)
{
	(void)kill(daemon->pid, SIGTERM);
	int status = wait_end(daemon->pid);
	daemon->pid = 0;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

void daemon_wait_killed(struct daemon_process *daemon)
{
	int status = wait_end(daemon->pid);
	daemon->pid = 0;
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGKILL);
}

enum status daemon_call(struct daemon_process *daemon, const ProtobufCServiceDescriptor *service,
	const char *method, const void *request, void *response_out, struct error *err)
{
	return rpc_invoke(
		daemon->channel, service, method, request, 0, daemon->arena, response_out, err);
}

static char *copy(struct daemon_process *daemon, const char *text)
{
	return arena_text(daemon->arena, text_of(text));
}

void put_database(struct daemon_process *daemon, const char *name)
{
	struct error err;
	Tenon__V1__Database database = TENON__V1__DATABASE__INIT;
	Tenon__V1__CreateDatabaseRequest request = TENON__V1__CREATE_DATABASE_REQUEST__INIT;
	Tenon__V1__CreateDatabaseResponse *response;
	database.name = copy(daemon, name);
	request.database = &database;
	request.if_not_exists = true;
	assert_ok(daemon_call(daemon, &tenon__v1__catalog__descriptor, "CreateDatabase", &request,
			  &response, &err),
		&err);
}

Tenon__V1__Table *get_table(struct daemon_process *daemon, const char *database, const char *name)
{
	struct error err;
	Tenon__V1__GetTableRequest request = TENON__V1__GET_TABLE_REQUEST__INIT;
	Tenon__V1__GetTableResponse *response;
	request.database = copy(daemon, database);
	request.name = copy(daemon, name);
	assert_ok(daemon_call(daemon, &tenon__v1__catalog__descriptor, "GetTable", &request,
			  &response, &err),
		&err);
	assert_non_null(response->table);
	return response->table;
}

void put_job(struct daemon_process *daemon, const char *name, uint32_t timeout_s, uint32_t most)
{
	struct error err;
	Tenon__V1__Source source = TENON__V1__SOURCE__INIT;
	Tenon__V1__Node node = TENON__V1__NODE__INIT;
	Tenon__V1__Node *nodes[] = {&node};
	Tenon__V1__Plan plan = TENON__V1__PLAN__INIT;
	Tenon__V1__Job job = TENON__V1__JOB__INIT;
	Tenon__V1__PutJobRequest request = TENON__V1__PUT_JOB_REQUEST__INIT;
	Tenon__V1__PutJobResponse *response;
	source.path = copy(daemon, "/in");
	node.name = copy(daemon, "in");
	node.kind_case = TENON__V1__NODE__KIND_SOURCE;
	node.source = &source;
	plan.nodes = nodes;
	plan.n_nodes = 1;
	job.name = copy(daemon, name);
	job.plan = &plan;
	job.timeout_s = timeout_s;
	job.max_concurrent_runs = most;
	job.bookmark = most > 1 ? TENON__V1__BOOKMARK_MODE__BOOKMARK_MODE_DISABLE
				: TENON__V1__BOOKMARK_MODE__BOOKMARK_MODE_ENABLE;
	request.job = &job;
	assert_ok(daemon_call(daemon, &tenon__v1__jobs__descriptor, "PutJob", &request, &response,
			  &err),
		&err);
}

const char *start_run(
	struct daemon_process *daemon, const char *job, const struct arg *args, size_t count)
{
	struct error err;
	Tenon__V1__StartJobRunRequest request = TENON__V1__START_JOB_RUN_REQUEST__INIT;
	Tenon__V1__StartJobRunResponse *response;
	request.job = copy(daemon, job);
	request.n_args = count;
	request.args = arena_array(daemon->arena, count, sizeof *request.args);
	for (size_t i = 0; i < count; i++) {
		request.args[i] = arena_alloc(daemon->arena, sizeof **request.args);
		*request.args[i] = (Tenon__V1__StartJobRunRequest__ArgsEntry)
			TENON__V1__START_JOB_RUN_REQUEST__ARGS_ENTRY__INIT;
		request.args[i]->key = copy(daemon, args[i].key);
		request.args[i]->value = copy(daemon, args[i].value);
	}
	assert_ok(daemon_call(daemon, &tenon__v1__jobs__descriptor, "StartJobRun", &request,
			  &response, &err),
		&err);
	return response->run_id;
}

Tenon__V1__Run *get_run(struct daemon_process *daemon, const char *run_id)
{
	struct error err;
	Tenon__V1__GetRunRequest request = TENON__V1__GET_RUN_REQUEST__INIT;
	Tenon__V1__GetRunResponse *response;
	request.run_id = copy(daemon, run_id);
	assert_ok(daemon_call(daemon, &tenon__v1__jobs__descriptor, "GetRun", &request, &response,
			  &err),
		&err);
	return response->run;
}

/* Any state when `state` is UNSPECIFIED: until it ends. */
static Tenon__V1__Run *follow(
	struct daemon_process *daemon, const char *run_id, Tenon__V1__RunState state)
{
	struct error err;
	OWNED(rpc_reading) reading = NULL;
	Tenon__V1__GetRunRequest request = TENON__V1__GET_RUN_REQUEST__INIT;
	Tenon__V1__GetRunResponse *response;
	Tenon__V1__Run *last = NULL;
	request.run_id = copy(daemon, run_id);
	assert_ok(rpc_read_open(daemon->channel, &tenon__v1__jobs__descriptor, "WatchRun",
			  &request.base, END_MS, &reading, &err),
		&err);
	for (;;) {
		assert_ok(rpc_read_next(reading, daemon->arena, &response, &err), &err);
		if (!response)
			break;
		last = response->run;
		if (last->state == state)
			return last;
	}
	assert_non_null(last);
	return last;
}

Tenon__V1__Run *wait_run(struct daemon_process *daemon, const char *run_id)
{
	Tenon__V1__Run *run = follow(daemon, run_id, TENON__V1__RUN_STATE__RUN_STATE_UNSPECIFIED);
	assert_true(run_has_ended(run->state));
	return run;
}

Tenon__V1__Run *wait_run_state(
	struct daemon_process *daemon, const char *run_id, Tenon__V1__RunState state)
{
	Tenon__V1__Run *run = follow(daemon, run_id, state);
	if (run->state != state)
		fail_msg("run is %s, not %s: %s", run_state_name(run->state), run_state_name(state),
			run->error);
	return run;
}
