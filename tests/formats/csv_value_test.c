#include "formats/csv_value.h"

#include "formats/number.h"
#include "schema/value.h"
#include "tests/unit.h"

#include <stdio.h>
#include <stdlib.h>

/* A text with the padding that the classifier asks for. */
static struct text padded(char *room, size_t size, const char *string)
{
	memset(room, '9', size);
	memcpy(room, string, strlen(string));
	return (struct text){room, strlen(string)};
}

static void each_text_has_one_kind(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		enum csv_kind kind;
	} rows[] = {
		{"", CSV_BLANK},
		{"  ", CSV_BLANK},
		{"0", CSV_LONG53},
		{"-7", CSV_LONG53},
		{" 42 ", CSV_LONG53},
		{"-", CSV_STRING},
		{"+5", CSV_STRING},
		{"007", CSV_STRING},
		{"-01", CSV_STRING},
		{"9007199254740992", CSV_LONG53},
		{"-9007199254740992", CSV_LONG53},
		{"9007199254740993", CSV_BIGINT},
		{"999999999999999999", CSV_BIGINT},
		{"1000000000000000000", CSV_STRING},
		{"1.5", CSV_DOUBLE},
		{"-.5", CSV_DOUBLE},
		{"5.", CSV_DOUBLE},
		{".", CSV_STRING},
		{"-.", CSV_STRING},
		{"1.2.3", CSV_STRING},
		{"00.5", CSV_STRING},
		{"0.5", CSV_DOUBLE},
		{"+1.5", CSV_DOUBLE},
		{"1e5", CSV_DOUBLE},
		{"1.5E-10", CSV_DOUBLE},
		{"1e", CSV_STRING},
		{"1e999", CSV_STRING},
		{"10.357019999999999", CSV_DOUBLE},
		{"12345678901234567890.5", CSV_DOUBLE},
		{".23056789012345678901", CSV_DOUBLE},
		{"-.23056789012345678901e-7", CSV_DOUBLE},
		{"12345678901234567890.e5", CSV_DOUBLE},
		{"1,5", CSV_DOUBLE_COMMA},
		{"1.234,5", CSV_STRING},
		{"2020-01-31", CSV_DATE},
		{"2020-02-29", CSV_DATE},
		{"2019-02-29", CSV_STRING},
		{"2020-13-01", CSV_STRING},
		{"0000-01-01", CSV_STRING},
		{"2020-1-01", CSV_STRING},
		{"2020-01-31T10:20:30", CSV_TIMESTAMP},
		{"2020-01-31 10:20:30Z", CSV_TIMESTAMP},
		{"2020-01-31 10:20:30.123456+02:00", CSV_TIMESTAMP},
		{"2020-01-31 24:20:30", CSV_STRING},
		{"true", CSV_BOOLEAN},
		{"False", CSV_BOOLEAN},
		{"truth", CSV_STRING},
		{"nan", CSV_STRING},
		{"0x1F", CSV_STRING},
		{"1_000", CSV_STRING},
		{"\xc3\xa9", CSV_STRING},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char room[128];
		struct text text = padded(room, sizeof room, rows[i].text);
		enum csv_kind kind = csv_kind_of(text, true);
		if (kind != rows[i].kind)
			fail_msg("'%s' is %d", rows[i].text, (int)kind);
	}
}

static void dates_and_timestamps_are_the_schema_rooms(void **state)
{
	(void)state;
	for (unsigned year = 0; year < 10000; year += year % 100 == 1 ? 31 : 1) {
		for (unsigned day = 0; day < 33; day++) {
			char room[128];
			char line[64];
			unsigned month = (year + day) % 14;
			(void)snprintf(line, sizeof line, "%04u-%02u-%02u", year, month, day);
			struct text text = padded(room, sizeof room, line);
			int32_t ours = 0;
			int32_t theirs = 0;
			bool is = csv_date(text, &ours);
			assert_int_equal(is, value_date(text, &theirs));
			assert_int_equal(ours, theirs);
			assert_int_equal(is, csv_kind_of(text, false) == CSV_DATE);
			(void)snprintf(line, sizeof line, "%04u-%02u-%02uT%02u:%02u:%02uZ", year,
				month, day, day % 26, year % 62, (day + year) % 61);
			text = padded(room, sizeof room, line);
			int64_t our_time = 0;
			int64_t their_time = 0;
			is = csv_timestamp(text, &our_time);
			assert_int_equal(is, value_timestamp(text, &their_time));
			assert_true(our_time == their_time);
			assert_int_equal(is, csv_kind_of(text, false) == CSV_TIMESTAMP);
		}
	}
}

static uint64_t seed = 7;
static uint64_t next_random(void)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return seed >> 11;
}

static void assert_as_strtod(const char *line)
{
	double ours = 0;
	if (!number_double(text_of(line), '.', &ours))
		fail_msg("'%s' is no number", line);
	double theirs = strtod(line, NULL);
	if (memcmp(&ours, &theirs, sizeof ours) != 0)
		fail_msg("'%s': %.17g is not %.17g", line, ours, theirs);
}

static void doubles_are_strtods_to_the_last_bit(void **state)
{
	(void)state;
	static const int digits[] = {17, 16, 15, 6, 2, 20};
	for (int i = 0; i < 300000; i++) {
		char line[512];
		double value = (double)(int64_t)next_random() / 9007199254740992.0;
		if (i % 3 == 1)
			value *= (double)(next_random() % 1000000);
		if (i % 3 == 2) {
			uint64_t bits = next_random() << 11 | (next_random() & 0x7ff);
			bits &= ~(UINT64_C(1) << 62); /* below infinity */
			memcpy(&value, &bits, sizeof value);
		}
		(void)snprintf(line, sizeof line, "%.*g", digits[i % 6], value);
		assert_as_strtod(line);
		(void)snprintf(line, sizeof line, "%llu.%llue%d",
			(unsigned long long)(next_random() % 100000000000),
			(unsigned long long)(next_random() % 100000000),
			(int)(next_random() % 60) - 30);
		assert_as_strtod(line);
	}
	/* Halfway between two doubles, and a little beside it. */
	assert_as_strtod("9007199254740993");
	assert_as_strtod("9007199254740993.0000000001");
	assert_as_strtod("9007199254740992.9999999999");
	assert_as_strtod("0.500000000000000166533453693773481063544750213623046875");
	assert_as_strtod("18014398509481989e-1");
}

static void decimals_are_exact(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		unsigned precision, scale;
		bool is;
		int64_t unscaled;
	} rows[] = {
		{"1.5", 5, 2, true, 150},
		{"-1.50", 5, 1, true, -15},
		{"1.55", 5, 1, false, 0},
		{"999.99", 5, 2, true, 99999},
		{"1000", 5, 2, false, 0},
		{"00012", 5, 0, true, 12},
		{"", 5, 0, false, 0},
		{".", 5, 0, false, 0},
		{"1e2", 5, 0, false, 0},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		__int128 value = 0;
		bool is = csv_decimal(
			text_of(rows[i].text), rows[i].precision, rows[i].scale, &value);
		if (is != rows[i].is || (is && value != rows[i].unscaled))
			fail_msg("'%s'", rows[i].text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_text_has_one_kind),
		cmocka_unit_test(dates_and_timestamps_are_the_schema_rooms),
		cmocka_unit_test(doubles_are_strtods_to_the_last_bit),
		cmocka_unit_test(decimals_are_exact),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
