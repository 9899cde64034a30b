#include "tests/schema/pool.h"

#include <stdlib.h>

static void assert_same(struct arena *arena, const char *law, const struct type *a,
	const struct type *b, const struct type *c, const struct type *left,
	const struct type *right)
{
	if (!type_equal(left, right))
		fail_msg("%s: a=%s b=%s c=%s: %s is not %s", law, type_text_exact(arena, a),
			type_text_exact(arena, b), type_text_exact(arena, c),
			type_text_exact(arena, left), type_text_exact(arena, right));
}

static void check_laws(
	struct arena *arena, const struct type *a, const struct type *b, const struct type *c)
{
	const struct type *ab = type_join(arena, a, b);
	const struct type *bc = type_join(arena, b, c);
	assert_same(arena, "commutative", a, b, c, ab, type_join(arena, b, a));
	assert_same(
		arena, "associative", a, b, c, type_join(arena, ab, c), type_join(arena, a, bc));
	assert_same(arena, "idempotent", a, b, c, type_join(arena, ab, ab), ab);
	assert_same(
		arena, "copy is equal", a, b, c, type_join(arena, ab, type_copy(arena, ab)), ab);
	assert_same(arena, "null is the identity", a, b, c,
		type_join(arena, ab, type_simple(TYPE_NULL)), ab);
	assert_same(arena, "absorbs its operands", a, b, c, type_join(arena, ab, b), ab);
	assert_true(type_widens(a, ab));
	assert_true(type_widens(b, ab));
}

static void join_is_a_lattice_join_on_every_triple_of_corners(void **state)
{
	(void)state;
	OWNED(arena) types = arena_new();
	OWNED(arena) arena = arena_new();
	const struct type *pool[POOL_CORNERS];
	for (size_t i = 0; i < POOL_CORNERS; i++)
		pool[i] = pool_type(types, pool_texts[i]);
	for (size_t i = 0; i < POOL_CORNERS; i++) {
		for (size_t j = 0; j < POOL_CORNERS; j++) {
			for (size_t k = 0; k < POOL_CORNERS; k++)
				check_laws(arena, pool[i], pool[j], pool[k]);
			arena_reset(arena);
		}
	}
}

static void join_is_a_lattice_join_on_random_trees(void **state)
{
	(void)state;
	OWNED(arena) arena = arena_new();
	struct pool_random random = {42};
	for (int round = 0; round < 20000; round++) {
		check_laws(arena, pool_random_type(arena, &random, 3),
			pool_random_type(arena, &random, 3), pool_random_type(arena, &random, 3));
		arena_reset(arena);
	}
}

/* All orders of arrival of the same scalars, decimals past 38 digits included. */
static void order_of_arrival_never_shows(void **state)
{
	(void)state;
	OWNED(arena) arena = arena_new();
	struct pool_random random = {7};
	for (int round = 0; round < 3000; round++) {
		const struct type *arrivals[8];
		const struct type *first = type_simple(TYPE_NULL);
		for (size_t i = 0; i < 8; i++) {
			uint16_t precision = (uint16_t)(1 + pool_next(&random, 38));
			arrivals[i] =
				pool_next(&random, 2)
					? type_decimal(arena, precision,
						  (uint16_t)pool_next(&random, precision + 1u))
					: pool_type(arena, pool_texts[pool_next(&random, 28)]);
			first = type_join(arena, first, arrivals[i]);
		}
		for (size_t i = 7; i > 0; i--) {
			size_t other = pool_next(&random, (uint32_t)i + 1);
			const struct type *swapped = arrivals[i];
			arrivals[i] = arrivals[other];
			arrivals[other] = swapped;
		}
		const struct type *again = type_simple(TYPE_NULL);
		for (size_t i = 0; i < 8; i++)
			again = type_join(arena, again, arrivals[i]);
		assert_same(arena, "order", first, first, first, first, again);
		arena_reset(arena);
	}
}

static void joins_are_as_the_table_says(void **state)
{
	(void)state;
	static const struct {
		const char *a, *b, *joined;
	} rows[] = {
		{"tinyint", "smallint", "smallint"},
		{"int", "bigint53", "bigint53"},
		{"bigint53", "bigint", "bigint"},
		{"int", "double", "double"},
		{"bigint53", "double", "double"},
		{"bigint", "double", "choice<bigint,double>"},
		{"smallint", "float", "float"},
		{"int", "float", "double"},
		{"float", "double", "double"},
		{"bigint", "float", "choice<bigint,double>"},
		{"int", "decimal(5,2)", "decimal(12,2)"},
		{"bigint", "decimal(5,2)", "decimal(21,2)"},
		{"decimal(10,0)", "decimal(4,4)", "decimal(14,4)"},
		{"decimal(5,2)", "double", "choice<double,decimal(18,2)>"},
		{"decimal(38,0)", "decimal(38,38)", "choice<decimal(38,0),decimal(38,38),string>"},
		{"date", "timestamp", "timestamp"},
		{"date", "string", "choice<string,date>"},
		{"char(3)", "char(5)", "char(5)"},
		{"char(9)", "varchar(2)", "varchar(9)"},
		{"varchar(2)", "string", "string"},
		{"int", "string", "choice<int,string>"},
		{"boolean", "int", "choice<boolean,int>"},
		{"binary", "string", "choice<string,binary>"},
		{"array<int>", "array<string>", "array<choice<int,string>>"},
		{"array<int>", "string", "choice<string,array<int>>"},
		{"struct<a:int>", "struct<b:int,A:double>", "struct<a:double,b:int>"},
		{"choice<int,string>", "choice<boolean,double>", "choice<boolean,double,string>"},
		{"map<string,int>", "struct<a:int>", "choice<map<string,int>,struct<a:int>>"},
	};
	OWNED(arena) arena = arena_new();
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const struct type *joined =
			type_join(arena, pool_type(arena, rows[i].a), pool_type(arena, rows[i].b));
		assert_string_equal(type_text_exact(arena, joined), rows[i].joined);
	}
}

static void a_join_that_adds_nothing_shares_its_left_operand(void **state)
{
	(void)state;
	OWNED(arena) arena = arena_new();
	const struct type *wide = pool_type(arena,
		"struct<a:choice<int,string>,b:array<struct<c:double>>,d:map<string,bigint>>");
	const struct type *narrow =
		pool_type(arena, "struct<b:array<struct<c:int>>,a:int,d:map<string,null>>");
	assert_ptr_equal(type_join(arena, wide, narrow), wide);
}

static void wide_structs_join_in_linear_time(void **state)
{
	(void)state;
	OWNED(arena) arena = arena_new();
	enum { WIDE = 50000 };
	struct field *fields = memory_new_array(WIDE, sizeof *fields);
	for (size_t i = 0; i < WIDE; i++)
		fields[i] = (struct field){
			text_of(arena_printf(arena, "column_%zu", i)), type_simple(TYPE_INT)};
	const struct type *left = type_struct(arena, fields, WIDE);
	for (size_t i = 0; i < WIDE / 2; i++) {
		struct field swapped = fields[i];
		fields[i] = fields[WIDE - 1 - i];
		fields[WIDE - 1 - i] = swapped;
	}
	const struct type *right = type_struct(arena, fields, WIDE);
	free(fields);
	assert_ptr_equal(type_join(arena, left, right), left);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(joins_are_as_the_table_says),
		cmocka_unit_test(join_is_a_lattice_join_on_every_triple_of_corners),
		cmocka_unit_test(join_is_a_lattice_join_on_random_trees),
		cmocka_unit_test(order_of_arrival_never_shows),
		cmocka_unit_test(a_join_that_adds_nothing_shares_its_left_operand),
		cmocka_unit_test(wide_structs_join_in_linear_time),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
