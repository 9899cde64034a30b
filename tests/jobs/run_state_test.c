#include "jobs/run_state.h"

#include "tests/unit.h"

#include <string.h>

enum { STATES = TENON__V1__RUN_STATE__RUN_STATE_TIMEOUT + 1 };

static Tenon__V1__RunState state_called(const char *name)
{
	for (unsigned state = 0; state < STATES; state++) {
		if (strcmp(run_state_name((Tenon__V1__RunState)state), name) == 0)
			return (Tenon__V1__RunState)state;
	}
	fail_msg("no state is called '%s'", name);
	return TENON__V1__RUN_STATE__RUN_STATE_UNSPECIFIED;
}

static const struct {
	const char *from;
	const char *to;
} allowed[] = {
	{"UNSPECIFIED", "QUEUED"},
	{"QUEUED", "RUNNING"},
	{"QUEUED", "CANCELLED"},
	{"QUEUED", "FAILED"},
	{"RUNNING", "COMMITTING"},
	{"RUNNING", "FAILED"},
	{"RUNNING", "CANCELLED"},
	{"RUNNING", "TIMEOUT"},
	{"COMMITTING", "SUCCEEDED"},
};

static bool is_allowed(Tenon__V1__RunState from, Tenon__V1__RunState to)
{
	for (size_t i = 0; i < sizeof allowed / sizeof *allowed; i++) {
		if (state_called(allowed[i].from) == from && state_called(allowed[i].to) == to)
			return true;
	}
	return false;
}

static void a_run_moves_only_along_the_drawn_arrows(void **state)
{
	(void)state;
	for (unsigned from = 0; from < STATES; from++) {
		for (unsigned to = 0; to < STATES; to++) {
			bool may = run_may_move((Tenon__V1__RunState)from, (Tenon__V1__RunState)to);
			if (may != is_allowed((Tenon__V1__RunState)from, (Tenon__V1__RunState)to))
				fail_msg("%s to %s is %s",
					run_state_name((Tenon__V1__RunState)from),
					run_state_name((Tenon__V1__RunState)to),
					may ? "allowed" : "refused");
		}
	}
}

static void an_ended_run_never_moves_again(void **state)
{
	(void)state;
	unsigned ends = 0;
	for (unsigned from = 0; from < STATES; from++) {
		if (!run_has_ended((Tenon__V1__RunState)from))
			continue;
		ends++;
		for (unsigned to = 0; to < STATES; to++)
			assert_false(
				run_may_move((Tenon__V1__RunState)from, (Tenon__V1__RunState)to));
	}
	assert_int_equal(ends, 4);
}

static void what_is_committing_can_only_succeed(void **state)
{
	(void)state;
	struct error err;
	static char id[] = "r1";
	Tenon__V1__Run run = TENON__V1__RUN__INIT;
	run.id = id;
	run.state = TENON__V1__RUN_STATE__RUN_STATE_COMMITTING;
	assert_int_equal(run_move(&run, TENON__V1__RUN_STATE__RUN_STATE_CANCELLED, &err),
		STATUS_FAILED_PRECONDITION);
	assert_non_null(strstr(err.message, "'r1'"));
	assert_non_null(strstr(err.message, "COMMITTING"));
	assert_int_equal(run.state, TENON__V1__RUN_STATE__RUN_STATE_COMMITTING);
	assert_int_equal(run.end_time_us, 0);
}

static void a_run_s_times_are_set_as_it_moves(void **state)
{
	(void)state;
	struct error err;
	Tenon__V1__Run run = TENON__V1__RUN__INIT;
	assert_ok(run_move(&run, TENON__V1__RUN_STATE__RUN_STATE_QUEUED, &err), &err);
	assert_true(run.queue_time_us > 0 && run.start_time_us == 0);
	assert_ok(run_move(&run, TENON__V1__RUN_STATE__RUN_STATE_RUNNING, &err), &err);
	assert_true(run.start_time_us >= run.queue_time_us && run.end_time_us == 0);
	assert_ok(run_move(&run, TENON__V1__RUN_STATE__RUN_STATE_FAILED, &err), &err);
	assert_true(run.end_time_us >= run.start_time_us);
}

static void a_state_of_a_newer_daemon_goes_nowhere(void **state)
{
	(void)state;
	Tenon__V1__RunState newer = (Tenon__V1__RunState)(STATES + 3);
	assert_false(run_may_move(newer, TENON__V1__RUN_STATE__RUN_STATE_FAILED));
	assert_false(run_has_ended(newer));
	assert_string_equal(run_state_name(newer), "of an unknown state");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_run_moves_only_along_the_drawn_arrows),
		cmocka_unit_test(an_ended_run_never_moves_again),
		cmocka_unit_test(what_is_committing_can_only_succeed),
		cmocka_unit_test(a_run_s_times_are_set_as_it_moves),
		cmocka_unit_test(a_state_of_a_newer_daemon_goes_nowhere),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
