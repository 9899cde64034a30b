#include "tests/catalog/export_lines.h"
#include "tests/catalog/model.h"

#include "base/clock.h"
#include "catalog/check.h"
#include "catalog/partition_indexes.h"

/* Random operations on the catalog and on its model: they give the same statuses, and
 * everything that can be read is the same, also after a reopen, and in a catalog made of
 * an export. MODEL_SEED repeats a run, MODEL_STEPS makes it longer. */

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

/* Out through an export, in again, and out the same; goes on with the second. */
static void travel(struct fixture *f)
{
	struct fixture other;
	struct buffer first = {0};
	struct buffer again = {0};
	bool more = true;
	fixture_open(&other, 64 * 1024);
	assert_ok(export_to(f, true, &first), &f->err);
	assert_ok(import_from(&other, buffer_text(&first), 64 * 1024), &other.err);
	/* Indexes of partitions arrive without their entries. */
	while (more)
		assert_ok(partition_indexes_work(other.catalog, &more, &other.err), &other.err);
	assert_ok(export_to(&other, true, &again), &other.err);
	same_lines(export_body(&first), export_body(&again));
	buffer_done(&first);
	buffer_done(&again);
	fixture_close(f);
	*f = other;
	f->options.folder = f->folder;
}

static uint64_t told(const char *variable, uint64_t otherwise)
{
	const char *said = getenv(variable);
	uint64_t number = otherwise;
	if (said)
		assert_int_equal(text_uint64(text_of(said), &number), strlen(said));
	return number;
}

static void random_operations_do_what_a_model_does(void **state)
{
	(void)state;
	struct fixture f;
	struct model *model = calloc(1, sizeof *model);
	uint64_t steps = told("MODEL_STEPS", 4000);
	model->seed = (unsigned)told("MODEL_SEED", (uint64_t)clock_now_us());
	print_message("MODEL_SEED=%u\n", model->seed);
	fixture_open(&f, 64 * 1024);
	for (model->step = 0; model->step < steps; model->step++) {
		operate(&f, model);
		if (chance(model, 500) == 0)
			fixture_reopen(&f);
		if (chance(model, 400) == 0)
			travel(&f);
		if (chance(model, 50) == 0)
			same_everything(&f, model);
		if (chance(model, 200) == 0)
			check_invariants(&f);
		arena_reset(f.arena);
	}
	fixture_reopen(&f);
	same_everything(&f, model);
	check_invariants(&f);
	free(model);
	fixture_close(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_operations_do_what_a_model_does),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
