#include "tests/schema/pool.h"

#include "base/buffer.h"
#include "schema/scalar.h"

static void dates_and_times_are_real_ones(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		bool date, timestamp;
		int64_t value; /* days, or microseconds */
	} rows[] = {
		{"1970-01-01", true, false, 0},
		{"1969-12-31", true, false, -1},
		{"2000-02-29", true, false, 11016},
		{"0001-01-01", true, false, -719162},
		{"9999-12-31", true, false, 2932896},
		{"1900-02-29", false, false, 0},
		{"2013-04-31", false, false, 0},
		{"2013-00-10", false, false, 0},
		{"0000-01-01", false, false, 0},
		{"2013-1-1", false, false, 0},
		{"2013-01-01 ", false, false, 0},
		{"1970-01-01 00:00:01", false, true, 1000000},
		{"1970-01-01T00:00:00.1", false, true, 100000},
		{"1970-01-01T00:00:00.123456789Z", false, true, 123456},
		{"1970-01-01T01:00:00+01:00", false, true, 0},
		{"1969-12-31 23:59:59.999999", false, true, -1},
		{"1970-01-01T00:00:00-00:30", false, true, INT64_C(1800000000)},
		{"1970-01-01T24:00:00", false, false, 0},
		{"1970-01-01T00:60:00", false, false, 0},
		{"1970-01-01T00:00:60", false, false, 0},
		{"1970-01-01T00:00", false, false, 0},
		{"1970-01-01T00:00:00.", false, false, 0},
		{"1970-01-01T00:00:00.1234567890", false, false, 0},
		{"1970-01-01T00:00:00+0100", false, false, 0},
		{"1970-01-01T00:00:00+19:00", false, false, 0},
		{"1970-01-01T00:00:00Zx", false, false, 0},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		int32_t days = 0;
		int64_t micros = 0;
		assert_int_equal(value_date(text_of(rows[i].text), &days), rows[i].date);
		assert_int_equal(
			value_timestamp(text_of(rows[i].text), &micros), rows[i].timestamp);
		assert_int_equal(rows[i].date ? days : micros, rows[i].value);
	}
}

static const struct {
	const char *type;
	const char *values[12]; /* ascending, distinct; NULL ends */
	const char *wrong[6];
} orders[] = {
	{"boolean", {"", "false", "TRUE"}, {"1", "yes"}},
	{"tinyint", {"", "-128", "-1", "0", "07", "+127"}, {"128", "-129", "1.0", " 1"}},
	{"smallint", {"-32768", "-5", "32767"}, {"32768"}},
	{"int", {"__HIVE_DEFAULT_PARTITION__", "-2147483648", "-10", "9", "10", "2147483647"},
		{"2147483648", "1e3", "x"}},
	{"bigint53", {"-9007199254740992", "0", "9007199254740992"}, {"9007199254740993"}},
	{"bigint", {"-9223372036854775808", "-1", "0", "9223372036854775807"},
		{"9223372036854775808"}},
	{"float", {"-1e38", "-0.5", "0", "1e-40", "0.5", "1e38"}, {"1e39", "nan"}},
	{"double", {"", "-1e308", "-2", "-1.5", "0", "5e-324", "1.5", "2", "1e308"},
		{"1e309", "inf", "0x10", "1.5x"}},
	{"decimal(5,2)", {"", "-999.99", "-1", "-0.01", "0", "0.10", "00.11", "999.99"},
		{"1000", "0.001", "1e2", ".", "1.2.3", ""}},
	{"decimal(38,0)",
		{"-99999999999999999999999999999999999999", "0",
			"99999999999999999999999999999999999999"},
		{"100000000000000000000000000000000000000"}},
	{"decimal(38,38)", {"-0.5", "0.00000000000000000000000000000000000001", ".5"}, {"1"}},
	{"date", {"", "0001-01-01", "1969-12-31", "1970-01-01", "2024-02-29"}, {"2023-02-29"}},
	{"timestamp",
		{"1969-12-31 23:59:59.999999", "1970-01-01", "1970-01-01T00:00:00.000001",
			"2024-01-01 00:00:00"},
		{"yesterday"}},
	{"string", {"", "10", "9", "__HIVE_DEFAULT_PARTITION__", "a", "a\x01", "ab", "größe"}, {0}},
	{"varchar(3)", {"", "a", "grö"}, {"abcd"}},
	{"binary", {"", "\x01", "\xFF"}, {0}},
};

static struct text encoded(const struct type *type, struct text text, struct buffer *out)
{
	struct error err;
	buffer_init(out, 4096);
	assert_ok(value_encode(type, text, out, &err), &err);
	return buffer_text(out);
}

static void encoded_values_sort_as_typed_ones(void **state)
{
	(void)state;
	OWNED(arena) arena = arena_new();
	for (size_t row = 0; row < sizeof orders / sizeof *orders; row++) {
		const struct type *type = pool_type(arena, orders[row].type);
		for (size_t i = 0; orders[row].values[i]; i++) {
			for (size_t j = 0; orders[row].values[j]; j++) {
				struct buffer SCOPED_BUFFER a;
				struct buffer SCOPED_BUFFER b;
				int order = text_compare(
					encoded(type, text_of(orders[row].values[i]), &a),
					encoded(type, text_of(orders[row].values[j]), &b));
				if ((order > 0) - (order < 0) != (i > j) - (i < j))
					fail_msg("%s: '%s' against '%s'", orders[row].type,
						orders[row].values[i], orders[row].values[j]);
			}
		}
	}
}

static void encoding_and_comparing_agree_on_random_values(void **state)
{
	(void)state;
	OWNED(arena) arena = arena_new();
	struct pool_random random = {5};
	static const char *const types[] = {
		"bigint", "double", "decimal(20,4)", "string", "float", "timestamp"};
	for (int round = 0; round < 30000; round++) {
		const struct type *type = pool_type(arena, types[round % 6]);
		struct text texts[2];
		for (int i = 0; i < 2; i++) {
			int32_t number = (int32_t)pool_next(&random, 2000000) - 1000000;
			const char *text =
				type->kind == TYPE_STRING
					? arena_printf(arena, "%c%c", pool_next(&random, 3),
						  'a' + (int)pool_next(&random, 2))
				: type->kind == TYPE_TIMESTAMP
					? arena_printf(arena, "19%02u-01-%02u 0%u:00:00.%u",
						  pool_next(&random, 100),
						  1 + pool_next(&random, 31),
						  pool_next(&random, 10), pool_next(&random, 1000))
				: type->kind == TYPE_BIGINT ? arena_printf(arena, "%d", number)
							    : arena_printf(arena, "%d.%u", number,
								      pool_next(&random, 100));
			texts[i] =
				(struct text){text, type->kind == TYPE_STRING ? 2 : strlen(text)};
		}
		struct scalar a;
		struct scalar b;
		assert_true(scalar_parse(type, texts[0], &a) && scalar_parse(type, texts[1], &b));
		struct buffer SCOPED_BUFFER one;
		struct buffer SCOPED_BUFFER other;
		int order = text_compare(
			encoded(type, texts[0], &one), encoded(type, texts[1], &other));
		int expected = scalar_compare(&a, &b);
		assert_int_equal((order > 0) - (order < 0), (expected > 0) - (expected < 0));
		arena_reset(arena);
	}
}

static void decoding_gives_the_canonical_text_back(void **state)
{
	(void)state;
	OWNED(arena) arena = arena_new();
	static const struct {
		const char *type, *text, *canonical;
	} rows[] = {
		{"int", "+007", "7"},
		{"int", "", "__HIVE_DEFAULT_PARTITION__"},
		{"boolean", "TRUE", "true"},
		{"double", "1.50", "1.5"},
		{"double", "-0", "0"},
		{"double", "0.1", "0.1"},
		{"float", "0.1", "0.1"},
		{"decimal(5,2)", "-.5", "-0.50"},
		{"decimal(5,0)", "00", "0"},
		{"decimal(38,38)", "0.5", "0.50000000000000000000000000000000000000"},
		{"date", "1600-02-29", "1600-02-29"},
		{"timestamp", "1960-01-01T01:02:03.5+01:00", "1960-01-01 00:02:03.500000"},
		{"string", "", ""},
		{"string", "__HIVE_DEFAULT_PARTITION__", "__HIVE_DEFAULT_PARTITION__"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const struct type *type = pool_type(arena, rows[i].type);
		struct error err;
		struct buffer SCOPED_BUFFER out;
		(void)encoded(type, text_of(rows[i].text), &out);
		buffer_add_string(&out, "tail");
		struct text rest = buffer_text(&out);
		struct text text;
		assert_ok(value_decode(arena, type, &rest, &text, &err), &err);
		assert_text_equal(text, rows[i].canonical);
		assert_text_equal(rest, "tail");
	}
}

static void encoded_values_follow_each_other(void **state)
{
	(void)state;
	OWNED(arena) arena = arena_new();
	const struct type *types[] = {
		type_simple(TYPE_STRING), type_simple(TYPE_INT), type_simple(TYPE_STRING)};
	struct text values[] = {{"a\0b", 3}, TEXT("12"), TEXT("")};
	struct error err;
	struct buffer SCOPED_BUFFER out;
	buffer_init(&out, 4096);
	for (size_t i = 0; i < 3; i++)
		assert_ok(value_encode(types[i], values[i], &out, &err), &err);
	struct text rest = buffer_text(&out);
	for (size_t i = 0; i < 3; i++) {
		struct text text;
		assert_ok(value_decode(arena, types[i], &rest, &text, &err), &err);
		assert_true(text_equal(text, values[i]));
	}
	assert_int_equal(rest.length, 0);
}

static void what_is_no_value_is_refused_by_name(void **state)
{
	(void)state;
	OWNED(arena) arena = arena_new();
	for (size_t row = 0; row < sizeof orders / sizeof *orders; row++) {
		const struct type *type = pool_type(arena, orders[row].type);
		for (size_t i = 0; i < 6 && orders[row].wrong[i] && *orders[row].wrong[i]; i++) {
			struct error err;
			struct buffer SCOPED_BUFFER out;
			buffer_init(&out, 4096);
			if (value_encode(type, text_of(orders[row].wrong[i]), &out, &err) !=
				STATUS_INVALID_ARGUMENT)
				fail_msg("%s takes '%s'", orders[row].type, orders[row].wrong[i]);
			assert_non_null(strstr(err.message, orders[row].wrong[i]));
		}
	}
}

static void damaged_bytes_are_data_loss(void **state)
{
	(void)state;
	OWNED(arena) arena = arena_new();
	static const struct {
		const char *type;
		struct text bytes;
	} rows[] = {
		{"int", {"", 0}},
		{"int", {"\x02", 1}},
		{"int", {"\x01\x80\x00", 3}},
		{"string", {"\x01"
			    "abc",
				   4}},
		{"string", {"\x01\x00\x07", 3}},
		{"string", {"\x01\x00", 2}},
		{"date", {"\x01\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 9}},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct error err;
		struct text rest = rows[i].bytes;
		struct text text;
		assert_int_equal(
			value_decode(arena, pool_type(arena, rows[i].type), &rest, &text, &err),
			STATUS_DATA_LOSS);
		assert_int_equal(rest.length, rows[i].bytes.length);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dates_and_times_are_real_ones),
		cmocka_unit_test(encoded_values_sort_as_typed_ones),
		cmocka_unit_test(encoding_and_comparing_agree_on_random_values),
		cmocka_unit_test(decoding_gives_the_canonical_text_back),
		cmocka_unit_test(encoded_values_follow_each_other),
		cmocka_unit_test(what_is_no_value_is_refused_by_name),
		cmocka_unit_test(damaged_bytes_are_data_loss),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
