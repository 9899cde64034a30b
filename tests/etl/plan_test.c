#include "tests/unit.h"

#include "base/partition_folder.h"
#include "etl/args.h"
#include "etl/names.h"
#include "etl/path.h"
#include "etl/plan.h"
#include "schema/notation.h"

#include <stdio.h>

static void paths_have_one_form(void **state)
{
	(void)state;
	static const struct {
		const char *written, *normal; /* NULL: refused */
	} rows[] = {
		{"a", "a"},
		{"A.bC", "a.bc"},
		{"`a.b`.c", "`a.b`.c"},
		{"items[].sku", "items[].sku"},
		{"m[][].x", "m[][].x"},
		{"`x y`", "x y"},
		{"a[]", "a[]"},
		{"", NULL},
		{"a..b", NULL},
		{"`a", NULL},
		{"a[0]", NULL},
		{"a[].", "a[]"},
	};
	OWNED(arena) arena = arena_new();
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct text path;
		struct error err;
		enum status status = path_parse(arena, rows[i].written, &path, &err);
		assert_int_equal(status, rows[i].normal ? STATUS_OK : STATUS_INVALID_ARGUMENT);
		if (rows[i].normal)
			assert_text_equal(path, rows[i].normal);
	}
	assert_true(path_within(TEXT("a.b"), TEXT("a")));
	assert_true(path_within(TEXT("a[]"), TEXT("a")));
	assert_false(path_within(TEXT("ab"), TEXT("a")));
	assert_false(path_within(TEXT("a"), TEXT("a.b")));
}

static void deep_paths_are_refused(void **state)
{
	(void)state;
	OWNED(arena) arena = arena_new();
	char *deep = arena_alloc(arena, 4001);
	for (size_t i = 0; i < 2000; i++)
		memcpy(deep + 2 * i, "a.", 2);
	deep[3999] = '\0';
	struct text path;
	struct error err;
	assert_int_equal(path_parse(arena, deep, &path, &err), STATUS_RESOURCE_EXHAUSTED);
	struct text *names = NULL;
	size_t count = 0;
	assert_int_equal(path_names(arena, deep, &names, &count, &err), STATUS_RESOURCE_EXHAUSTED);
}

static void partition_values_survive_their_folders(void **state)
{
	(void)state;
	static const char *const rows[][2] = {{"2013", "2013"}, {"a b/c", "a b%2Fc"},
		{"100%", "100%25"}, {"k=v", "k%3Dv"}, {"", ""}, {"\xc3\xa9", "\xc3\xa9"}};
	OWNED(arena) arena = arena_new();
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct text folder = folder_value_encode(arena, text_of(rows[i][0]));
		assert_text_equal(folder, rows[i][1]);
		assert_text_equal(folder_value_decode(arena, folder), rows[i][0]);
	}
	assert_text_equal(folder_value_decode(arena, TEXT("%zz%2")), "%zz%2");
	assert_text_equal(folder_value_decode(arena, TEXT("x%2f")), "x/");
}

static void glues_names_of_types_are_hives(void **state)
{
	(void)state;
	static const char *const rows[][2] = {{"long", "bigint"}, {"short", "smallint"},
		{"byte", "tinyint"}, {"decimal", "decimal(10,2)"}, {"Decimal(5,1)", "decimal(5,1)"},
		{" int ", "int"}, {"array<long>", "array<bigint>"}, {"bool", "boolean"}};
	OWNED(arena) arena = arena_new();
	struct error err;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const struct type *type = NULL;
		assert_ok(glue_type_parse(arena, rows[i][0], &type, &err), &err);
		assert_string_equal(type_text(arena, type), rows[i][1]);
	}
}

static void arguments_are_replaced_in_every_text(void **state)
{
	(void)state;
	static const struct {
		const char *written, *result; /* NULL: refused */
	} rows[] = {
		{"plain", "plain"},
		{"${day}", "2020-01-02"},
		{"x${day}y${n}z", "x2020-01-02y${day}z"},
		{"$${day}", "${day}"},
		{"cost $5 {x}", "cost $5 {x}"},
		{"${nix}", NULL},
		{"${day", NULL},
		{"", ""},
	};
	static const struct arg args[] = {{"day", "2020-01-02"}, {"n", "${day}"}};
	OWNED(arena) arena = arena_new();
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char name[] = "n", written[64];
		char *paths[] = {name, written};
		snprintf(written, sizeof written, "%s", rows[i].written);
		Tenon__V1__SelectFields select = TENON__V1__SELECT_FIELDS__INIT;
		select.paths = paths;
		select.n_paths = 2;
		Tenon__V1__Node node = TENON__V1__NODE__INIT, *nodes[] = {&node};
		node.name = name;
		node.kind_case = TENON__V1__NODE__KIND_SELECT_FIELDS;
		node.select_fields = &select;
		Tenon__V1__Plan plan = TENON__V1__PLAN__INIT;
		plan.nodes = nodes;
		plan.n_nodes = 1;
		ProtobufCMessage *copy = NULL;
		struct error err;
		enum status status = args_apply(arena, &plan.base, args, 2, &copy, &err);
		assert_int_equal(status, rows[i].result ? STATUS_OK : STATUS_INVALID_ARGUMENT);
		if (!rows[i].result)
			continue;
		const Tenon__V1__Plan *made = (const Tenon__V1__Plan *)copy;
		assert_string_equal(made->nodes[0]->select_fields->paths[1], rows[i].result);
		assert_string_equal(written, rows[i].written);
	}
}

static void a_plan_is_ordered_whatever_order_it_was_written_in(void **state)
{
	(void)state;
	/* c reads b, b reads a, and the target reads c */
	static const size_t orders[][4] = {{0, 1, 2, 3}, {3, 2, 1, 0}, {2, 0, 3, 1}};
	OWNED(arena) arena = arena_new();
	for (size_t i = 0; i < 3; i++) {
		Tenon__V1__Node nodes[4], *list[4];
		char names[4][4] = {"a", "b", "c", "out"}, upper[4][4] = {"A", "B", "C", "OUT"};
		char *inputs[4] = {upper[0], upper[1], upper[2], NULL};
		for (size_t k = 0; k < 4; k++) {
			tenon__v1__node__init(&nodes[k]);
			nodes[k].name = names[k];
			nodes[k].kind_case = TENON__V1__NODE__KIND_FILTER;
			nodes[k].inputs = k ? &inputs[k - 1] : NULL;
			nodes[k].n_inputs = k > 0;
		}
		nodes[0].kind_case = TENON__V1__NODE__KIND_SOURCE;
		nodes[3].kind_case = TENON__V1__NODE__KIND_TARGET;
		for (size_t k = 0; k < 4; k++)
			list[k] = &nodes[orders[i][k]];
		Tenon__V1__Plan plan = TENON__V1__PLAN__INIT;
		plan.nodes = list;
		plan.n_nodes = 4;
		struct plan ordered;
		struct error err;
		assert_ok(plan_order(arena, &plan, &ordered, &err), &err);
		for (size_t k = 0; k < 4; k++)
			assert_ptr_equal(ordered.nodes[k], &nodes[k]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(paths_have_one_form),
		cmocka_unit_test(deep_paths_are_refused),
		cmocka_unit_test(partition_values_survive_their_folders),
		cmocka_unit_test(glues_names_of_types_are_hives),
		cmocka_unit_test(arguments_are_replaced_in_every_text),
		cmocka_unit_test(a_plan_is_ordered_whatever_order_it_was_written_in),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
