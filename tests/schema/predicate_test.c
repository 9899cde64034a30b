#include "schema/predicate.h"
#include "schema/value.h"
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

static const char *span_text(
	struct arena *arena, const struct predicate_span *span, const struct type *type)
{
	struct error err;
	struct text from = span->from;
	struct text until = span->until;
	struct text value;
	const char *text = "";
	if (span->point.at)
		return arena_printf(arena, " =%.*s", TEXT_ARG(span->point));
	if (from.length > 1) {
		assert_ok(value_decode(arena, type, &from, &value, &err), &err);
		text = arena_printf(arena, "%.*s", TEXT_ARG(value));
	} else if (from.at[0] == 0) {
		text = "null";
	}
	text = arena_printf(arena, " %s..", text);
	if (until.length <= 1)
		return text;
	assert_ok(value_decode(arena, type, &until, &value, &err), &err);
	return arena_printf(arena, "%s%.*s", text, TEXT_ARG(value));
}

/* Of whole numbers what is behind n is n + 1. */
static void a_key_is_where_its_tests_can_hold(void **state)
{
	(void)state;
	static const struct {
		const char *expression, *spans;
	} rows[] = {
		{"year = 2013", " =2013"},
		{"year < 5", " ..5"},
		{"year <= 5 and year < 5", " ..5"},
		{"year >= 5", " 5.."},
		{"not year <= 5", " 6.."},
		{"year > 5 and year >= 5 and name = 'x'", " 6.."},
		{"year between 3 and 9 and year in (7, 4, 12)", " =4 =7"},
		{"year in (3, 1, 2, 1)", " =1 =2 =3"},
		{"year = 1 or year between 5 and 6 or year = 5", " =1 5..7"},
		{"year > 3 or year < 2", " ..2 4.."},
		{"year not between 3 and 9", " ..3 10.."},
		{"year between 9 and 3", ""},
		{"year not in (3, 5)", " ..3 4..5 6.."},
		{"year <> 3", " ..3 4.."},
		{"not (year > 3 and year < 7)", " ..4 7.."},
		{"not (year = 3 or year = 5)", " ..3 4..5 6.."},
		{"year = 1 and year = 2", ""},
		{"year is null", " =__HIVE_DEFAULT_PARTITION__"},
		{"year is not null", " .."},
		{"year is null or year = 2", " =__HIVE_DEFAULT_PARTITION__ =2"},
		{"name > 'x'", " null.."},
		{"year = 1 or name = 'x'", " null.."},
		{"not (year = 1 or name = 'x')", " ..1 2.."},
		{"not (year = 1 and name = 'x')", " null.."},
	};
	OWNED(arena) arena = arena_new();
	struct column keys[KEYS];
	const struct text fixed[KEYS] = {{0}};
	keys_make(arena, keys);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct error err;
		const struct predicate *predicate;
		struct predicate_span *spans;
		size_t count;
		const char *got = "";
		assert_ok(predicate_parse(
				  arena, text_of(rows[i].expression), keys, KEYS, &predicate, &err),
			&err);
		assert_ok(predicate_spans(predicate, 0, fixed, arena, &spans, &count, &err), &err);
		for (size_t k = 0; k < count; k++)
			got = arena_printf(
				arena, "%s%s", got, span_text(arena, &spans[k], keys[0].type));
		if (strcmp(got, rows[i].spans) != 0)
			fail_msg("%s:%s, not%s", rows[i].expression, got, rows[i].spans);
	}
}

static void what_is_known_of_other_keys_narrows_a_key(void **state)
{
	(void)state;
	static const struct {
		const char *expression;
		size_t count;
	} rows[] = {
		/* where name is 'x' */
		{"year = 1 and name = 'x' or year = 2 and name = 'y'", 1},
		{"year in (1, 3) and name = 'x' or year = 2 and not name = 'y'", 3},
		{"year = 1 and name like 'y%'", 0},
		{"year = 1 and day = '2020-01-01'", 1},
		{"not (year <> 1 or name = 'y')", 1},
	};
	OWNED(arena) arena = arena_new();
	struct column keys[KEYS];
	const struct text fixed[KEYS] = {{0}, TEXT("x")};
	keys_make(arena, keys);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct error err;
		const struct predicate *predicate;
		struct predicate_span *spans;
		size_t count;
		assert_ok(predicate_parse(
				  arena, text_of(rows[i].expression), keys, KEYS, &predicate, &err),
			&err);
		assert_ok(predicate_spans(predicate, 0, fixed, arena, &spans, &count, &err), &err);
		if (count != rows[i].count)
			fail_msg("%s: %zu", rows[i].expression, count);
	}
}

static void a_pattern_is_where_its_beginning_is(void **state)
{
	(void)state;
	static const struct {
		const char *pattern, *from, *until, *point;
	} rows[] = {
		{"abc%", "\1abc", "\1abd", NULL},
		{"a_c", "\1a", "\1b", NULL},
		{"a\\%b%", "\1a%b", "\1a%c", NULL},
		{"%", "\1", "\2", NULL},
		{"a\xC3\xBF%", "\1a\xC3\xBF", "\1a\xC3\xC0", NULL},
		{"abc", "\1abc", NULL, "abc"},
		{"a\\_c", "\1a_c", NULL, "a_c"},
		{"", "\1", NULL, ""},
	};
	OWNED(arena) arena = arena_new();
	const struct column key = {.name = TEXT("k"), .type = type_simple(TYPE_STRING)};
	const struct text fixed[1] = {{0}};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct error err;
		const struct predicate *predicate;
		struct predicate_span *spans;
		size_t count;
		const char *text = arena_printf(arena, "k like '%s'", rows[i].pattern);
		assert_ok(predicate_parse(arena, text_of(text), &key, 1, &predicate, &err), &err);
		assert_ok(predicate_spans(predicate, 0, fixed, arena, &spans, &count, &err), &err);
		assert_int_equal(count, 1);
		assert_true(text_starts(spans[0].from, text_of(rows[i].from)));
		if (rows[i].point)
			assert_text_equal(spans[0].point, rows[i].point);
		else
			assert_text_equal(spans[0].until, rows[i].until);
		assert_int_equal(spans[0].point.at == NULL, rows[i].point == NULL);
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
		cmocka_unit_test(a_key_is_where_its_tests_can_hold),
		cmocka_unit_test(what_is_known_of_other_keys_narrows_a_key),
		cmocka_unit_test(a_pattern_is_where_its_beginning_is),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
