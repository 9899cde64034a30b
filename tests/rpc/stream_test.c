#include "tests/rpc/fixture.h"

static int start(void **state)
{
	*state = fixture_start(NULL);
	return 0;
}

static int stop(void **state)
{
	fixture_stop(*state, 2000);
	return 0;
}

/* Messages read until the end or an error; -1 for the wrong order. */
static int read_all(
	struct rpc_reading *reading, uint64_t expected, enum status *status_out, struct error *err)
{
	OWNED(arena) arena = arena_new();
	int count = 0;
	for (;;) {
		Tenon__V1__ReadLogResponse *message = NULL;
		arena_reset(arena);
		*status_out = rpc_read_next(reading, arena, &message, err);
		if (*status_out != STATUS_OK || !message)
			return count;
		if (message->offset != --expected)
			return -1;
		count++;
	}
}

static void a_stream_gives_every_message_once_and_in_order(void **state)
{
	static const struct {
		unsigned messages;
		const char *bytes;
	} rows[] = {{0, "0"}, {1, "0"}, {1, "5000000"}, {1000, "100"}, {40, "1000000"}};
	struct fixture *fixture = *state;
	OWNED(rpc_channel) channel = dial(fixture, NULL);
	for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
		OWNED(rpc_reading)
		reading = open_log(channel, rows[i].bytes, rows[i].messages, 0);
		enum status status;
		struct error err;
		assert_int_equal(
			read_all(reading, rows[i].messages, &status, &err), rows[i].messages);
		assert_ok(status, &err);
		assert_true(becomes(&fixture->closed, i + 1));
		/* The end is the end, however often one asks. */
		assert_int_equal(read_all(reading, 0, &status, &err), 0);
		assert_int_equal(status, STATUS_OK);
	}
}

static void a_stream_may_end_in_an_error(void **state)
{
	OWNED(rpc_channel) channel = dial(*state, NULL);
	OWNED(rpc_reading) reading = open_log(channel, "fail", 3, 0);
	enum status status;
	struct error err;
	assert_int_equal(read_all(reading, 3, &status, &err), 0);
	assert_int_equal(status, STATUS_FAILED_PRECONDITION);
	assert_string_equal(err.message, "run 'fail' has no log");
}

static void a_slow_reader_holds_the_stream_back(void **state)
{
	struct fixture *fixture = *state;
	enum { MESSAGES = 100 };
	OWNED(rpc_channel) channel = dial(fixture, NULL);
	OWNED(rpc_reading) reading = open_log(channel, "1000000", MESSAGES, 0);
	(void)usleep(300000);
	unsigned ahead = atomic_load(&fixture->sent);
	assert_in_range(ahead, 1, MESSAGES / 2); /* a window's worth, not everything */
	enum status status;
	struct error err;
	assert_int_equal(read_all(reading, MESSAGES, &status, &err), MESSAGES);
	assert_ok(status, &err);
}

static void *release_soon(void *state)
{
	struct fixture *fixture = state;
	for (int i = 0; i < 5000; i++) {
		(void)usleep(1000);
		(void)pthread_mutex_lock(&fixture->lock);
		bool parked = fixture->parked != NULL;
		if (parked) {
			fixture->released = true;
			rpc_stream_wake(fixture->parked);
			rpc_stream_wake(fixture->parked); /* twice is fine */
		}
		(void)pthread_mutex_unlock(&fixture->lock);
		if (parked)
			break;
	}
	return NULL;
}

static void a_parked_stream_goes_on_when_it_is_woken(void **state)
{
	struct fixture *fixture = *state;
	OWNED(rpc_channel) channel = dial(fixture, NULL);
	OWNED(rpc_reading) reading = open_log(channel, "park", 3, 10000);
	pthread_t waker;
	assert_int_equal(pthread_create(&waker, NULL, release_soon, fixture), 0);
	enum status status;
	struct error err;
	assert_int_equal(read_all(reading, 3, &status, &err), 3);
	assert_ok(status, &err);
	(void)pthread_join(waker, NULL);
	assert_true(becomes(&fixture->closed, 1));
}

static void *cancel_soon(void *reading)
{
	(void)usleep(50000);
	rpc_read_cancel(reading);
	return NULL;
}

static void a_reader_can_be_cancelled_from_another_thread(void **state)
{
	struct fixture *fixture = *state;
	OWNED(rpc_channel) channel = dial(fixture, NULL);
	OWNED(rpc_reading) reading = open_log(channel, "park", 3, -1);
	pthread_t canceller;
	assert_int_equal(pthread_create(&canceller, NULL, cancel_soon, reading), 0);
	enum status status;
	struct error err;
	assert_int_equal(read_all(reading, 3, &status, &err), 0);
	assert_int_equal(status, STATUS_CANCELLED);
	(void)pthread_join(canceller, NULL);
	assert_true(becomes(&fixture->closed, 1));
}

static void a_reader_may_leave_early(void **state)
{
	struct fixture *fixture = *state;
	OWNED(rpc_channel) channel = dial(fixture, NULL);
	for (unsigned i = 1; i <= 20; i++) {
		OWNED(rpc_reading) reading = open_log(channel, "100000", 1000, 0);
		OWNED(arena) arena = arena_new();
		Tenon__V1__ReadLogResponse *message = NULL;
		struct error err;
		for (unsigned n = 0; n < 1 + i % 3; n++)
			assert_ok(rpc_read_next(reading, arena, &message, &err), &err);
		rpc_reading_free(TAKE(reading));
		assert_true(becomes(&fixture->closed, i));
	}
}

static void leaving_before_the_first_message_leaves_nothing_behind(void **state)
{
	/* Whether the server hears of such a call is chance; that it stops is not. */
	struct fixture *fixture = *state;
	OWNED(rpc_channel) channel = dial(fixture, NULL);
	for (int i = 0; i < 50; i++) {
		OWNED(rpc_reading) reading = open_log(channel, "park", 1, -1);
		if (i % 2)
			(void)usleep(500);
	}
	uint64_t before = clock_monotonic_ns();
	rpc_server_stop(fixture->server, 30000);
	assert_true(clock_monotonic_ns() - before < 10000000000);
}

static void a_streams_deadline_ends_it_on_both_sides(void **state)
{
	struct fixture *fixture = *state;
	OWNED(rpc_channel) channel = dial(fixture, NULL);
	OWNED(rpc_reading) reading = open_log(channel, "park", 3, 100);
	enum status status;
	struct error err;
	assert_int_equal(read_all(reading, 3, &status, &err), 0);
	assert_int_equal(status, STATUS_DEADLINE_EXCEEDED);
	assert_true(becomes(&fixture->closed, 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define CASE(f) cmocka_unit_test_setup_teardown(f, start, stop)
		CASE(a_stream_gives_every_message_once_and_in_order),
		CASE(a_stream_may_end_in_an_error),
		CASE(a_slow_reader_holds_the_stream_back),
		CASE(a_parked_stream_goes_on_when_it_is_woken),
		CASE(a_reader_can_be_cancelled_from_another_thread),
		CASE(a_reader_may_leave_early),
		CASE(leaving_before_the_first_message_leaves_nothing_behind),
		CASE(a_streams_deadline_ends_it_on_both_sides),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
