#include "base/log.h"
#include "base/memory.h"
#include "worker/command.h"
#include "worker/fault.h"
#include "worker/guard.h"
#include "worker/interrupt.h"
#include "worker/options.h"
#include "worker/run_crawl.h"
#include "worker/run_job.h"

#include <stdlib.h>

/* `tenon-worker run`: the task of one run. */

/* The token leaves the environment at once: /proc/PID/environ still shows it to
 * this user, but nothing that is started from here inherits it. */
static char *take_token(void)
{
	const char *token = getenv("TENON_RUN_TOKEN"); // NOLINT(concurrency-mt-unsafe)
	char *copy = token ? memory_text(token) : NULL;
	(void)unsetenv("TENON_RUN_TOKEN"); // NOLINT(concurrency-mt-unsafe)
	return copy;
}

static enum status run_task(struct session *session, const Tenon__V1__GetTaskResponse *task,
	struct reporter *reporter, struct error *err)
{
	switch (task->task_case) {
	case TENON__V1__GET_TASK_RESPONSE__TASK_CRAWL:
		guard_memory(0);
		return run_crawl(session, task->crawl, reporter, err);
	case TENON__V1__GET_TASK_RESPONSE__TASK_JOB:
		guard_memory(task->job->memory_bytes);
		return run_job(session, task->job, reporter, err);
	case TENON__V1__GET_TASK_RESPONSE__TASK__NOT_SET:
	case _TENON__V1__GET_TASK_RESPONSE__TASK__CASE_IS_INT_SIZE:
		break;
	}
	return fail(err, STATUS_UNIMPLEMENTED,
		"run '%s' is of a kind that this worker does not know: are tenond and tenon-worker "
		"of one version?",
		session->run_id);
}

/* The end of a failed run, for the daemon and for the log. */
static int give_up(struct session *session, const struct error *why)
{
	struct error err;
	if (why->status == STATUS_CANCELLED)
		log_line(LOG_WARN, "run %s: cancelled", session->run_id);
	else
		log_line(LOG_ERROR, "run %s: %s: %s", session->run_id, status_name(why->status),
			why->message);
	if (session_fail(session, why, &err) != STATUS_OK)
		log_line(LOG_ERROR, "run %s: its failure cannot be reported: %s", session->run_id,
			err.message);
	return EXIT_FAILED;
}

static int serve_run(struct session *session)
{
	Tenon__V1__GetTaskRequest request = TENON__V1__GET_TASK_REQUEST__INIT;
	Tenon__V1__GetTaskResponse *task;
	struct error err;
	if (session_call(session, "GetTask", &request, 0, session->arena, &task, &err) !=
		STATUS_OK) {
		log_line(LOG_ERROR, "no task: %s", err.message);
		return EXIT_FAILED;
	}
	session->run_id = task->run_id;
	fault_point("after-task");
	OWNED(reporter) reporter = reporter_new(session);
	enum status status = run_task(session, task, reporter, &err);
	/* No report may come after the run's end. */
	reporter_free(TAKE(reporter));
	if (status != STATUS_OK)
		return give_up(session, &err);
	log_line(LOG_INFO, "run %s: done", session->run_id);
	return EXIT_OK;
}

static const char *or_environment(const char *value, const char *name)
{
	return value ? value : getenv(name); // NOLINT(concurrency-mt-unsafe)
}

int command_run(char **arguments, size_t count)
{
	struct option options[] = {{"--address", true, NULL}, {"--run", true, NULL}};
	struct error err;
	size_t rest;
	guard_process();
	guard_parent();
	interrupt_start();
	log_start("tenon-worker", LOG_INFO);
	if (options_parse(options, 2, arguments, count, &rest, &err) != STATUS_OK)
		return command_complain(EXIT_USAGE, err.message);
	const char *address = or_environment(options[0].value, "TENON_ADDRESS");
	const char *run_id = rest == 1 ? arguments[0] : options[1].value;
	if (!address || !run_id || rest > 1)
		return command_complain(EXIT_USAGE,
			"usage: tenon-worker run --address ADDRESS --run ID (tenond starts it)");
	OWNED(arena) arena = arena_new();
	OWNED(rpc_channel) channel = NULL;
	char *token = take_token();
	enum status opened = rpc_channel_open(address, token, &channel, &err);
	free(token);
	if (opened != STATUS_OK)
		return command_complain(EXIT_FAILED, err.message);
	struct session session = {.channel = channel, .arena = arena, .run_id = run_id};
	return serve_run(&session);
}
