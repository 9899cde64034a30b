#include "tests/catalog/fixture.h"

#include "catalog/functions.h"
#include "catalog/pattern.h"

/* One write of functions; its status. */
struct change {
	enum { CREATE, UPDATE, DELETE } what;
	const char *name; /* of UPDATE and DELETE, in database "sales" */
	const Tenon__V1__Function *function;
	struct arena *arena;
	Tenon__V1__Function *out;
};

static enum status change_apply(struct catalog_txn *txn, void *state, struct error *err)
{
	struct change *c = state;
	switch (c->what) {
	case CREATE:
		return function_create(txn, c->function, c->arena, &c->out, err);
	case UPDATE:
		return function_update(
			txn, TEXT("sales"), text_of(c->name), c->function, c->arena, &c->out, err);
	case DELETE:
		return function_delete(txn, TEXT("sales"), text_of(c->name), err);
	}
	return STATUS_UNKNOWN;
}

static enum status change_run(struct fixture *f, struct change *change)
{
	change->arena = f->arena;
	return catalog_write_now(f->catalog, change_apply, change, &f->err);
}

static Tenon__V1__Function *made(struct fixture *f, const char *database, const char *name)
{
	Tenon__V1__Function *function = arena_alloc(f->arena, sizeof *function);
	tenon__v1__function__init(function);
	function->database = arena_text(f->arena, text_of(database));
	function->name = arena_text(f->arena, text_of(name));
	function->class_name = arena_text(f->arena, TEXT("com.acme.F"));
	return function;
}

static enum status create(struct fixture *f, const char *database, const char *name)
{
	struct change change = {.what = CREATE, .function = made(f, database, name)};
	return change_run(f, &change);
}

static enum status get(struct fixture *f, const char *database, const char *name,
	Tenon__V1__Function **function_out)
{
	OWNED(catalog_txn) txn = NULL;
	assert_ok(catalog_read(f->catalog, &txn, &f->err), &f->err);
	return function_get(txn, text_of(database), text_of(name), f->arena, function_out, &f->err);
}

/* "sales.a sales.b": what a listing gives, page by page of one. */
static const char *listed(struct fixture *f, const char *database, const char *pattern)
{
	OWNED(catalog_txn) txn = NULL;
	struct text token = TEXT("");
	const char *names = "";
	assert_ok(catalog_read(f->catalog, &txn, &f->err), &f->err);
	do {
		Tenon__V1__Function **functions;
		size_t count;
		assert_ok(function_list(txn, text_of(database), text_of(pattern), token, 1,
				  f->arena, &functions, &count, &token, &f->err),
			&f->err);
		for (size_t i = 0; i < count; i++)
			names = arena_printf(f->arena, "%s%s%s.%s", names, names[0] ? " " : "",
				functions[i]->database, functions[i]->name);
	} while (token.length);
	return names;
}

static int open_one(void **state)
{
	struct fixture *f = malloc(sizeof *f);
	fixture_open(f, 0);
	assert_ok(make_database(f, "sales"), &f->err);
	assert_ok(make_database(f, "sales2"), &f->err);
	*state = f;
	return 0;
}

static int close_one(void **state)
{
	fixture_close(*state);
	free(*state);
	return 0;
}

static void patterns_match_whole_names_in_any_case(void **state)
{
	(void)state;
	static const struct {
		const char *pattern, *name;
		bool matches;
	} rows[] = {
		{"", "anything", true},
		{"*", "anything", true},
		{"to_eur", "to_eur", true},
		{"TO_eur", "to_EUR", true},
		{"to", "to_eur", false},
		{"eur", "to_eur", false},
		{"to_*", "to_", true},
		{"*eur", "to_eur", true},
		{"*eur", "to_eurx", false},
		{"a*b*c", "axxbyybzzc", true},
		{"a*b*c", "axxbyy", false},
		{"*aab", "aaaab", true},
		{"x|to_*", "to_eur", true},
		{"x|y", "to_eur", false},
		{"x|", "to_eur", false},
		{"to.eur", "to_eur", false},
		{"**", "a", true},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		if (pattern_matches(text_of(rows[i].pattern), text_of(rows[i].name)) !=
			rows[i].matches)
			fail_msg("'%s' on '%s'", rows[i].pattern, rows[i].name);
	}
}

static void a_function_is_there_once_under_its_folded_name(void **state)
{
	struct fixture *f = *state;
	Tenon__V1__Function *found;
	assert_ok(create(f, "Sales", "To_EUR"), &f->err);
	assert_int_equal(create(f, "sales", "to_eur"), STATUS_ALREADY_EXISTS);
	assert_int_equal(create(f, "nowhere", "to_eur"), STATUS_NOT_FOUND);
	fixture_reopen(f);
	assert_ok(get(f, "SALES", "TO_EUR", &found), &f->err);
	assert_string_equal(found->name, "to_eur");
	assert_string_equal(found->class_name, "com.acme.F");
	assert_true(found->create_time_us > 0);
	assert_int_equal(get(f, "sales2", "to_eur", &found), STATUS_NOT_FOUND);
}

static void an_update_keeps_the_time_of_creation_and_may_rename(void **state)
{
	struct fixture *f = *state;
	Tenon__V1__Function *before;
	Tenon__V1__Function *after;
	assert_ok(create(f, "sales", "a"), &f->err);
	assert_ok(create(f, "sales", "b"), &f->err);
	assert_ok(get(f, "sales", "a", &before), &f->err);
	Tenon__V1__Function *function = made(f, "", "");
	function->class_name = arena_text(f->arena, TEXT("G"));
	struct change change = {.what = UPDATE, .name = "a", .function = function};
	assert_ok(change_run(f, &change), &f->err);
	assert_ok(get(f, "sales", "a", &after), &f->err);
	assert_string_equal(after->class_name, "G");
	assert_int_equal(after->create_time_us, before->create_time_us);
	change.function = made(f, "sales", "b");
	assert_int_equal(change_run(f, &change), STATUS_ALREADY_EXISTS);
	change.function = made(f, "sales2", "a");
	assert_int_equal(change_run(f, &change), STATUS_INVALID_ARGUMENT);
	change.function = made(f, "sales", "C");
	assert_ok(change_run(f, &change), &f->err);
	assert_string_equal(listed(f, "", ""), "sales.b sales.c");
}

static void listings_are_in_order_and_by_pattern(void **state)
{
	struct fixture *f = *state;
	assert_ok(create(f, "sales2", "to_usd"), &f->err);
	assert_ok(create(f, "sales", "to_usd"), &f->err);
	assert_ok(create(f, "sales", "to_eur"), &f->err);
	assert_ok(create(f, "sales", "hash"), &f->err);
	assert_string_equal(
		listed(f, "", ""), "sales.hash sales.to_eur sales.to_usd sales2.to_usd");
	assert_string_equal(listed(f, "sales2", "*"), "sales2.to_usd");
	assert_string_equal(listed(f, "", "*USD|hash"), "sales.hash sales.to_usd sales2.to_usd");
	assert_string_equal(listed(f, "sales", "x*"), "");
}

static void functions_go_with_their_database_and_no_other(void **state)
{
	struct fixture *f = *state;
	assert_ok(create(f, "sales", "a"), &f->err);
	assert_ok(create(f, "sales2", "a"), &f->err);
	MUST(f, .what = TASK_DATABASE_DELETE, .name = "sales");
	assert_string_equal(listed(f, "", ""), "sales2.a");
	assert_ok(make_database(f, "sales"), &f->err);
	assert_string_equal(listed(f, "sales", ""), "");
	struct change change = {.what = DELETE, .name = "a"};
	assert_int_equal(change_run(f, &change), STATUS_NOT_FOUND);
	assert_ok(create(f, "sales", "a"), &f->err);
	assert_ok(change_run(f, &change), &f->err);
	assert_string_equal(listed(f, "", ""), "sales2.a");
}

static void what_is_out_of_bounds_is_refused(void **state)
{
	struct fixture *f = *state;
	char *none = arena_text(f->arena, TEXT(""));
	Tenon__V1__FunctionResource resource = TENON__V1__FUNCTION_RESOURCE__INIT;
	resource.type = TENON__V1__RESOURCE_TYPE__RESOURCE_TYPE_JAR;
	resource.uri = arena_text(f->arena, TEXT("/lake/a.jar"));
	Tenon__V1__Function *function = made(f, "sales", "a");
	function->resources =
		arena_array(f->arena, LIMIT_FUNCTION_RESOURCES + 1, sizeof *function->resources);
	for (size_t i = 0; i <= LIMIT_FUNCTION_RESOURCES; i++)
		function->resources[i] = &resource;
	struct change change = {.what = CREATE, .function = function};
	function->n_resources = LIMIT_FUNCTION_RESOURCES + 1;
	assert_int_equal(change_run(f, &change), STATUS_INVALID_ARGUMENT);
	function->n_resources = 1;
	resource.uri = none;
	assert_int_equal(change_run(f, &change), STATUS_INVALID_ARGUMENT);
	resource.uri = arena_text(f->arena, TEXT("/lake/a.jar"));
	resource.type = 0;
	assert_int_equal(change_run(f, &change), STATUS_INVALID_ARGUMENT);
	resource.type = TENON__V1__RESOURCE_TYPE__RESOURCE_TYPE_JAR;
	function->class_name = none;
	assert_int_equal(change_run(f, &change), STATUS_INVALID_ARGUMENT);
	function->class_name = arena_text(f->arena, TEXT("C"));
	function->type = 9;
	assert_int_equal(change_run(f, &change), STATUS_INVALID_ARGUMENT);
	function->type = 0;
	function->n_resources = LIMIT_FUNCTION_RESOURCES;
	assert_ok(change_run(f, &change), &f->err);
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, open_one, close_one)
	const struct CMUnitTest tests[] = {
		T(patterns_match_whole_names_in_any_case),
		T(a_function_is_there_once_under_its_folded_name),
		T(an_update_keeps_the_time_of_creation_and_may_rename),
		T(listings_are_in_order_and_by_pattern),
		T(functions_go_with_their_database_and_no_other),
		T(what_is_out_of_bounds_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
