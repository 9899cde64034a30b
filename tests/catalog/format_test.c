#include "tests/catalog/fixture.h"

#include "catalog/figures.h"
#include "catalog/format.h"
#include "catalog/key.h"
#include "catalog/store.h"

/* Steps that are there for these tests alone. */

static unsigned steps_made;

static enum status step_writes(struct catalog_txn *txn, struct error *err)
{
	steps_made++;
	return store_put(txn, DB_META, TEXT("step"), TEXT("made"), err);
}

/* More than the map that a test gives it. */
static enum status step_writes_much(struct catalog_txn *txn, struct error *err)
{
	static char much[100000];
	steps_made++;
	for (uint64_t i = 0; i < 40; i++) {
		char key[8];
		TRY(store_put(
			txn, DB_META, key_u64_text(i, key), (struct text){much, sizeof much}, err));
	}
	return STATUS_OK;
}

static enum status step_fails(struct catalog_txn *txn, struct error *err)
{
	TRY(step_writes(txn, err));
	return fail(err, STATUS_RESOURCE_EXHAUSTED, "the disk is full");
}

static enum status format_set(struct catalog_txn *txn, void *state, struct error *err)
{
	return format_put(txn, *(const uint64_t *)state, err);
}

static uint64_t format_of(struct fixture *f)
{
	OWNED(catalog_txn) txn = NULL;
	struct catalog_figures figures;
	assert_ok(catalog_read(f->catalog, &txn, &f->err), &f->err);
	assert_ok(catalog_figures(txn, &figures, &f->err), &f->err);
	return figures.format;
}

static bool step_is_there(struct fixture *f)
{
	OWNED(catalog_txn) txn = NULL;
	bool found;
	struct text value;
	assert_ok(catalog_read(f->catalog, &txn, &f->err), &f->err);
	assert_ok(store_find(txn, DB_META, TEXT("step"), &found, &value, &f->err), &f->err);
	return found;
}

/* A store with a table, that says of itself to be of `format`. */
static void store_of(struct fixture *f, uint64_t format)
{
	fixture_open(f, 0);
	assert_ok(make_database(f, "d"), &f->err);
	assert_ok(make_table(f, "d", "t", "a int"), &f->err);
	assert_ok(catalog_write_now(f->catalog, format_set, &format, &f->err), &f->err);
	catalog_free(f->catalog);
	f->catalog = NULL;
	steps_made = 0;
}

static enum status open_as(struct fixture *f, const struct formats *formats)
{
	f->options.formats = formats;
	return catalog_open(&f->options, &f->catalog, &f->err);
}

static void a_new_store_has_the_newest_format(void **state)
{
	(void)state;
	struct fixture f;
	fixture_open(&f, 0);
	assert_int_equal(format_of(&f), format_newest(&formats_known));
	fixture_close(&f);
}

static void a_store_of_format_1_is_brought_up_and_keeps_what_it_has(void **state)
{
	(void)state;
	struct fixture f;
	store_of(&f, 1);
	assert_ok(open_as(&f, NULL), &f.err);
	assert_int_equal(format_of(&f), format_newest(&formats_known));
	assert_non_null(get_table(&f, "d", "t"));
	fixture_close(&f);
}

static void steps_after_the_stores_format_are_made_once_and_in_order(void **state)
{
	(void)state;
	static const struct format_step steps[] = {
		{2, "must not be made", step_fails}, {3, "a", step_writes}, {4, "b", NULL}};
	static const struct formats formats = {steps, 3};
	struct fixture f;
	store_of(&f, 2);
	assert_ok(open_as(&f, &formats), &f.err);
	assert_int_equal(steps_made, 1);
	assert_int_equal(format_of(&f), 4);
	assert_true(step_is_there(&f));
	fixture_reopen(&f);
	assert_int_equal(steps_made, 1);
	fixture_close(&f);
}

static void a_step_that_fails_leaves_the_store_as_it_was(void **state)
{
	(void)state;
	static const struct format_step steps[] = {
		{2, "a", step_writes}, {3, "the keys of tables", step_fails}};
	static const struct formats formats = {steps, 2};
	static const struct formats none = {NULL, 0};
	struct fixture f;
	store_of(&f, 1);
	assert_int_equal(open_as(&f, &formats), STATUS_RESOURCE_EXHAUSTED);
	assert_non_null(strstr(f.err.message, "up to format 3 (the keys of tables)"));
	/* The program that wrote it still opens it. */
	assert_ok(open_as(&f, &none), &f.err);
	assert_int_equal(format_of(&f), 1);
	assert_false(step_is_there(&f));
	assert_non_null(get_table(&f, "d", "t"));
	fixture_close(&f);
}

static void a_step_may_fill_the_map(void **state)
{
	(void)state;
	static const struct format_step steps[] = {{2, "a", step_writes_much}};
	static const struct formats formats = {steps, 1};
	struct fixture f;
	store_of(&f, 1);
	f.options.map_bytes = 1024 * 1024;
	assert_ok(open_as(&f, &formats), &f.err);
	assert_true(steps_made > 1); /* from the start each time the map had grown */
	assert_int_equal(format_of(&f), 2);
	fixture_close(&f);
}

static void a_newer_format_is_refused_and_left_alone(void **state)
{
	(void)state;
	struct fixture f;
	store_of(&f, format_newest(&formats_known) + 1);
	assert_int_equal(open_as(&f, NULL), STATUS_FAILED_PRECONDITION);
	assert_non_null(strstr(f.err.message, "newer version (format 4, this one reads up to 3)"));
	static const struct format_step steps[] = {{4, "a", NULL}};
	static const struct formats newer = {steps, 1};
	assert_ok(open_as(&f, &newer), &f.err);
	assert_non_null(get_table(&f, "d", "t"));
	fixture_close(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_new_store_has_the_newest_format),
		cmocka_unit_test(a_store_of_format_1_is_brought_up_and_keeps_what_it_has),
		cmocka_unit_test(steps_after_the_stores_format_are_made_once_and_in_order),
		cmocka_unit_test(a_step_that_fails_leaves_the_store_as_it_was),
		cmocka_unit_test(a_step_may_fill_the_map),
		cmocka_unit_test(a_newer_format_is_refused_and_left_alone),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
