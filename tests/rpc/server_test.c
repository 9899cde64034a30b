#include "tests/rpc/fixture.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

static void a_server_on_port_zero_says_which_port_it_got(void **state)
{
	(void)state;
	struct fixture *fixture = fixture_start("127.0.0.1:0");
	const char *address = rpc_server_address(fixture->server);
	assert_true(text_starts(text_of(address), TEXT("127.0.0.1:")));
	assert_string_not_equal(address, "127.0.0.1:0");
	rpc_channel_free(({
		struct rpc_channel *channel = dial(fixture, NULL);
		OWNED(arena) arena = arena_new();
		Tenon__V1__GetTableResponse *response;
		struct error err;
		assert_ok(ask_table(channel, "orders", 0, arena, &response, &err), &err);
		channel;
	}));
	fixture_stop(fixture, 1000);
}

/* Start a second server; it must refuse with UNAVAILABLE and these words. */
static void refuses(const char *address, const char *words)
{
	struct error err;
	struct rpc_server *server;
	struct rpc_server_options options = fixture_options(address);
	assert_ok(rpc_server_new(&options, &server, &err), &err);
	assert_int_equal(rpc_server_start(server, &err), STATUS_UNAVAILABLE);
	if (!strstr(err.message, words))
		fail_msg("'%s' does not say '%s'", err.message, words);
	rpc_server_stop(server, 0);
	rpc_server_free(server);
}

static void a_second_server_on_the_same_address_refuses_and_harms_nothing(void **state)
{
	(void)state;
	static const char *const addresses[] = {NULL, "127.0.0.1:0"};
	for (int i = 0; i < 2; i++) {
		struct fixture *fixture = fixture_start(addresses[i]);
		refuses(rpc_server_address(fixture->server), "another server answers at");
		struct rpc_channel *channel = dial(fixture, NULL);
		OWNED(arena) arena = arena_new();
		Tenon__V1__GetTableResponse *response;
		struct error err;
		assert_ok(ask_table(channel, "orders", 5000, arena, &response, &err), &err);
		rpc_channel_free(channel);
		fixture_stop(fixture, 1000);
	}
}

static void an_address_that_cannot_be_used_is_refused_with_its_reason(void **state)
{
	(void)state;
	char file[] = "/tmp/tenon-rpc-file-XXXXXX";
	int fd = mkstemp(file);
	assert_true(fd >= 0);
	(void)close(fd);
	char address[64];
	(void)snprintf(address, sizeof address, "unix:%s", file);
	refuses(address, "is not a socket");
	(void)unlink(file);
	refuses("unix:/no/such/folder/socket", "its folder must exist");
	refuses("192.0.2.1:7433", "Cannot assign requested address");
	refuses("no-such-host.invalid:7433", "cannot listen on 'no-such-host.invalid:7433'");
}

static void an_address_that_is_none_is_refused_at_once(void **state)
{
	(void)state;
	char too_long[160] = "unix:/";
	(void)memset(too_long + strlen(too_long), 'x', 120);
	const char *const rows[] = {"", "localhost", ":7433", "host:", "host:x", "host:70000",
		"::1:80", "unix:", too_long};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct error err;
		struct rpc_server *server = NULL;
		struct rpc_channel *channel = NULL;
		struct rpc_server_options options = fixture_options(rows[i]);
		assert_int_equal(rpc_server_new(&options, &server, &err), STATUS_INVALID_ARGUMENT);
		assert_int_equal(
			rpc_channel_open(rows[i], NULL, &channel, &err), STATUS_INVALID_ARGUMENT);
		assert_null(server);
		assert_null(channel);
	}
}

static void a_socket_left_by_a_dead_server_is_taken_over(void **state)
{
	(void)state;
	char folder[] = "/tmp/tenon-rpc-XXXXXX";
	assert_non_null(mkdtemp(folder));
	struct sockaddr_un peer = {.sun_family = AF_UNIX};
	(void)snprintf(peer.sun_path, sizeof peer.sun_path, "%s/socket", folder);
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&peer, sizeof peer), 0);
	(void)close(fd); /* without listen: as after kill -9 */
	char address[128];
	(void)snprintf(address, sizeof address, "unix:%s", peer.sun_path);
	struct fixture *fixture = fixture_start(address);
	struct rpc_channel *channel = dial(fixture, NULL);
	OWNED(arena) arena = arena_new();
	Tenon__V1__GetTableResponse *response;
	struct error err;
	assert_ok(ask_table(channel, "orders", 5000, arena, &response, &err), &err);
	rpc_channel_free(channel);
	fixture_stop(fixture, 1000);
	struct stat about;
	assert_int_not_equal(stat(peer.sun_path, &about), 0); /* a clean end leaves nothing */
	(void)rmdir(folder);
}

struct starting {
	struct rpc_server *server;
	struct error err;
	enum status status;
};

static void *start_one(void *state)
{
	struct starting *starting = state;
	starting->status = rpc_server_start(starting->server, &starting->err);
	return NULL;
}

static void of_servers_that_start_at_once_on_one_socket_exactly_one_has_it(void **state)
{
	(void)state;
	enum { RIVALS = 4, ROUNDS = 10 };
	for (int round = 0; round < ROUNDS; round++) {
		char folder[] = "/tmp/tenon-rpc-XXXXXX";
		assert_non_null(mkdtemp(folder));
		char address[128];
		(void)snprintf(address, sizeof address, "unix:%s/socket", folder);
		struct starting rivals[RIVALS] = {0};
		pthread_t threads[RIVALS];
		int started = 0;
		for (int i = 0; i < RIVALS; i++) {
			struct rpc_server_options options = fixture_options(address);
			assert_ok(rpc_server_new(&options, &rivals[i].server, &rivals[i].err),
				&rivals[i].err);
		}
		for (int i = 0; i < RIVALS; i++)
			assert_int_equal(
				pthread_create(&threads[i], NULL, start_one, &rivals[i]), 0);
		for (int i = 0; i < RIVALS; i++) {
			(void)pthread_join(threads[i], NULL);
			started += rivals[i].status == STATUS_OK;
			if (rivals[i].status != STATUS_OK)
				assert_non_null(
					strstr(rivals[i].err.message, "another server answers"));
		}
		assert_int_equal(started, 1);
		for (int i = 0; i < RIVALS; i++) {
			rpc_server_stop(rivals[i].server, 0);
			rpc_server_free(rivals[i].server);
		}
		assert_int_equal(rmdir(folder), 0); /* neither socket nor lock stays */
	}
}

struct parked {
	struct rpc_channel *channel;
	const char *name;
	enum status status;
	struct error err;
};

static void *ask_parked(void *state)
{
	struct parked *parked = state;
	OWNED(arena) arena = arena_new();
	Tenon__V1__GetTableResponse *response;
	parked->status =
		ask_table(parked->channel, parked->name, 30000, arena, &response, &parked->err);
	return NULL;
}

static enum status ask_large(
	struct rpc_channel *channel, const char *name, int64_t timeout_ms, struct error *err)
{
	enum { LARGE = 400 * 1024 };
	OWNED(arena) arena = arena_new();
	Tenon__V1__GetTableRequest request = TENON__V1__GET_TABLE_REQUEST__INIT;
	Tenon__V1__GetTableResponse *response;
	request.database = arena_alloc(arena, LARGE + 1);
	(void)memset(request.database, 'x', LARGE);
	request.name = arena_text(arena, text_of(name));
	return rpc_invoke(channel, &tenon__v1__catalog__descriptor, "GetTable", &request.base,
		timeout_ms, arena, &response, err);
}

/* A call that is answered still holds its request for a moment. */
static enum status ask_large_soon(struct rpc_channel *channel, struct error *err)
{
	enum status status = STATUS_RESOURCE_EXHAUSTED;
	for (int i = 0; i < 500 && status == STATUS_RESOURCE_EXHAUSTED; i++) {
		status = ask_large(channel, "orders", 5000, err);
		if (status != STATUS_OK)
			(void)usleep(10000);
	}
	return status;
}

static void *park_large(void *state)
{
	struct parked *parked = state;
	parked->status = ask_large(parked->channel, parked->name, 1500, &parked->err);
	return NULL;
}

static void requests_together_hold_no_more_than_they_may(void **state)
{
	(void)state;
	struct rpc_server_options options = fixture_options(NULL);
	options.requests_bytes = 1024 * 1024; /* a large one counts twice: as sent, as unpacked */
	struct fixture *fixture = fixture_start_with(options);
	struct parked parked = {.channel = dial(fixture, NULL), .name = "park"};
	OWNED(arena) arena = arena_new();
	Tenon__V1__GetTableResponse *response;
	struct error err;
	pthread_t thread;
	for (int i = 0; i < 10; i++) /* what has ended holds nothing */
		assert_ok(ask_large_soon(parked.channel, &err), &err);
	assert_int_equal(pthread_create(&thread, NULL, park_large, &parked), 0);
	(void)usleep(300000);
	assert_int_equal(
		ask_large(parked.channel, "orders", 5000, &err), STATUS_RESOURCE_EXHAUSTED);
	assert_non_null(strstr(err.message, "more than 1048576: try again later"));
	enum status status = STATUS_RESOURCE_EXHAUSTED; /* what was refused holds a moment too */
	for (int i = 0; i < 100 && status == STATUS_RESOURCE_EXHAUSTED; i++, (void)usleep(10000))
		status = ask_table(parked.channel, "orders", 5000, arena, &response, &err);
	assert_ok(status, &err);
	(void)pthread_join(thread, NULL);
	assert_ok(ask_large_soon(parked.channel, &err), &err);
	rpc_channel_free(parked.channel);
	fixture_stop(fixture, 1000);
}

static void stop_waits_for_calls_that_run(void **state)
{
	(void)state;
	struct fixture *fixture = fixture_start(NULL);
	struct parked late = {.channel = dial(fixture, NULL), .name = "late"};
	pthread_t thread;
	assert_int_equal(pthread_create(&thread, NULL, ask_parked, &late), 0);
	(void)usleep(10000);
	rpc_server_stop(fixture->server, 10000);
	(void)pthread_join(thread, NULL);
	/* Either the call was in time and was answered, or it was not taken at all. */
	if (late.status != STATUS_OK)
		assert_int_equal(late.status, STATUS_UNAVAILABLE);
	rpc_channel_free(late.channel);
	fixture_stop(fixture, 0);
}

static void stop_does_not_wait_for_a_client_that_only_keeps_its_connection(void **state)
{
	(void)state;
	static const char *const addresses[] = {NULL, "127.0.0.1:0"};
	for (int i = 0; i < 2; i++) {
		struct fixture *fixture = fixture_start(addresses[i]);
		struct rpc_channel *idle = dial(fixture, NULL);
		OWNED(arena) arena = arena_new();
		Tenon__V1__GetTableResponse *response;
		struct error err;
		assert_ok(ask_table(idle, "orders", 5000, arena, &response, &err), &err);
		uint64_t before = clock_monotonic_ns();
		rpc_server_stop(fixture->server, 10000);
		/* gRPC alone would wait for the client's own poller: 5 s. */
		assert_true(clock_monotonic_ns() - before < 2500000000);
		assert_int_equal(ask_table(idle, "orders", 5000, arena, &response, &err),
			STATUS_UNAVAILABLE);
		rpc_channel_free(idle);
		fixture_stop(fixture, 0);
	}
}

static void an_answer_given_while_the_server_stops_still_arrives(void **state)
{
	(void)state;
	for (int i = 0; i < 20; i++) {
		struct fixture *fixture = fixture_start(NULL);
		struct parked late = {.channel = dial(fixture, NULL), .name = "late"};
		OWNED(arena) arena = arena_new();
		Tenon__V1__GetTableResponse *response;
		struct error err;
		assert_ok(ask_table(late.channel, "orders", 5000, arena, &response, &err), &err);
		pthread_t thread;
		atomic_store(&fixture->late, 0);
		assert_int_equal(pthread_create(&thread, NULL, ask_parked, &late), 0);
		assert_true(becomes(&fixture->late, 1));
		rpc_server_stop(fixture->server, 10000);
		(void)pthread_join(thread, NULL);
		assert_ok(late.status, &late.err);
		rpc_channel_free(late.channel);
		fixture_stop(fixture, 0);
	}
}

static void stop_waits_for_a_handler_whose_client_is_gone(void **state)
{
	(void)state;
	for (int i = 0; i < 20; i++) {
		struct fixture *fixture = fixture_start(NULL);
		struct rpc_channel *channel = dial(fixture, NULL);
		OWNED(arena) arena = arena_new();
		Tenon__V1__GetTableResponse *response;
		struct error err;
		assert_ok(ask_table(channel, "orders", 5000, arena, &response, &err), &err);
		atomic_store(&fixture->late, 0);
		enum status status = ask_table(channel, "late", 1, arena, &response, &err);
		if (status != STATUS_OK) /* on a busy machine the answer may be first */
			assert_int_equal(status, STATUS_DEADLINE_EXCEEDED);
		rpc_channel_free(channel);
		rpc_server_stop(fixture->server, 0);
		fixture_stop(fixture, 0);
	}
}

static void stop_cancels_what_does_not_end(void **state)
{
	(void)state;
	struct fixture *fixture = fixture_start(NULL);
	struct parked parked = {.channel = dial(fixture, NULL), .name = "park"};
	struct rpc_reading *reading = open_log(parked.channel, "park", 3, -1);
	pthread_t thread;
	assert_int_equal(pthread_create(&thread, NULL, ask_parked, &parked), 0);
	(void)usleep(100000);
	uint64_t before = clock_monotonic_ns();
	rpc_server_stop(fixture->server, 100);
	assert_true(clock_monotonic_ns() - before < 10000000000);
	(void)pthread_join(thread, NULL);
	assert_int_equal(parked.status, STATUS_UNAVAILABLE);
	assert_int_equal(atomic_load(&fixture->cancelled), 1);
	assert_int_equal(atomic_load(&fixture->closed), 1);
	OWNED(arena) arena = arena_new();
	Tenon__V1__ReadLogResponse *message = NULL;
	struct error err;
	assert_int_equal(rpc_read_next(reading, arena, &message, &err), STATUS_UNAVAILABLE);
	rpc_reading_free(reading);
	rpc_channel_free(parked.channel);
	fixture_stop(fixture, 0);
}

static void a_channel_to_nobody_says_what_to_do_and_recovers(void **state)
{
	(void)state;
	char folder[] = "/tmp/tenon-rpc-XXXXXX";
	assert_non_null(mkdtemp(folder));
	char address[128];
	(void)snprintf(address, sizeof address, "unix:%s/socket", folder);
	struct rpc_channel *channel;
	struct error err;
	OWNED(arena) arena = arena_new();
	Tenon__V1__GetTableResponse *response;
	assert_ok(rpc_channel_open(address, NULL, &channel, &err), &err);
	assert_int_equal(
		ask_table(channel, "orders", 0, arena, &response, &err), STATUS_UNAVAILABLE);
	char expected[256];
	(void)snprintf(expected, sizeof expected,
		"no tenond answers at '%s': start one with tenond", address);
	assert_string_equal(err.message, expected);
	struct rpc_reading *reading = open_log(channel, "0", 1, 0);
	Tenon__V1__ReadLogResponse *message = NULL;
	assert_int_equal(rpc_read_next(reading, arena, &message, &err), STATUS_UNAVAILABLE);
	assert_string_equal(err.message, expected);
	rpc_reading_free(reading);

	struct fixture *fixture = fixture_start(address);
	enum status status = STATUS_UNAVAILABLE;
	for (int i = 0; i < 50 && status == STATUS_UNAVAILABLE; i++) {
		status = ask_table(channel, "orders", 0, arena, &response, &err);
		(void)usleep(20000);
	}
	assert_ok(status, &err);
	fixture_stop(fixture, 1000);
	assert_int_equal(
		ask_table(channel, "orders", 0, arena, &response, &err), STATUS_UNAVAILABLE);
	assert_non_null(strstr(err.message, address));
	rpc_channel_free(channel);
	(void)rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_server_on_port_zero_says_which_port_it_got),
		cmocka_unit_test(a_second_server_on_the_same_address_refuses_and_harms_nothing),
		cmocka_unit_test(an_address_that_cannot_be_used_is_refused_with_its_reason),
		cmocka_unit_test(an_address_that_is_none_is_refused_at_once),
		cmocka_unit_test(a_socket_left_by_a_dead_server_is_taken_over),
		cmocka_unit_test(requests_together_hold_no_more_than_they_may),
		cmocka_unit_test(stop_waits_for_calls_that_run),
		cmocka_unit_test(of_servers_that_start_at_once_on_one_socket_exactly_one_has_it),
		cmocka_unit_test(stop_does_not_wait_for_a_client_that_only_keeps_its_connection),
		cmocka_unit_test(an_answer_given_while_the_server_stops_still_arrives),
		cmocka_unit_test(stop_waits_for_a_handler_whose_client_is_gone),
		cmocka_unit_test(stop_cancels_what_does_not_end),
		cmocka_unit_test(a_channel_to_nobody_says_what_to_do_and_recovers),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
