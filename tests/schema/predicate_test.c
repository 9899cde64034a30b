#include "schema/predicate.h"
#include "tests/schema/pool.h"

enum { KEYS = 5 };
static const char *const key_names[KEYS] = {"year", "name", "day", "price", "at"};
static const char *const key_types[KEYS] = {"int", "string", "date", "decimal(6,2)", "timestamp"};

static void keys_make(struct arena *arena, struct column keys[KEYS])
{
	for (size_t i = 0; i < KEYS; i++)
		keys[i] = (struct column){
			.name = text_of(key_names[i]), .type = pool_type(arena, key_types[i])};
}

static void expressions_match_as_sql_does(void **state)
{
	(void)state;
	static const struct {
		const char *expression;
		bool matches;
	} rows[] = {
		/* year 2013 (as "02013"), name it's, day 2013-05-06, price 9.50, at null */
		{"year = 2013", true},
		{"year == 2013", true},
		{"YEAR = '2013'", true},
		{"`year` = 2013", true},
		{"year <> 2013", false},
		{"year != 2012", true},
		{"year < 10000", true},
		{"year > 9", true},
		{"year >= 2014", false},
		{"year <= 2013", true},
		{"year in (1, 2013)", true},
		{"year NOT IN (1, 2013)", false},
		{"year between 2013 and 2014", true},
		{"year not between 2013 and 2014", false},
		{"year = 2012 or year = 2013 and name = 'x'", false},
		{"(year = 2012 or year = 2013) and name like 'it%'", true},
		{"not year = 2012", true},
		{"not not year = 2012", false},
		{"not (year = 2013 and name = 'x')", true},
		{"((year)) = (2013)", true},
		{"(((year) = ((2013))))", true},
		{"name = 'it''s'", true},
		{"name = 'it\\'s'", true},
		{"name = \"it's\"", true},
		{"name > 'is'", true},
		{"name = 5", false},
		{"name < 9", false},
		{"name like 'it_s'", true},
		{"name like '%s'", true},
		{"name like '%t%s%'", true},
		{"name like '%'", true},
		{"name like ''", false},
		{"name like 'IT%'", false},
		{"name not like '_s'", true},
		{"name like 'it\\_s'", false},
		{"day = '2013-05-06'", true},
		{"day > DATE '2013-05-05'", true},
		{"day between '2013-01-01' and '2013-12-31'", true},
		{"price = 9.5", true},
		{"price = '9.50'", true},
		{"price > 10", false},
		{"price > -1", true},
		{"at is null", true},
		{"at is not null", false},
		{"year is null", false},
		{"at = '2013-01-01 00:00:00'", false},
		{"not at = '2013-01-01 00:00:00'", false},
		{"at = '2013-01-01 00:00:00' or year = 2013", true},
		{"not (at = '2013-01-01 00:00:00' and year = 2012)", true},
	};
	OWNED(arena) arena = arena_new();
	struct column keys[KEYS];
	keys_make(arena, keys);
	const struct text values[KEYS] = {TEXT("02013"), TEXT("it's"), TEXT("2013-05-06"),
		TEXT("9.50"), TEXT("__HIVE_DEFAULT_PARTITION__")};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct error err;
		const struct predicate *predicate;
		bool matches = !rows[i].matches;
		assert_ok(predicate_parse(
				  arena, text_of(rows[i].expression), keys, KEYS, &predicate, &err),
			&err);
		assert_ok(predicate_matches(predicate, values, &matches, &err), &err);
		if (matches != rows[i].matches)
			fail_msg("%s", rows[i].expression);
	}
}

static void like_takes_characters_and_little_time(void **state)
{
	(void)state;
	OWNED(arena) arena = arena_new();
	struct column key = {.name = TEXT("k"), .type = type_simple(TYPE_STRING)};
	struct error err;
	const struct predicate *predicate;
	bool matches;
	struct text umlaut = TEXT("größe");
	assert_ok(predicate_parse(arena, TEXT("k like 'gr__e'"), &key, 1, &predicate, &err), &err);
	assert_ok(predicate_matches(predicate, &umlaut, &matches, &err), &err);
	assert_true(matches);
	char *long_text = arena_alloc(arena, 1001);
	memset(long_text, 'a', 1000);
	struct text value = {long_text, 1000};
	assert_ok(predicate_parse(arena,
			  TEXT("k like '%a%a%a%a%a%a%a%a%a%a%a%a%a%a%a%a%a%a%a%a%a%a%a%b'"), &key,
			  1, &predicate, &err),
		&err);
	assert_ok(predicate_matches(predicate, &value, &matches, &err), &err);
	assert_false(matches);
}

static void wrong_expressions_say_what_and_where(void **state)
{
	(void)state;
	static const struct {
		const char *expression, *message;
	} rows[] = {
		{"", "where it ends"},
		{"year", "expected a comparison"},
		{"year =", "a number or a quoted literal at byte 6"},
		{"month = 1",
			"unknown column 'month' at byte 0: the partition keys are 'year', 'name'"},
		{"2013 = year", "a partition key's name"},
		{"year = name", "a number or a quoted literal"},
		{"year = 2.5", "'2.5' at byte 7 is not a value of key 'year' of type int"},
		{"year = 'x'", "is not a value of key 'year'"},
		{"year = ''", "is not a value of key 'year'"},
		{"year like '2%'", "LIKE at byte 10 needs a text key, and 'year' is a int"},
		{"day = 20130506", "must be quoted"},
		{"day = '2013-02-30'", "not a value of key 'day'"},
		{"name = 'x", "the quote at byte 7 is never closed"},
		{"year = 1 year = 2", "AND, OR or the end at byte 9"},
		{"(year = 1", "')'"},
		{"year in ()", "a number or a quoted literal"},
		{"year in (1 2)", "',' or ')'"},
		{"year between 1 or 2", "AND"},
		{"year = 10L", "at byte 9"},
		{"year # 1", "unexpected '#' at byte 5"},
		{"year is 1", "NULL"},
	};
	OWNED(arena) arena = arena_new();
	struct column keys[KEYS];
	keys_make(arena, keys);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct error err;
		const struct predicate *predicate;
		assert_int_equal(predicate_parse(arena, text_of(rows[i].expression), keys, KEYS,
					 &predicate, &err),
			STATUS_INVALID_ARGUMENT);
		if (!strstr(err.message, rows[i].message))
			fail_msg("'%s' does not say '%s'", err.message, rows[i].message);
	}
}

static void keys_of_other_types_and_no_keys_are_named(void **state)
{
	(void)state;
	OWNED(arena) arena = arena_new();
	struct error err;
	const struct predicate *predicate;
	struct column key = {.name = TEXT("k"), .type = type_simple(TYPE_DOUBLE)};
	assert_int_equal(predicate_parse(arena, TEXT("k = 1"), &key, 1, &predicate, &err),
		STATUS_INVALID_ARGUMENT);
	assert_non_null(strstr(err.message, "unknown type 'double'"));
	assert_int_equal(predicate_parse(arena, TEXT("k = 1"), NULL, 0, &predicate, &err),
		STATUS_INVALID_ARGUMENT);
	assert_non_null(strstr(err.message, "not partitioned"));
}

static void a_stored_value_of_another_type_is_a_failed_precondition(void **state)
{
	(void)state;
	OWNED(arena) arena = arena_new();
	struct column key = {.name = TEXT("k"), .type = type_simple(TYPE_INT)};
	struct error err;
	const struct predicate *predicate;
	bool matches;
	struct text value = TEXT("abc");
	assert_ok(predicate_parse(arena, TEXT("k = 1"), &key, 1, &predicate, &err), &err);
	assert_int_equal(
		predicate_matches(predicate, &value, &matches, &err), STATUS_FAILED_PRECONDITION);
	assert_non_null(strstr(err.message, "'abc'"));
}

static void deep_and_long_expressions_are_refused(void **state)
{
	(void)state;
	OWNED(arena) arena = arena_new();
	struct column key = {.name = TEXT("k"), .type = type_simple(TYPE_INT)};
	struct error err;
	const struct predicate *predicate;
	char *text = arena_alloc(arena, 1000001);
	memset(text, '(', 1000000);
	for (size_t length = 1000; length <= 1000000; length *= 1000) {
		enum status status = predicate_parse(
			arena, (struct text){text, length}, &key, 1, &predicate, &err);
		assert_int_equal(status, STATUS_RESOURCE_EXHAUSTED);
	}
}

static void leading_keys_fixed_by_equality_are_the_prefix(void **state)
{
	(void)state;
	static const struct {
		const char *expression;
		size_t count;
		const char *first, *second;
	} rows[] = {
		{"year = 2013", 1, "2013", NULL},
		{"name = 'x' and year = '2013' and price > 1", 2, "2013", "x"},
		{"name = 'x'", 0, NULL, NULL},
		{"year = 2013 or name = 'x'", 0, NULL, NULL},
		{"not year = 2013", 0, NULL, NULL},
		{"year <> 2013", 0, NULL, NULL},
		{"(year = 2013 and day = '2013-01-01')", 1, "2013", NULL},
	};
	OWNED(arena) arena = arena_new();
	struct column keys[KEYS];
	keys_make(arena, keys);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct error err;
		const struct predicate *predicate;
		struct text values[KEYS];
		assert_ok(predicate_parse(
				  arena, text_of(rows[i].expression), keys, KEYS, &predicate, &err),
			&err);
		assert_int_equal(predicate_prefix(predicate, values), rows[i].count);
		if (rows[i].count > 0)
			assert_text_equal(values[0], rows[i].first);
		if (rows[i].count > 1)
			assert_text_equal(values[1], rows[i].second);
	}
}

static void a_key_is_bounded_by_a_top_level_and(void **state)
{
	(void)state;
	static const struct {
		const char *expression, *range;
	} rows[] = {
		{"year < 5", "-..5)"},
		{"year <= 5 and year < 5", "-..5)"},
		{"year >= 5", "[5..-"},
		{"not year <= 5", "(5..-"},
		{"year > 5 and year >= 5 and name = 'x'", "(5..-"},
		{"year between 3 and 9 and year in (7, 4, 12)", "[4..9]"},
		{"year = 7", "[7..7]"},
		{"year not between 3 and 9", "-..-"},
		{"year not in (3)", "-..-"},
		{"year > 3 or year < 2", "-..-"},
		{"not (year > 3 and year < 7)", "-..-"},
		{"name > 'x'", "-..-"},
	};
	OWNED(arena) arena = arena_new();
	struct column keys[KEYS];
	keys_make(arena, keys);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct error err;
		const struct predicate *predicate;
		struct predicate_range range;
		assert_ok(predicate_parse(
				  arena, text_of(rows[i].expression), keys, KEYS, &predicate, &err),
			&err);
		bool bounded = predicate_range(predicate, 0, &range);
		assert_int_equal(bounded, range.has_lower || range.has_upper);
		const char *lower = range.has_lower ? arena_printf(arena, "%s%.*s",
							      range.lower_exclusive ? "(" : "[",
							      TEXT_ARG(range.lower))
						    : "-";
		const char *upper = range.has_upper
					    ? arena_printf(arena, "%.*s%s", TEXT_ARG(range.upper),
						      range.upper_exclusive ? ")" : "]")
					    : "-";
		const char *got = arena_printf(arena, "%s..%s", lower, upper);
		if (strcmp(got, rows[i].range) != 0)
			fail_msg("%s: %s", rows[i].expression, got);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(expressions_match_as_sql_does),
		cmocka_unit_test(like_takes_characters_and_little_time),
		cmocka_unit_test(wrong_expressions_say_what_and_where),
		cmocka_unit_test(keys_of_other_types_and_no_keys_are_named),
		cmocka_unit_test(a_stored_value_of_another_type_is_a_failed_precondition),
		cmocka_unit_test(deep_and_long_expressions_are_refused),
		cmocka_unit_test(leading_keys_fixed_by_equality_are_the_prefix),
		cmocka_unit_test(a_key_is_bounded_by_a_top_level_and),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
