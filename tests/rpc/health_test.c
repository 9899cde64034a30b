#include "tests/rpc/fixture.h"

#include "grpc/health/v1/health.pb-c.h"

#define SERVING		GRPC__HEALTH__V1__HEALTH_CHECK_RESPONSE__SERVING_STATUS__SERVING
#define NOT_SERVING	GRPC__HEALTH__V1__HEALTH_CHECK_RESPONSE__SERVING_STATUS__NOT_SERVING
#define SERVICE_UNKNOWN GRPC__HEALTH__V1__HEALTH_CHECK_RESPONSE__SERVING_STATUS__SERVICE_UNKNOWN

static int start(void **state)
{
	*state = fixture_start("127.0.0.1:0");
	return 0;
}

static int stop(void **state)
{
	fixture_stop(*state, 2000);
	return 0;
}

static void check_tells_known_services_from_unknown_ones(void **state)
{
	static const struct {
		const char *service;
		enum status status;
	} rows[] = {
		{"", STATUS_OK},
		{"tenon.v1.Catalog", STATUS_OK},
		{"tenon.v1.Jobs", STATUS_OK},
		{"grpc.health.v1.Health", STATUS_OK},
		{"grpc.reflection.v1.ServerReflection", STATUS_OK},
		{"tenon.v1.Crawlers", STATUS_NOT_FOUND}, /* in the proto, but not served here */
		{"tenon.v1.Nope", STATUS_NOT_FOUND},
	};
	OWNED(rpc_channel) channel = dial(*state, NULL);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		OWNED(arena) arena = arena_new();
		Grpc__Health__V1__HealthCheckRequest request =
			GRPC__HEALTH__V1__HEALTH_CHECK_REQUEST__INIT;
		request.service = arena_text(arena, text_of(rows[i].service));
		Grpc__Health__V1__HealthCheckResponse *response;
		struct error err;
		enum status status = rpc_invoke(channel, &grpc__health__v1__health__descriptor,
			"Check", &request.base, 0, arena, &response, &err);
		assert_int_equal(status, rows[i].status);
		if (status == STATUS_OK)
			assert_int_equal(response->status, SERVING);
	}
}

static struct rpc_reading *watch(struct rpc_channel *channel, const char *service)
{
	Grpc__Health__V1__HealthCheckRequest request = GRPC__HEALTH__V1__HEALTH_CHECK_REQUEST__INIT;
	char name[64];
	(void)snprintf(name, sizeof name, "%s", service);
	request.service = name;
	struct rpc_reading *reading;
	struct error err;
	assert_ok(rpc_read_open(channel, &grpc__health__v1__health__descriptor, "Watch",
			  &request.base, 20000, &reading, &err),
		&err);
	return reading;
}

static void next_is(struct rpc_reading *reading, int expected)
{
	OWNED(arena) arena = arena_new();
	Grpc__Health__V1__HealthCheckResponse *response = NULL;
	struct error err;
	assert_ok(rpc_read_next(reading, arena, &response, &err), &err);
	assert_non_null(response);
	assert_int_equal(response->status, expected);
}

static void a_watch_hears_that_the_server_stops_and_does_not_hold_it_up(void **state)
{
	struct fixture *fixture = *state;
	OWNED(rpc_channel) channel = dial(fixture, NULL);
	OWNED(rpc_reading) all = watch(channel, "");
	OWNED(rpc_reading) one = watch(channel, "tenon.v1.Catalog");
	OWNED(rpc_reading) none = watch(channel, "tenon.v1.Nope");
	next_is(all, SERVING);
	next_is(one, SERVING);
	next_is(none, SERVICE_UNKNOWN);
	uint64_t before = clock_monotonic_ns();
	rpc_server_stop(fixture->server, 30000);
	assert_true(clock_monotonic_ns() - before < 10000000000);
	next_is(all, NOT_SERVING);
	next_is(one, NOT_SERVING);
	OWNED(arena) arena = arena_new();
	Grpc__Health__V1__HealthCheckResponse *response = NULL;
	struct error err;
	assert_int_equal(rpc_read_next(all, arena, &response, &err), STATUS_UNAVAILABLE);
	assert_non_null(strstr(err.message, "the server is stopping"));
}

static void watchers_come_and_go(void **state)
{
	OWNED(rpc_channel) channel = dial(*state, NULL);
	for (int i = 0; i < 30; i++) {
		OWNED(rpc_reading) a = watch(channel, "");
		OWNED(rpc_reading) b = watch(channel, "");
		if (i % 2)
			next_is(a, SERVING);
		rpc_reading_free(TAKE(a));
		next_is(b, SERVING);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define CASE(f) cmocka_unit_test_setup_teardown(f, start, stop)
		CASE(check_tells_known_services_from_unknown_ones),
		CASE(a_watch_hears_that_the_server_stops_and_does_not_hold_it_up),
		CASE(watchers_come_and_go),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
