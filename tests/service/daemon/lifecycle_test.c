#include "tests/service/daemon/daemon_process.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void the_ready_line_names_the_address_with_its_real_port(void **state)
{
	(void)state;
	static const char *const tcp[] = {"--listen", "127.0.0.1:0", NULL};
	struct daemon_process daemon;
	daemon_init(&daemon);
	daemon_start(&daemon, tcp, NULL);
	struct text line = text_of(daemon.ready);
	uint64_t port = 0;
	assert_true(text_starts(line, TEXT("tenond ready on 127.0.0.1:")));
	(void)text_uint64(text_from(line, text_find_last(line, ':') + 1), &port);
	assert_true(port > 0);
	put_database(&daemon, "sales");
	assert_int_equal(daemon_stop(&daemon), 0);
	daemon_done(&daemon);
}

static void a_second_daemon_on_the_same_data_refuses_and_names_the_first(void **state)
{
	(void)state;
	static const char *const other[] = {"--listen", "127.0.0.1:0", NULL};
	struct daemon_process daemon;
	char said[1024];
	char pid[32];
	daemon_init(&daemon);
	daemon_start(&daemon, NULL, NULL);
	put_database(&daemon, "sales");
	assert_int_equal(daemon_try(&daemon, other, said, sizeof said), 1);
	(void)snprintf(pid, sizeof pid, "%d", (int)daemon.pid);
	if (!strstr(said, pid))
		fail_msg("'%s' does not name process %s", said, pid);
	put_database(&daemon, "still_here");
	daemon_done(&daemon);
}

static void sigterm_drains_and_the_data_is_there_at_the_next_start(void **state)
{
	(void)state;
	struct daemon_process daemon;
	daemon_init(&daemon);
	for (int round = 0; round < 3; round++) {
		char name[32];
		daemon_start(&daemon, NULL, NULL);
		for (int before = 0; before < round; before++) {
			struct error err;
			Tenon__V1__GetDatabaseRequest request =
				TENON__V1__GET_DATABASE_REQUEST__INIT;
			Tenon__V1__GetDatabaseResponse *response;
			request.name = arena_printf(daemon.arena, "round%d", before);
			assert_ok(daemon_call(&daemon, &tenon__v1__catalog__descriptor,
					  "GetDatabase", &request, &response, &err),
				&err);
		}
		(void)snprintf(name, sizeof name, "round%d", round);
		put_database(&daemon, name);
		assert_int_equal(daemon_stop(&daemon), 0);
	}
	daemon_done(&daemon);
}

static void a_run_that_is_being_watched_does_not_hold_up_the_end(void **state)
{
	(void)state;
	static const struct arg wait[] = {{"do", "wait"}};
	struct daemon_process daemon;
	struct error err;
	daemon_init(&daemon);
	daemon_start(&daemon, NULL, NULL);
	put_job(&daemon, "hourly", 0, 1);
	const char *id = start_run(&daemon, "hourly", wait, 1);
	(void)wait_run_state(&daemon, id, TENON__V1__RUN_STATE__RUN_STATE_RUNNING);
	OWNED(rpc_reading) reading = NULL;
	Tenon__V1__GetRunRequest request = TENON__V1__GET_RUN_REQUEST__INIT;
	request.run_id = arena_text(daemon.arena, text_of(id));
	assert_ok(rpc_read_open(daemon.channel, &tenon__v1__jobs__descriptor, "WatchRun",
			  &request.base, 60000, &reading, &err),
		&err);
	Tenon__V1__GetRunResponse *response;
	assert_ok(rpc_read_next(reading, daemon.arena, &response, &err), &err);
	assert_non_null(response);
	assert_int_equal(daemon_stop(&daemon), 0);
	rpc_reading_free(TAKE(reading));
	daemon_start(&daemon, NULL, NULL);
	Tenon__V1__Run *run = get_run(&daemon, id);
	assert_int_equal(run->state, TENON__V1__RUN_STATE__RUN_STATE_FAILED);
	assert_non_null(strstr(run->error, "daemon stopped"));
	daemon_done(&daemon);
}

static void what_cannot_be_meant_is_refused_with_a_word_on_what_to_do(void **state)
{
	(void)state;
	static const struct {
		const char *label;
		const char *arguments[8];
		int code;
		const char *says;
	} rows[] = {
		{"open to other machines", {"--listen", "0.0.0.0:7433"}, 2, "--insecure"},
		{"a name that may be anything", {"--listen", "lake.example:7433"}, 2, "--insecure"},
		{"an address that is open beside one that is not",
			{"--listen", "127.0.0.1:0", "--listen", "[::]:7433"}, 2, "'[::]:7433'"},
		{"TLS alone lets anybody in",
			{"--listen", "0.0.0.0:7433", "--tls-cert", "c", "--tls-key", "k"}, 2,
			"authentication"},
		{"a certificate without key", {"--tls-cert", "c"}, 2, "needs --tls-key"},
		{"a key without certificate", {"--tls-key", "k"}, 2, "needs --tls-cert"},
		{"client certificates without TLS", {"--tls-client-ca", "c"}, 2,
			"needs --tls-cert"},
		{"required of nobody", {"--require-client-certificate"}, 2,
			"needs --tls-client-ca"},
		{"files that are none",
			{"--listen", "127.0.0.1:0", "--tls-cert", "/none", "--tls-key", "/none"}, 1,
			"the certificate '/none' cannot be read"},
		{"unknown argument", {"--frobnicate"}, 2, "--help"},
		{"no value", {"--workers"}, 2, "--workers needs a value"},
		{"not a number", {"--workers=many"}, 2, "'many'"},
		{"no such level", {"--log-level", "loud"}, 2, "debug, info, warn, error"},
		{"data where no folder can be", {"--data", "/proc/nothing"}, 1, "/proc/nothing"},
		{"version", {"--version"}, 0, "tenond "},
		{"help", {"--help"}, 0, "usage: tenond"},
	};
	struct daemon_process daemon;
	daemon_init(&daemon);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char said[4096];
		int code = daemon_try(&daemon, rows[i].arguments, said, sizeof said);
		if (code != rows[i].code || !strstr(said, rows[i].says))
			fail_msg("%s: exit code %d: %s", rows[i].label, code, said);
	}
	daemon_done(&daemon);
}

static void the_data_folder_is_for_its_owner_alone(void **state)
{
	(void)state;
	struct daemon_process daemon;
	struct stat status;
	daemon_init(&daemon);
	daemon_start(&daemon, NULL, NULL);
	assert_int_equal(stat(test_path(&daemon, "data"), &status), 0);
	assert_int_equal(status.st_mode & 0777, 0700);
	daemon_done(&daemon);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_ready_line_names_the_address_with_its_real_port),
		cmocka_unit_test(a_second_daemon_on_the_same_data_refuses_and_names_the_first),
		cmocka_unit_test(sigterm_drains_and_the_data_is_there_at_the_next_start),
		cmocka_unit_test(a_run_that_is_being_watched_does_not_hold_up_the_end),
		cmocka_unit_test(what_cannot_be_meant_is_refused_with_a_word_on_what_to_do),
		cmocka_unit_test(the_data_folder_is_for_its_owner_alone),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
