#include "tests/catalog/fixture.h"
#include "tests/catalog/helper.h"
#include "tests/catalog/kill_kinds.h"

#include "base/clock.h"
#include "catalog/check.h"

#include <poll.h>

/* A check reads all that a store has gathered: stores stay small. */
enum { ROUNDS_OF_A_STORE = 20, ROUND_MS_MAX = 300, START_MS_MAX = 60000 };

struct round {
	uint64_t steps[KILL_WRITERS]; /* what each writer was told of as durable */
	uint64_t acknowledged;
};

static void problem_fails(void *state, const struct check_problem *problem)
{
	(void)state;
	fail_msg("%s: %s: %s", problem->invariant, problem->place, problem->message);
}

static void check_invariants(struct fixture *f)
{
	struct check_sink sink = {.problem = problem_fails, .state = NULL};
	uint64_t records;
	assert_ok(catalog_check(f->catalog, &sink, &records, &f->err), &f->err);
}

/* Each writer's cell is at the step it was told of, or at the one that was under way. */
static void check_steps(struct fixture *f, struct round *round)
{
	OWNED(catalog_txn) txn = NULL;
	assert_ok(catalog_read(f->catalog, &txn, &f->err), &f->err);
	for (uint64_t i = 0; i < KILL_WRITERS; i++) {
		uint64_t step = round->steps[i];
		if (kill_is_at(txn, i, step))
			continue;
		if (!kill_is_at(txn, i, step + 1))
			fail_msg("writer %d (%s): step %d was acknowledged and is not there, "
				 "or not all of it, nor is the next",
				(int)i, kill_kind_of(i)->name, (int)step);
		round->steps[i]++;
	}
}

/* Whether there is something to read before `end`. */
static bool is_told_by(const struct helper *helper, int64_t end)
{
	int64_t left_us = end - clock_now_us();
	struct pollfd ready = {.fd = helper->out, .events = POLLIN};
	return left_us > 0 && poll(&ready, 1, (int)(left_us / 1000 + 1)) > 0;
}

/* What the writers say until they are killed, and what the pipe holds then. */
static void listen_and_kill(struct helper *helper, struct round *round, int64_t end)
{
	uint64_t writer;
	bool killed = false;
	for (;;) {
		if (!killed && !is_told_by(helper, end)) {
			helper_kill(helper);
			killed = true;
		}
		uint64_t step;
		if (!helper_read(helper, &writer) || !helper_read(helper, &step))
			break;
		assert_true(writer < KILL_WRITERS);
		assert_int_equal(step, round->steps[writer] + 1);
		round->steps[writer] = step;
		round->acknowledged++;
	}
	if (!killed)
		fail_msg("the writers ended by themselves");
}

static void kill_once(struct fixture *f, struct round *round, int64_t after_us)
{
	struct helper helper;
	char file[96];
	(void)snprintf(file, sizeof file, "%s/steps", f->folder);
	FILE *steps = fopen(file, "we");
	assert_non_null(steps);
	assert_int_equal(
		fwrite(round->steps, sizeof *round->steps, KILL_WRITERS, steps), KILL_WRITERS);
	assert_int_equal(fclose(steps), 0);
	catalog_free(f->catalog);
	f->catalog = NULL;
	helper_start(&helper, f->folder, "write", file);
	/* Some are killed while they open it; the others get to write. */
	if (after_us % 5)
		(void)is_told_by(&helper, clock_now_us() + START_MS_MAX * 1000);
	listen_and_kill(&helper, round, clock_now_us() + after_us);
	helper_end(&helper);
	assert_ok(catalog_open(&f->options, &f->catalog, &f->err), &f->err);
	check_invariants(f);
	check_steps(f, round);
}

static void acknowledged_writes_survive_kill(void **state)
{
	(void)state;
	const char *told = getenv("KILL_ROUNDS");
	uint64_t rounds = 200;
	if (told)
		assert_int_equal(text_uint64(text_of(told), &rounds), strlen(told));
	unsigned seed = (unsigned)clock_now_us();
	uint64_t total = 0;
	print_message("seed %u\n", seed);
	for (uint64_t done = 0; done < rounds;) {
		struct fixture f;
		struct round round = {.acknowledged = 0};
		fixture_open(&f, 0);
		for (int i = 0; i < ROUNDS_OF_A_STORE && done < rounds; i++, done++) {
			seed = seed * 1103515245u + 12345u;
			kill_once(&f, &round, (int64_t)((seed >> 8) % (1000 * ROUND_MS_MAX)));
		}
		total += round.acknowledged;
		fixture_close(&f);
	}
	print_message("%llu writes acknowledged in %llu rounds\n", (unsigned long long)total,
		(unsigned long long)rounds);
	assert_true(total > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(acknowledged_writes_survive_kill),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
