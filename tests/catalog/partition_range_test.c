#include "tests/unit.h"

#include "base/buffer.h"
#include "base/limits.h"
#include "catalog/partition_range.h"
#include "schema/notation.h"

enum { KEYS = 3 };

struct ranges_case {
	const char *expression;
	size_t count, joined;
	size_t fixed; /* of the first range */
	bool narrowed;
};

static void ranges_make(struct arena *arena, const char *expression, size_t key_count,
	struct partition_ranges *ranges)
{
	static const enum type_kind types[KEYS] = {TYPE_INT, TYPE_STRING, TYPE_DATE};
	static const char *const names[KEYS] = {"year", "name", "day"};
	static const uint32_t positions[KEYS] = {0, 1, 2};
	struct column keys[KEYS];
	for (size_t i = 0; i < KEYS; i++)
		keys[i] = (struct column){.name = text_of(names[i]), .type = type_simple(types[i])};
	const struct schema schema = {.keys = keys, .key_count = KEYS};
	const struct partition_order order = {TEXT("table id"), positions, key_count};
	struct error err;
	const struct predicate *predicate = NULL;
	if (expression)
		assert_ok(predicate_parse(arena, text_of(expression), keys, KEYS, &predicate, &err),
			&err);
	assert_ok(partition_ranges_of(&order, &schema, predicate, arena, ranges, &err), &err);
	for (size_t i = 0; i < ranges->count; i++) {
		const struct partition_range *range = &ranges->at[i];
		assert_true(text_starts(range->from, order.prefix));
		assert_true(text_compare(range->from, range->until) < 0);
		if (i > 0)
			assert_true(text_compare(range[-1].until, range->from) <= 0);
	}
}

static void an_expression_is_a_union_of_ranges(void **state)
{
	(void)state;
	static const struct ranges_case rows[] = {
		{NULL, 1, 1, 0, false},
		{"name = 'x'", 1, 1, 0, false},
		{"year = 1", 1, 1, 1, false},
		{"year in (1, 5, 9)", 3, 3, 1, false},
		{"year in (1, 2, 3)", 3, 1, 1, false},
		{"year = 1 or year between 7 and 9", 2, 2, 1, false},
		{"year > 5", 1, 1, 0, true},
		{"year > 5 and name = 'x'", 1, 1, 0, true},
		{"year in (1, 2, 3) and name = 'x'", 3, 3, 2, false},
		{"year in (1, 2) and name in ('x', 'z')", 4, 4, 2, false},
		{"year = 1 and name = 'x' or year = 2 and name = 'y'", 2, 2, 2, false},
		{"year = 1 and name like 'x%'", 1, 1, 1, true},
		{"year = 1 and name = 'x' and day = '2020-01-01'", 1, 1, 3, false},
		{"year = 1 or name = 'x'", 1, 1, 0, false},
		{"year = 1 and year = 2", 0, 0, 0, false},
		{"year = 1 and (name = 'x' and name = 'y')", 0, 0, 0, false},
	};
	OWNED(arena) arena = arena_new();
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct partition_ranges ranges;
		ranges_make(arena, rows[i].expression, KEYS, &ranges);
		bool same = ranges.count == rows[i].count;
		if (same && ranges.count)
			same = ranges.at[0].fixed == rows[i].fixed &&
			       ranges.at[0].narrowed == rows[i].narrowed;
		partition_ranges_join(&ranges);
		if (!same || ranges.count != rows[i].joined)
			fail_msg("%s: %zu", rows[i].expression, ranges.count);
	}
}

/* What would make too many is not divided by the next key. */
static void ranges_are_bounded_in_number(void **state)
{
	(void)state;
	OWNED(arena) arena = arena_new();
	struct buffer SCOPED_BUFFER expression = {0};
	buffer_init(&expression, LIMIT_EXPRESSION_BYTES);
	buffer_add_string(&expression, "year in (0");
	for (int i = 1; i < 200; i++)
		buffer_printf(&expression, ",%d", 2 * i);
	buffer_add_string(&expression, ") and name in ('a'");
	for (int i = 1; i < 100; i++)
		buffer_printf(&expression, ",'%d'", i);
	buffer_add_string(&expression, ")");
	buffer_add_byte(&expression, 0);
	assert_false(expression.full);
	struct partition_ranges ranges;
	ranges_make(arena, expression.at, KEYS, &ranges);
	assert_int_equal(ranges.count, 200);
	assert_int_equal(ranges.at[0].fixed, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_expression_is_a_union_of_ranges),
		cmocka_unit_test(ranges_are_bounded_in_number),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
