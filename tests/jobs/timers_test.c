#include "jobs/timers.h"

#include "tests/unit.h"

static char fired[8];
static size_t fired_count;

static void note(void *state, void *subject)
{
	(void)state;
	fired[fired_count++] = *(const char *)subject;
}

static void add(struct timers *timers, uint64_t due_ns, const char *subject)
{
	timers_add(timers, &(struct timer){due_ns, note, NULL, (void *)(uintptr_t)subject});
}

static void timers_fire_in_the_order_they_are_due_and_not_before(void **state)
{
	(void)state;
	struct timers timers = {0};
	fired_count = 0;
	assert_int_equal(timers_next_ns(&timers), 0);
	add(&timers, 30, "c");
	add(&timers, 10, "a");
	add(&timers, 20, "b");
	assert_int_equal(timers_next_ns(&timers), 10);
	timers_fire(&timers, 9);
	assert_int_equal(fired_count, 0);
	timers_fire(&timers, 20);
	assert_memory_equal(fired, "ab", 2);
	assert_int_equal(timers_next_ns(&timers), 30);
	timers_fire(&timers, 1000);
	assert_memory_equal(fired, "abc", 3);
	assert_int_equal(timers_next_ns(&timers), 0);
	timers_done(&timers);
}

static void a_dropped_subject_never_fires(void **state)
{
	(void)state;
	static const char subject[] = "x";
	struct timers timers = {0};
	fired_count = 0;
	add(&timers, 1, subject);
	add(&timers, 2, "y");
	add(&timers, 3, subject);
	timers_drop(&timers, subject);
	timers_fire(&timers, 100);
	assert_int_equal(fired_count, 1);
	assert_int_equal(fired[0], 'y');
	timers_done(&timers);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(timers_fire_in_the_order_they_are_due_and_not_before),
		cmocka_unit_test(a_dropped_subject_never_fires),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
