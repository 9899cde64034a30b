#include "schema/resolve.h"
#include "tests/schema/pool.h"

static void policies_turn_choices_into_stored_types(void **state)
{
	(void)state;
	static const struct {
		const char *type, *keep, *string, *glue;
	} rows[] = {
		{"bigint53", "bigint", "bigint", "bigint"},
		{"null", "string", "string", "string"},
		{"array<null>", "array<string>", "array<string>", "array<string>"},
		{"int", "int", "int", "int"},
		{"choice<bigint,double>", "choice<bigint,double>", "string", "double"},
		{"choice<int,string>", "choice<int,string>", "string", "string"},
		{"choice<bigint53,boolean>", "choice<boolean,bigint>", "string", "string"},
		{"choice<double,decimal(18,2)>", "choice<double,decimal(18,2)>", "string",
			"string"},
		{"choice<array<null>,string>", "choice<string,array<string>>", "string", "string"},
		{"struct<a:array<choice<bigint,double>>,b:null>",
			"struct<a:array<choice<bigint,double>>,b:string>",
			"struct<a:array<string>,b:string>", "struct<a:array<double>,b:string>"},
		{"map<string,choice<int,string>>", "map<string,choice<int,string>>",
			"map<string,string>", "map<string,string>"},
	};
	OWNED(arena) arena = arena_new();
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const struct type *type = pool_type(arena, rows[i].type);
		assert_string_equal(
			type_text_exact(arena, type_resolved(arena, type, RESOLVE_KEEP)),
			rows[i].keep);
		assert_string_equal(
			type_text_exact(arena, type_resolved(arena, type, RESOLVE_STRING)),
			rows[i].string);
		assert_string_equal(
			type_text_exact(arena, type_resolved(arena, type, RESOLVE_GLUE)),
			rows[i].glue);
	}
}

static void resolving_twice_is_resolving_once(void **state)
{
	(void)state;
	OWNED(arena) arena = arena_new();
	struct pool_random random = {11};
	for (int round = 0; round < 3000; round++) {
		const struct type *type = pool_random_type(arena, &random, 3);
		for (enum resolve_policy policy = RESOLVE_KEEP; policy <= RESOLVE_GLUE; policy++) {
			const struct type *once = type_resolved(arena, type, policy);
			assert_true(type_equal(type_resolved(arena, once, policy), once));
			/* The catalog keeps the text: it must come back as it went. */
			assert_true(type_equal(pool_type(arena, type_text(arena, once)), once));
		}
		arena_reset(arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(policies_turn_choices_into_stored_types),
		cmocka_unit_test(resolving_twice_is_resolving_once),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
