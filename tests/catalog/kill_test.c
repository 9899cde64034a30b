#include "tests/catalog/export_lines.h"
#include "tests/catalog/helper.h"
#include "tests/catalog/kill_chores.h"
#include "tests/catalog/kill_kinds.h"

#include "base/clock.h"
#include "catalog/check.h"

#include <poll.h>

/* A check reads all that a store has gathered: stores stay small. */
enum { ROUNDS_OF_A_STORE = 20, ROUND_MS_MAX = 300, START_MS_MAX = 60000, BEGIN_MAX = 14 };

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

/* What the chores had begun is finished by those of the next daemon. */
static void finish_chores(struct fixture *f)
{
	bool more = true;
	while (more)
		assert_ok(kill_chores(f->catalog, &more, &f->err), &f->err);
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
	/* Half of them do not wait for the disk, which a kill of the process alone does not
	 * need: they are killed in the midst of more writing. */
	helper_start(&helper, f->folder, after_us % 2 ? "write" : "hurry", file);
	/* Some are killed while they open it; the others get to write. */
	if (after_us % 5)
		(void)is_told_by(&helper, clock_now_us() + START_MS_MAX * 1000);
	listen_and_kill(&helper, round, clock_now_us() + after_us);
	helper_end(&helper);
	assert_ok(catalog_open(&f->options, &f->catalog, &f->err), &f->err);
	check_invariants(f);
	check_steps(f, round);
	if (after_us % 4 == 0) {
		finish_chores(f);
		check_invariants(f);
		check_steps(f, round);
	}
}

static uint64_t rounds_told(void)
{
	const char *told = getenv("KILL_ROUNDS");
	uint64_t rounds = 200;
	if (told)
		assert_int_equal(text_uint64(text_of(told), &rounds), strlen(told));
	return rounds;
}

struct step {
	uint64_t writer, step;
};

static enum status step_apply(struct catalog_txn *txn, void *state, struct error *err)
{
	const struct step *at = state;
	return kill_write(txn, at->writer, at->step, err);
}

static void make_step(struct fixture *f, uint64_t writer, uint64_t step)
{
	assert_ok(catalog_write_now(f->catalog, step_apply, &(struct step){writer, step}, &f->err),
		&f->err);
}

/* Every writer's cell at some step below `most`. */
static void begin_somewhere(
	struct fixture *f, unsigned seed, uint64_t most, uint64_t steps[KILL_WRITERS])
{
	for (uint64_t writer = 0; writer < KILL_WRITERS; writer++) {
		seed = seed * 1103515245u + 12345u;
		steps[writer] = (seed >> 8) % most;
		for (uint64_t step = 1; step <= steps[writer]; step++)
			make_step(f, writer, step);
	}
}

static void acknowledged_writes_survive_kill(void **state)
{
	(void)state;
	uint64_t rounds = rounds_told();
	unsigned seed = (unsigned)clock_now_us();
	uint64_t total = 0;
	uint64_t of_kinds[KILL_WRITERS] = {0};
	print_message("seed %u\n", seed);
	for (uint64_t done = 0; done < rounds;) {
		struct fixture f;
		struct round round = {.acknowledged = 0};
		fixture_open(&f, 0);
		begin_somewhere(&f, seed, BEGIN_MAX, round.steps);
		for (uint64_t i = 0; i < KILL_WRITERS; i++)
			of_kinds[i % kill_kind_count()] -= round.steps[i];
		for (int i = 0; i < ROUNDS_OF_A_STORE && done < rounds; i++, done++) {
			seed = seed * 1103515245u + 12345u;
			kill_once(&f, &round, (int64_t)((seed >> 8) % (1000 * ROUND_MS_MAX)));
		}
		total += round.acknowledged;
		for (uint64_t i = 0; i < KILL_WRITERS; i++)
			of_kinds[i % kill_kind_count()] += round.steps[i];
		fixture_close(&f);
	}
	print_message("%llu writes acknowledged in %llu rounds\n", (unsigned long long)total,
		(unsigned long long)rounds);
	for (size_t i = 0; i < kill_kind_count(); i++)
		print_message("%8llu %s\n", (unsigned long long)of_kinds[i], kill_kind_of(i)->name);
	assert_true(total > 0);
}

/* Steps that leave nothing are alike, but for those beside each other. */
static void only_step_is_there(struct fixture *f, uint64_t kind, uint64_t step, uint64_t most)
{
	OWNED(catalog_txn) txn = NULL;
	assert_ok(catalog_read(f->catalog, &txn, &f->err), &f->err);
	bool nothing = step && kill_is_at(txn, kind, 1);
	for (uint64_t other = 0; other <= most; other++) {
		bool beside = other + 1 == step || step + 1 == other;
		bool is = kill_is_at(txn, kind, other);
		if (other == step ? !is : is && (beside || !nothing))
			fail_msg("%s: at step %d it is %staken for step %d",
				kill_kind_of(kind)->name, (int)step, is ? "" : "not ", (int)other);
	}
}

/* What the other tests rely on: a step that was lost would be seen. */
static void every_kind_knows_at_which_step_it_is(void **state)
{
	(void)state;
	enum { STEPS = 26 };
	struct fixture f;
	fixture_open(&f, 0);
	for (uint64_t kind = 0; kind < kill_kind_count(); kind++) {
		for (uint64_t step = 0; step < STEPS; step++) {
			if (step)
				make_step(&f, kind, step);
			only_step_is_there(&f, kind, step, STEPS);
		}
	}
	fixture_close(&f);
}

/* Runs that are under way come back as failed. */
static void end_runs(struct fixture *f, uint64_t steps[KILL_WRITERS])
{
	for (uint64_t writer = 0; writer < KILL_WRITERS; writer++) {
		if (strcmp(kill_kind_of(writer)->name, "run") != 0)
			continue;
		while ((steps[writer] + 2) % 3)
			make_step(f, writer, ++steps[writer]);
	}
}

static void put_in_file(const char *path, struct text lines)
{
	FILE *file = fopen(path, "we");
	assert_non_null(file);
	assert_int_equal(fwrite(lines.at, 1, lines.length, file), lines.length);
	assert_int_equal(fclose(file), 0);
}

/* Kills an import after a time; whether it had said that it was done. */
static bool import_and_kill(struct fixture *f, const char *lines, int64_t after_us)
{
	struct helper helper;
	uint64_t said;
	catalog_free(f->catalog);
	f->catalog = NULL;
	helper_start(&helper, f->folder, "import", lines);
	bool done = is_told_by(&helper, clock_now_us() + after_us);
	if (!done)
		helper_kill(&helper);
	done = helper_read(&helper, &said);
	helper_kill(&helper);
	helper_end(&helper);
	assert_ok(catalog_open(&f->options, &f->catalog, &f->err), &f->err);
	return done;
}

static void a_killed_import_is_there_whole_or_not_at_all(void **state)
{
	(void)state;
	struct fixture from;
	struct buffer lines = {0};
	uint64_t steps[KILL_WRITERS];
	char path[96];
	char a_database[24];
	uint64_t rounds = rounds_told() / 10 + 1;
	uint64_t whole = 0;
	uint64_t acknowledged = 0;
	unsigned seed = (unsigned)clock_now_us();
	int64_t within_us = 1000000;
	print_message("seed %u\n", seed);
	fixture_open(&from, 0);
	begin_somewhere(&from, seed, BEGIN_MAX, steps);
	end_runs(&from, steps);
	assert_ok(export_to(&from, true, &lines), &from.err);
	for (uint64_t i = 0; i < KILL_WRITERS; i++) {
		if (steps[i])
			(void)snprintf(a_database, sizeof a_database, "d%d", (int)i);
	}
	(void)snprintf(path, sizeof path, "%s/lines", from.folder);
	put_in_file(path, buffer_text(&lines));
	for (uint64_t i = 0; i < rounds; i++) {
		struct fixture f;
		struct buffer again = {0};
		fixture_open(&f, 0);
		seed = seed * 1103515245u + 12345u;
		int64_t begun = clock_now_us();
		/* The first is let be, to see how long it takes. */
		bool done = import_and_kill(
			&f, path, i ? (seed >> 8) % within_us : START_MS_MAX * INT64_C(1000));
		if (i == 0)
			within_us = (clock_now_us() - begun) * 5 / 4;
		check_invariants(&f);
		assert_ok(export_to(&f, true, &again), &f.err);
		bool there = get_table(&f, a_database, "t") != NULL;
		assert_true(there || !done);
		if (there)
			same_lines(export_body(&lines), export_body(&again));
		else
			assert_ok(import_from(&f, buffer_text(&lines), 65536), &f.err);
		whole += there;
		acknowledged += done;
		buffer_done(&again);
		fixture_close(&f);
	}
	print_message("%d imports, %d acknowledged, %d there\n", (int)rounds, (int)acknowledged,
		(int)whole);
	buffer_done(&lines);
	fixture_close(&from);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_kind_knows_at_which_step_it_is),
		cmocka_unit_test(a_killed_import_is_there_whole_or_not_at_all),
		cmocka_unit_test(acknowledged_writes_survive_kill),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
