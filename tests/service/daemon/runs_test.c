#include "tests/service/daemon/daemon_process.h"

#include "base/clock.h"
#include "jobs/run_state.h"
#include "tenon/v1/worker.pb-c.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

#define STATE(name) TENON__V1__RUN_STATE__RUN_STATE_##name

static void a_run_s_end_says_what_its_worker_did(void **state)
{
	(void)state;
	static const struct {
		const char *act;
		Tenon__V1__RunState end;
		const char *error;
	} rows[] = {
		{"crash", STATE(FAILED), "signal 9"},
		{"crash", STATE(FAILED), "the last words"},
		{"exit", STATE(FAILED), "code 3"},
		{"nothing", STATE(FAILED), "reported no end"},
		{"fail", STATE(FAILED), "orders.csv:17: it is broken"},
	};
	struct daemon_process daemon;
	daemon_init(&daemon);
	daemon_start(&daemon, NULL, NULL);
	put_job(&daemon, "hourly", 0, 1);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct arg args[] = {{"do", rows[i].act}};
		Tenon__V1__Run *run = wait_run(&daemon, start_run(&daemon, "hourly", args, 1));
		if (run->state != rows[i].end || !strstr(run->error, rows[i].error))
			fail_msg("%s: %s: %s", rows[i].act, run_state_name(run->state), run->error);
		assert_true(run->end_time_us >= run->start_time_us && run->start_time_us > 0);
	}
	daemon_done(&daemon);
}

static enum status cancel(struct daemon_process *daemon, const char *run_id, struct error *err)
{
	Tenon__V1__CancelRunRequest request = TENON__V1__CANCEL_RUN_REQUEST__INIT;
	Tenon__V1__CancelRunResponse *response;
	request.run_id = arena_text(daemon->arena, text_of(run_id));
	return daemon_call(
		daemon, &tenon__v1__jobs__descriptor, "CancelRun", &request, &response, err);
}

static void a_running_run_is_cancelled_once_and_an_ended_one_never(void **state)
{
	(void)state;
	static const struct arg args[] = {{"do", "wait"}};
	struct daemon_process daemon;
	struct error err;
	daemon_init(&daemon);
	daemon_start(&daemon, NULL, NULL);
	put_job(&daemon, "hourly", 0, 1);
	const char *id = start_run(&daemon, "hourly", args, 1);
	(void)wait_run_state(&daemon, id, STATE(RUNNING));
	assert_ok(cancel(&daemon, id, &err), &err);
	Tenon__V1__Run *run = wait_run(&daemon, id);
	assert_int_equal(run->state, STATE(CANCELLED));
	assert_int_equal(cancel(&daemon, id, &err), STATUS_FAILED_PRECONDITION);
	assert_non_null(strstr(err.message, "CANCELLED"));
	assert_int_equal(cancel(&daemon, "0000000000000001-00000002", &err), STATUS_NOT_FOUND);
	daemon_done(&daemon);
}

static void a_worker_that_does_not_listen_is_killed_after_the_grace(void **state)
{
	(void)state;
	static const struct arg args[] = {{"do", "ignore"}};
	struct daemon_process daemon;
	struct error err;
	daemon_init(&daemon);
	daemon_start(&daemon, NULL, NULL);
	put_job(&daemon, "hourly", 0, 1);
	const char *id = start_run(&daemon, "hourly", args, 1);
	while (!get_run(&daemon, id)->progress)
		(void)usleep(10000);
	uint64_t started = clock_monotonic_ns();
	assert_ok(cancel(&daemon, id, &err), &err);
	Tenon__V1__Run *run = wait_run(&daemon, id);
	assert_int_equal(run->state, STATE(CANCELLED));
	assert_true(clock_monotonic_ns() - started > UINT64_C(4000000000));
	assert_int_not_equal(kill((pid_t)run->worker_pid, 0), 0);
	daemon_done(&daemon);
}

static void a_run_past_its_time_ends_as_timeout(void **state)
{
	(void)state;
	static const struct arg args[] = {{"do", "wait"}};
	struct daemon_process daemon;
	daemon_init(&daemon);
	daemon_start(&daemon, NULL, NULL);
	put_job(&daemon, "hourly", 1, 1);
	Tenon__V1__Run *run = wait_run(&daemon, start_run(&daemon, "hourly", args, 1));
	assert_int_equal(run->state, STATE(TIMEOUT));
	assert_non_null(strstr(run->error, "timeout_s"));
	daemon_done(&daemon);
}

static enum status try_start(struct daemon_process *daemon, const char *job, struct error *err)
{
	Tenon__V1__StartJobRunRequest request = TENON__V1__START_JOB_RUN_REQUEST__INIT;
	Tenon__V1__StartJobRunResponse *response;
	request.job = arena_text(daemon->arena, text_of(job));
	return daemon_call(
		daemon, &tenon__v1__jobs__descriptor, "StartJobRun", &request, &response, err);
}

static void a_job_s_second_run_at_once_is_refused_and_others_wait_their_turn(void **state)
{
	(void)state;
	static const char *const one_worker[] = {"--workers", "1", NULL};
	static const struct arg wait[] = {{"do", "wait"}};
	static const struct arg nothing[] = {{"do", "exit"}};
	struct daemon_process daemon;
	struct error err;
	daemon_init(&daemon);
	daemon_start(&daemon, one_worker, NULL);
	put_job(&daemon, "first", 0, 1);
	put_job(&daemon, "second", 0, 1);
	const char *running = start_run(&daemon, "first", wait, 1);
	(void)wait_run_state(&daemon, running, STATE(RUNNING));
	assert_int_equal(try_start(&daemon, "first", &err), STATUS_RESOURCE_EXHAUSTED);
	assert_non_null(strstr(err.message, "max_concurrent_runs"));
	const char *waiting = start_run(&daemon, "second", nothing, 1);
	(void)usleep(200000);
	assert_int_equal(get_run(&daemon, waiting)->state, STATE(QUEUED));
	assert_ok(cancel(&daemon, running, &err), &err);
	assert_int_equal(wait_run(&daemon, waiting)->state, STATE(FAILED));
	daemon_done(&daemon);
}

static void a_queued_run_is_cancelled_without_a_worker(void **state)
{
	(void)state;
	static const char *const one_worker[] = {"--workers", "1", NULL};
	static const struct arg wait[] = {{"do", "wait"}};
	struct daemon_process daemon;
	struct error err;
	daemon_init(&daemon);
	daemon_start(&daemon, one_worker, NULL);
	put_job(&daemon, "first", 0, 1);
	put_job(&daemon, "second", 0, 1);
	const char *running = start_run(&daemon, "first", wait, 1);
	(void)wait_run_state(&daemon, running, STATE(RUNNING));
	const char *waiting = start_run(&daemon, "second", wait, 1);
	assert_ok(cancel(&daemon, waiting, &err), &err);
	Tenon__V1__Run *run = get_run(&daemon, waiting);
	assert_int_equal(run->state, STATE(CANCELLED));
	assert_int_equal(run->worker_pid, 0);
	daemon_done(&daemon);
}

static void runs_that_were_queued_or_running_are_settled_after_a_crash(void **state)
{
	(void)state;
	static const char *const one_worker[] = {"--workers", "1", NULL};
	static const struct arg ignore[] = {{"do", "ignore"}};
	static const struct arg leave[] = {{"do", "exit"}};
	struct daemon_process daemon;
	daemon_init(&daemon);
	daemon_start(&daemon, one_worker, NULL);
	put_job(&daemon, "first", 0, 1);
	put_job(&daemon, "second", 0, 1);
	const char *running = start_run(&daemon, "first", ignore, 1);
	(void)wait_run_state(&daemon, running, STATE(RUNNING));
	while (!get_run(&daemon, running)->progress)
		(void)usleep(10000);
	const char *waiting = start_run(&daemon, "second", leave, 1);
	pid_t worker = (pid_t)get_run(&daemon, running)->worker_pid;
	assert_true(worker > 0);
	daemon_kill(&daemon);
	assert_int_equal(kill(worker, 0), 0);
	daemon_start(&daemon, one_worker, NULL);
	Tenon__V1__Run *run = get_run(&daemon, running);
	assert_int_equal(run->state, STATE(FAILED));
	assert_non_null(strstr(run->error, "the daemon stopped while it ran"));
	/* The worker that was left behind is gone too (its zombie is init's). */
	run = wait_run(&daemon, waiting);
	assert_non_null(strstr(run->error, "code 3"));
	daemon_done(&daemon);
}

static void only_the_token_of_a_running_run_opens_the_worker_service(void **state)
{
	(void)state;
	static const struct arg leave[] = {{"do", "nothing"}};
	struct daemon_process daemon;
	struct error err;
	daemon_init(&daemon);
	daemon_start(&daemon, NULL, NULL);
	put_job(&daemon, "hourly", 0, 1);
	const char *ended = start_run(&daemon, "hourly", leave, 1);
	(void)wait_run(&daemon, ended);
	const char *tokens[] = {
		"",
		"nonsense",
		arena_printf(daemon.arena, "%s.%064d", ended, 0),
		arena_printf(daemon.arena, "no-such-run.%064d", 0),
	};
	for (size_t i = 0; i < sizeof tokens / sizeof *tokens; i++) {
		OWNED(rpc_channel) channel = NULL;
		Tenon__V1__GetTaskRequest request = TENON__V1__GET_TASK_REQUEST__INIT;
		Tenon__V1__GetTaskResponse *response;
		assert_ok(rpc_channel_open(
				  daemon.address, *tokens[i] ? tokens[i] : NULL, &channel, &err),
			&err);
		enum status status = rpc_invoke(channel, &tenon__v1__worker__descriptor, "GetTask",
			&request.base, 0, daemon.arena, &response, &err);
		if (status != STATUS_UNAUTHENTICATED)
			fail_msg("token %zu: %s", i, status_name(status));
	}
	daemon_done(&daemon);
}

static void a_worker_cannot_publish_what_it_did_not_stage(void **state)
{
	(void)state;
	struct daemon_process daemon;
	daemon_init(&daemon);
	daemon_start(&daemon, NULL, NULL);
	put_job(&daemon, "hourly", 0, 1);
	struct arg args[] = {{"do", "steal"}, {"target", test_path(&daemon, "out")}};
	write_file(test_path(&daemon, "secret"), "private");
	Tenon__V1__Run *run = wait_run(&daemon, start_run(&daemon, "hourly", args, 2));
	assert_int_equal(run->state, STATE(FAILED));
	assert_non_null(strstr(run->error, "not staged by this run"));
	assert_int_equal(access(test_path(&daemon, "secret"), F_OK), 0);
	assert_int_not_equal(access(test_path(&daemon, "out/stolen.csv"), F_OK), 0);
	daemon_done(&daemon);
}

/* The whole log as the stream gives it. */
static struct text read_whole_log(struct daemon_process *daemon, const char *run_id, bool follow)
{
	struct error err;
	OWNED(rpc_reading) reading = NULL;
	Tenon__V1__ReadLogRequest request = TENON__V1__READ_LOG_REQUEST__INIT;
	Tenon__V1__ReadLogResponse *response;
	struct text log = TEXT("");
	request.run_id = arena_text(daemon->arena, text_of(run_id));
	request.follow = follow;
	assert_ok(rpc_read_open(daemon->channel, &tenon__v1__jobs__descriptor, "ReadLog",
			  &request.base, 60000, &reading, &err),
		&err);
	for (;;) {
		assert_ok(rpc_read_next(reading, daemon->arena, &response, &err), &err);
		if (!response)
			return log;
		log = text_of(arena_printf(daemon->arena, "%.*s%.*s", TEXT_ARG(log),
			(int)response->text.len, (const char *)response->text.data));
		assert_int_equal(response->offset, log.length);
		/* It follows: the end only comes once the run is told to end. */
		if (follow && log.length)
			assert_ok(cancel(daemon, run_id, &err), &err);
	}
}

static void a_log_is_read_whole_and_followed_until_its_run_ends(void **state)
{
	(void)state;
	static const struct arg crash[] = {{"do", "crash"}};
	static const struct arg wait[] = {{"do", "wait"}};
	struct daemon_process daemon;
	daemon_init(&daemon);
	daemon_start(&daemon, NULL, NULL);
	put_job(&daemon, "hourly", 0, 1);
	const char *id = start_run(&daemon, "hourly", crash, 1);
	(void)wait_run(&daemon, id);
	assert_text_equal(read_whole_log(&daemon, id, false), "first line\nthe last words\n\n");
	id = start_run(&daemon, "hourly", wait, 1);
	assert_text_equal(read_whole_log(&daemon, id, true), "waiting\n");
	daemon_done(&daemon);
}

static void a_watcher_sees_progress_before_the_end(void **state)
{
	(void)state;
	static const struct arg args[] = {{"do", "wait"}};
	struct daemon_process daemon;
	struct error err;
	daemon_init(&daemon);
	daemon_start(&daemon, NULL, NULL);
	put_job(&daemon, "hourly", 0, 1);
	const char *id = start_run(&daemon, "hourly", args, 1);
	OWNED(rpc_reading) reading = NULL;
	Tenon__V1__GetRunRequest request = TENON__V1__GET_RUN_REQUEST__INIT;
	Tenon__V1__GetRunResponse *response;
	bool progress = false;
	request.run_id = arena_text(daemon.arena, text_of(id));
	assert_ok(rpc_read_open(daemon.channel, &tenon__v1__jobs__descriptor, "WatchRun",
			  &request.base, 60000, &reading, &err),
		&err);
	for (;;) {
		assert_ok(rpc_read_next(reading, daemon.arena, &response, &err), &err);
		if (!response)
			break;
		if (!progress && response->run->progress) {
			progress = true;
			assert_string_equal(response->run->progress->phase, "reading");
			assert_ok(cancel(&daemon, id, &err), &err);
		}
	}
	assert_true(progress);
	rpc_reading_free(TAKE(reading));
	daemon_done(&daemon);
}

static void a_worker_that_is_not_there_fails_the_run_and_says_so(void **state)
{
	(void)state;
	static const char *const missing[] = {"--worker", "/nowhere/tenon-worker", NULL};
	struct daemon_process daemon;
	daemon_init(&daemon);
	daemon_start(&daemon, missing, NULL);
	put_job(&daemon, "hourly", 0, 1);
	Tenon__V1__Run *run = wait_run(&daemon, start_run(&daemon, "hourly", NULL, 0));
	assert_int_equal(run->state, STATE(FAILED));
	assert_non_null(strstr(run->error, "/nowhere/tenon-worker"));
	daemon_done(&daemon);
}

static void a_job_is_refused_for_what_is_wrong_with_it(void **state)
{
	(void)state;
	struct daemon_process daemon;
	struct error err;
	daemon_init(&daemon);
	daemon_start(&daemon, NULL, NULL);
	Tenon__V1__Plan plan = TENON__V1__PLAN__INIT;
	Tenon__V1__Job job = TENON__V1__JOB__INIT;
	Tenon__V1__PutJobRequest request = TENON__V1__PUT_JOB_REQUEST__INIT;
	Tenon__V1__PutJobResponse *response;
	job.name = arena_printf(daemon.arena, "bad");
	assert_int_equal(daemon_call(&daemon, &tenon__v1__jobs__descriptor, "PutJob", &request,
				 &response, &err),
		STATUS_INVALID_ARGUMENT);
	assert_non_null(strstr(err.message, "job is missing"));
	request.job = &job;
	job.plan = &plan;
	assert_int_equal(daemon_call(&daemon, &tenon__v1__jobs__descriptor, "PutJob", &request,
				 &response, &err),
		STATUS_INVALID_ARGUMENT);
	assert_non_null(strstr(err.message, "no nodes"));
	assert_int_equal(try_start(&daemon, "no_such_job", &err), STATUS_NOT_FOUND);
	daemon_done(&daemon);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_run_s_end_says_what_its_worker_did),
		cmocka_unit_test(a_running_run_is_cancelled_once_and_an_ended_one_never),
		cmocka_unit_test(a_worker_that_does_not_listen_is_killed_after_the_grace),
		cmocka_unit_test(a_run_past_its_time_ends_as_timeout),
		cmocka_unit_test(a_job_s_second_run_at_once_is_refused_and_others_wait_their_turn),
		cmocka_unit_test(a_queued_run_is_cancelled_without_a_worker),
		cmocka_unit_test(runs_that_were_queued_or_running_are_settled_after_a_crash),
		cmocka_unit_test(only_the_token_of_a_running_run_opens_the_worker_service),
		cmocka_unit_test(a_worker_cannot_publish_what_it_did_not_stage),
		cmocka_unit_test(a_log_is_read_whole_and_followed_until_its_run_ends),
		cmocka_unit_test(a_watcher_sees_progress_before_the_end),
		cmocka_unit_test(a_worker_that_is_not_there_fails_the_run_and_says_so),
		cmocka_unit_test(a_job_is_refused_for_what_is_wrong_with_it),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
