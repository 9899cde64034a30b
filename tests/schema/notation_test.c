#include "tests/schema/pool.h"

#include "base/clock.h"

#include <stdlib.h>

static void exact_text_parses_back_equal(void **state)
{
	(void)state;
	OWNED(arena) arena = arena_new();
	struct pool_random random = {99};
	for (int round = 0; round < 20000; round++) {
		const struct type *type = pool_random_type(arena, &random, 4);
		const char *text = type_text_exact(arena, type);
		const struct type *again = pool_type(arena, text);
		if (!type_equal(type, again))
			fail_msg("%s came back as %s", text, type_text_exact(arena, again));
		assert_string_equal(type_text_exact(arena, again), text);
		arena_reset(arena);
	}
}

static void spellings_mean_one_type(void **state)
{
	(void)state;
	static const struct {
		const char *text, *printed;
	} rows[] = {
		{"BIGINT", "bigint"},
		{"long", "bigint"},
		{"bigint53", "bigint"},
		{" Integer ", "int"},
		{"short", "smallint"},
		{"void", "null"},
		{"decimal", "decimal(10,0)"},
		{"DECIMAL ( 7 )", "decimal(7,0)"},
		{"numeric(7, 3)", "decimal(7,3)"},
		{"varchar(65535)", "varchar(65535)"},
		{"array < struct < a : int , `b c` : string > >",
			"array<struct<a:int,`b c`:string>>"},
		{"struct<$oid:string,a-b:int>", "struct<`$oid`:string,`a-b`:int>"},
		{"struct<`x``y`:int>", "struct<`x``y`:int>"},
		{"uniontype<string,int>", "choice<int,string>"},
		{"choice<int,double>", "double"},
		{"choice<int>", "int"},
		{"map<int,array<null>>", "map<int,array<null>>"},
		{"struct<>", "struct<>"},
	};
	OWNED(arena) arena = arena_new();
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		assert_string_equal(
			type_text(arena, pool_type(arena, rows[i].text)), rows[i].printed);
}

static void wrong_text_is_refused_with_its_place(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		enum status status;
		const char *message;
	} rows[] = {
		{"", STATUS_INVALID_ARGUMENT, "byte 0, where the type ends"},
		{"strng", STATUS_INVALID_ARGUMENT, "byte 0, before 'strng'"},
		{"array<int", STATUS_INVALID_ARGUMENT, "expected '>' at byte 9"},
		{"array<>", STATUS_INVALID_ARGUMENT, "byte 6, before '>'"},
		{"map<int>", STATUS_INVALID_ARGUMENT, "expected ',' at byte 7"},
		{"decimal(39,0)", STATUS_INVALID_ARGUMENT, "from 1 to 38 at byte 8"},
		{"decimal(5,6)", STATUS_INVALID_ARGUMENT, "from 0 to 5 at byte 10"},
		{"char(0)", STATUS_INVALID_ARGUMENT, "from 1 to 255"},
		{"varchar", STATUS_INVALID_ARGUMENT, "expected '(' at byte 7"},
		{"int int", STATUS_INVALID_ARGUMENT, "the end of the type at byte 4"},
		{"struct<a int>", STATUS_INVALID_ARGUMENT, "expected ':'"},
		{"struct<`a:int>", STATUS_INVALID_ARGUMENT, "closing backtick"},
		{"struct<:int>", STATUS_INVALID_ARGUMENT, "field name"},
		{"choice<choice<int,string>,date>", STATUS_INVALID_ARGUMENT,
			"directly in a choice"},
		{"struct<a:int,A:int>", STATUS_INVALID_ARGUMENT, "'A' stands twice"},
	};
	OWNED(arena) arena = arena_new();
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct error err;
		const struct type *type;
		assert_int_equal(
			type_parse(arena, text_of(rows[i].text), &type, &err), rows[i].status);
		if (!strstr(err.message, rows[i].message))
			fail_msg("'%s' does not say '%s'", err.message, rows[i].message);
	}
}

static struct text repeated(struct arena *arena, const char *piece, size_t times)
{
	size_t length = strlen(piece);
	char *text = arena_alloc(arena, length * times + 1);
	for (size_t i = 0; i < times; i++)
		memcpy(text + i * length, piece, length);
	return (struct text){text, length * times};
}

static void hostile_text_is_refused_quickly(void **state)
{
	(void)state;
	OWNED(arena) arena = arena_new();
	static const struct {
		const char *piece;
		size_t times;
	} rows[] = {
		{"array<", 10000},
		{"struct<a:", 10000},
		{"map<int,", 10000},
		{"choice<", 10000},
		{"choice<array<", 10000},
		{"struct<a:int,", 80000},
		{"a", 1000000},
		{"`", 1000000},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct error err;
		const struct type *type;
		struct text text = repeated(arena, rows[i].piece, rows[i].times);
		uint64_t start = clock_monotonic_ns();
		enum status status = type_parse(arena, text, &type, &err);
		assert_true(
			status == STATUS_INVALID_ARGUMENT || status == STATUS_RESOURCE_EXHAUSTED);
		assert_true(clock_monotonic_ns() - start < UINT64_C(200000000));
	}
}

static void sixty_four_levels_are_a_type_and_one_more_is_not(void **state)
{
	(void)state;
	OWNED(arena) arena = arena_new();
	for (size_t depth = 64; depth <= 65; depth++) {
		struct buffer SCOPED_BUFFER out;
		buffer_init(&out, 4096);
		for (size_t i = 0; i < depth; i++)
			buffer_add_string(&out, "array<");
		buffer_add_string(&out, "int");
		for (size_t i = 0; i < depth; i++)
			buffer_add_byte(&out, '>');
		struct error err;
		const struct type *type;
		assert_int_equal(type_parse(arena, buffer_text(&out), &type, &err),
			depth == 64 ? STATUS_OK : STATUS_RESOURCE_EXHAUSTED);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(exact_text_parses_back_equal),
		cmocka_unit_test(spellings_mean_one_type),
		cmocka_unit_test(wrong_text_is_refused_with_its_place),
		cmocka_unit_test(hostile_text_is_refused_quickly),
		cmocka_unit_test(sixty_four_levels_are_a_type_and_one_more_is_not),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
