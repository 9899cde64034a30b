#include "tests/unit.h"

#include "base/buffer.h"
#include "tests/cli/fake_daemon.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static char err_path[] = "/tmp/tenon-cli-err.XXXXXX";

static pid_t start(char *const *words)
{
	posix_spawn_file_actions_t actions;
	pid_t child = 0;
	(void)posix_spawn_file_actions_init(&actions);
	(void)posix_spawn_file_actions_addopen(
		&actions, STDERR_FILENO, err_path, O_WRONLY | O_TRUNC, 0600);
	(void)posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
	assert_int_equal(posix_spawn(&child, TENON_PROGRAM, &actions, NULL, words, environ), 0);
	(void)posix_spawn_file_actions_destroy(&actions);
	return child;
}

static int finish(pid_t child)
{
	int how = 0;
	for (unsigned tries = 0; tries < 1500; tries++) {
		if (waitpid(child, &how, WNOHANG) == child)
			return WIFEXITED(how) ? WEXITSTATUS(how) : 1000 + WTERMSIG(how);
		(void)usleep(10000);
	}
	(void)kill(child, SIGKILL);
	(void)waitpid(child, &how, 0);
	fail_msg("tenon did not end");
	return -1;
}

/* Waits until what it says on standard error has `words` in it. */
static void await_said(const char *words)
{
	char said[4096];
	for (unsigned tries = 0; tries < 1000; tries++) {
		FILE *file = fopen(err_path, "rb");
		size_t got = file ? fread(said, 1, sizeof said - 1, file) : 0;
		said[got] = 0;
		if (file)
			(void)fclose(file);
		if (strstr(said, words))
			return;
		(void)usleep(10000);
	}
	fail_msg("it said '%s', not '%s'", said, words);
}

#define RUN(state)                                                                \
	TEXT("{\"run\": {\"id\": \"r1\", \"kind\": \"JOB\", \"job\": \"daily\", " \
	     "\"state\": \"" state "\"}}")

static char *const job_run[] = {(char[]){"tenon"}, (char[]){"job"}, (char[]){"run"},
	(char[]){"daily"}, (char[]){"--wait"}, NULL};

static void an_interrupt_cancels_the_run_that_is_waited_for(void **state)
{
	struct fake_daemon *fake = *state;
	fake_daemon_forget(fake);
	fake_daemon_answer(fake, TEXT("StartJobRun"), TEXT("{\"run_id\": \"r1\"}"));
	fake_daemon_answer(fake, TEXT("CancelRun"), TEXT("{}"));
	fake_daemon_answer(fake, TEXT("WatchRun"), RUN("CANCELLED"));
	fake_daemon_park(fake, true);
	pid_t child = start(job_run);
	assert_true(fake_daemon_await(fake, "WatchRun"));
	assert_int_equal(kill(child, SIGINT), 0);
	assert_int_equal(finish(child), 1);
	assert_true(fake_daemon_await(fake, "CancelRun {\"run_id\":\"r1\"}"));
	await_said("cancelling r1");
	await_said("run 'r1' cancelled");
}

static void a_second_interrupt_leaves_the_run_to_itself(void **state)
{
	struct fake_daemon *fake = *state;
	fake_daemon_forget(fake);
	fake_daemon_answer(fake, TEXT("StartJobRun"), TEXT("{\"run_id\": \"r1\"}"));
	fake_daemon_answer(fake, TEXT("CancelRun"), TEXT("{}"));
	fake_daemon_park(fake, false);
	pid_t child = start(job_run);
	assert_true(fake_daemon_await(fake, "WatchRun"));
	assert_int_equal(kill(child, SIGINT), 0);
	await_said("cancelling r1");
	assert_int_equal(kill(child, SIGINT), 0);
	assert_int_equal(finish(child), 1);
	await_said("left run 'r1'");
}

static void an_interrupt_reaches_the_worker(void **state)
{
	(void)state;
	char *const sql[] = {(char[]){"tenon"}, (char[]){"sql"}, (char[]){"SELECT slow"}, NULL};
	pid_t child = start(sql);
	await_said("the worker waits");
	assert_int_equal(kill(child, SIGINT), 0);
	assert_int_equal(finish(child), 1);
	await_said("the worker was interrupted");
}

/* Of a daemon that takes the connection and says nothing. */
static void an_interrupt_takes_the_unfinished_file_with_it(void **state)
{
	(void)state;
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	char file[64];
	char part[80];
	char at[128];
	(void)snprintf(address.sun_path, sizeof address.sun_path, "%s.socket", err_path);
	(void)snprintf(at, sizeof at, "unix:%s", address.sun_path);
	(void)snprintf(file, sizeof file, "%s.jsonl", err_path);
	(void)snprintf(part, sizeof part, "%s.part", file);
	int listening = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(listening >= 0);
	assert_int_equal(bind(listening, (struct sockaddr *)&address, sizeof address), 0);
	assert_int_equal(listen(listening, 4), 0);
	char *const export[] = {
		(char[]){"tenon"}, (char[]){"export"}, file, (char[]){"--address"}, at, NULL};
	pid_t child = start(export);
	for (unsigned tries = 0; tries < 1000 && access(part, F_OK) != 0; tries++)
		(void)usleep(10000);
	assert_int_equal(access(part, F_OK), 0);
	(void)usleep(50000);
	assert_int_equal(kill(child, SIGINT), 0);
	assert_int_equal(finish(child), 128 + SIGINT);
	assert_int_not_equal(access(part, F_OK), 0);
	assert_int_not_equal(access(file, F_OK), 0);
	(void)close(listening);
	(void)unlink(address.sun_path);
}

static int set_up(void **state)
{
	struct fake_daemon *fake = fake_daemon_start();
	int fd = mkstemp(err_path);
	if (fd < 0)
		return -1;
	(void)close(fd);
	(void)setenv("TENON_ADDRESS", fake_daemon_address(fake), 1);
	(void)setenv("TENON_WORKER", "tests/cases/cli/worker", 1);
	(void)setenv("TENON_TEST_SAID", "/dev/null", 1);
	*state = fake;
	return 0;
}

static int tear_down(void **state)
{
	(void)unlink(err_path);
	fake_daemon_stop(*state);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_interrupt_cancels_the_run_that_is_waited_for),
		cmocka_unit_test(a_second_interrupt_leaves_the_run_to_itself),
		cmocka_unit_test(an_interrupt_reaches_the_worker),
		cmocka_unit_test(an_interrupt_takes_the_unfinished_file_with_it),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
