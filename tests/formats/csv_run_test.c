#include "formats/csv_run.h"

#include "formats/csv_tally.h"
#include "tests/unit.h"

enum { ROOM = 64 + BLOCK_PADDING };

static const enum csv_kind kinds[] = {CSV_BLANK, CSV_BOOLEAN, CSV_LONG53, CSV_BIGINT, CSV_DOUBLE,
	CSV_DOUBLE_COMMA, CSV_DATE, CSV_TIMESTAMP, CSV_STRING};

static uint64_t seed = 11;
static size_t below(size_t limit)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (size_t)(seed >> 33) % limit;
}

static bool is_token(struct text text)
{
	for (size_t i = 0; i < CSV_TOKENS; i++) {
		if (text_equal(text, text_of(csv_tokens[i])))
			return true;
	}
	return false;
}

/* In whose run the text alone would be, at most one of them. */
static int run_of(const char *bytes, size_t length, uint32_t flags)
{
	struct csv_field field = {0, (uint32_t)length | flags};
	int found = -1;
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		if (csv_run(kinds[i], bytes, &field, 1) == 1) {
			assert_int_equal(found, -1);
			found = (int)kinds[i];
		}
	}
	return found;
}

static void what_a_run_takes_is_of_its_kind(void **state)
{
	(void)state;
	static const char *const patterns[] = {"2024-02-29", "2023-02-29", "1999-12-31T23:59:59",
		"2000-01-01 00:00:00Z", "-12345678901234", "999999999999999", "9007199254740993",
		"0.5", "-.5", "12345678901234567890.5", "-0.0625000000000000000000000001", "true",
		"FALSE", "fall", "TRUCK", "NA", "NULL", "NaN", "None", "#N/A", "\\N", "n", "?", "-",
		"1,5", "+5", "007", "x y", " 1", "t ", "1e5", "5."};
	static const char letters[] = "0123456789012345678900.-+:TZeEtrufalsNnA/?#\\ \t,x\xc3";
	static const uint32_t flags[] = {0, CSV_QUOTED, CSV_ESCAPED | CSV_QUOTED, CSV_MISSING};
	size_t taken = 0;
	for (int i = 0; i < 400000; i++) {
		char bytes[ROOM];
		memset(bytes, i % 2 ? '9' : ',', sizeof bytes);
		const char *pattern = patterns[below(sizeof patterns / sizeof *patterns)];
		size_t length = strlen(pattern);
		memcpy(bytes, pattern, length);
		if (i % 5 == 0)
			length = below(34);
		for (size_t changes = below(4); changes && length; changes--)
			bytes[below(length)] = letters[below(sizeof letters - 1)];
		uint32_t flag = flags[below(10) < 7 ? 0 : below(4)];
		int kind = run_of(bytes, length, flag);
		if (kind < 0)
			continue;
		struct text text = {bytes, length};
		bool null = length == 0 || (flag & CSV_MISSING) || (!flag && is_token(text));
		if (null || (flag & CSV_ESCAPED) || kind != (int)csv_kind_of(text, i % 4 == 0))
			fail_msg("'%.*s' (%x) is in the run of %d", TEXT_ARG(text), flag, kind);
		taken++;
	}
	assert_true(taken > 100000);
}

static void common_values_are_in_a_run(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		int kind;
	} rows[] = {
		{"0", CSV_LONG53},
		{"-1", CSV_LONG53},
		{"123456789012345", CSV_LONG53},
		{"1.5", CSV_DOUBLE},
		{"-73.98765432101234", CSV_DOUBLE},
		{"2024-02-29", CSV_DATE},
		{"2024-01-31 10:11:12", CSV_TIMESTAMP},
		{"R", CSV_STRING},
		{"N", CSV_STRING},
		{"NEW", -1},
		{"Nothing", CSV_STRING},
		{"TRUCK", CSV_STRING},
		{"truth ", -1},
		{"", -1},
		{"-", -1},
		{"1-URGENT", -1},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char bytes[ROOM] = {0};
		memcpy(bytes, rows[i].text, strlen(rows[i].text));
		int kind = run_of(bytes, strlen(rows[i].text), 0);
		if (kind != rows[i].kind)
			fail_msg("'%s' is in the run of %d", rows[i].text, kind);
	}
}

static void a_run_ends_before_the_first_other_field(void **state)
{
	(void)state;
	static const char bytes[ROOM] = "1234,x";
	struct csv_field fields[] = {{0, 1}, {0, 2}, {1, 3 | CSV_QUOTED}, {5, 1}, {0, 1}};
	assert_int_equal(csv_run(CSV_LONG53, bytes, fields, 5), 3);
	assert_int_equal(csv_run(CSV_LONG53, bytes, fields, 2), 2);
	assert_int_equal(csv_run(CSV_LONG53, bytes, fields, 0), 0);
	assert_int_equal(csv_run(CSV_STRING, bytes, fields + 3, 2), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_a_run_takes_is_of_its_kind),
		cmocka_unit_test(common_values_are_in_a_run),
		cmocka_unit_test(a_run_ends_before_the_first_other_field),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
