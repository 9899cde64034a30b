#include "formats/csv_plain.h"

#include "formats/csv_value.h"
#include "tests/unit.h"

#include <stdio.h>
#include <stdlib.h>

enum { ROOM = 96 };

static uint64_t seed = 5;
static size_t below(size_t limit)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (size_t)(seed >> 33) % limit;
}

static void padded(char *room, const char *string, int round)
{
	memset(room, round % 2 ? '9' : '.', ROOM);
	memcpy(room, string, strlen(string));
}

static bool same_double(double a, double b)
{
	return memcmp(&a, &b, sizeof a) == 0;
}

static void assert_agrees(struct text text, bool comma)
{
	int64_t integer = 0, full_integer = 0;
	double real = 0, full_real = 0;
	int32_t days = 0, full_days = 0;
	if (plain_integer(text, &integer) &&
		(!csv_integer(text, &full_integer) || integer != full_integer))
		fail_msg("'%.*s' is not %lld", TEXT_ARG(text), (long long)integer);
	if (plain_double(text, comma, &real) &&
		(!csv_double(text, comma, &full_real) || !same_double(real, full_real)))
		fail_msg("'%.*s' is not %.17g", TEXT_ARG(text), real);
	if (plain_date(text, &days) && (!csv_date(text, &full_days) || days != full_days))
		fail_msg("'%.*s' is not day %d", TEXT_ARG(text), days);
}

static void plain_values_are_those_of_the_full_rules(void **state)
{
	(void)state;
	static const char letters[] = "0123456789012345678900.-,+eE: x";
	for (int i = 0; i < 300000; i++) {
		char room[ROOM];
		char line[64];
		(void)snprintf(line, sizeof line, "%0*zu.%zu", (int)below(4), below(1u << 30),
			below(1u << 30));
		if (i % 3 == 1)
			(void)snprintf(line, sizeof line, "%04zu-%02zu-%02zu", below(2300),
				below(14), below(33));
		padded(room, line, i);
		size_t length = i % 4 ? below(strlen(line) + 1) : strlen(line);
		for (size_t changes = i % 7 ? 0 : below(3); changes && length; changes--)
			room[below(length)] = letters[below(sizeof letters - 1)];
		assert_agrees((struct text){room, length}, i % 5 == 0);
	}
}

/* Every length with the point everywhere, against the C library. */
static void numbers_of_every_length_are_exact(void **state)
{
	(void)state;
	for (size_t round = 0; round < 300; round++) {
		for (size_t length = 1; length <= PLAIN_DIGITS; length++) {
			for (size_t point = 0; point <= length && length > 1; point++) {
				char room[ROOM];
				char line[ROOM] = {0};
				for (size_t i = 0; i < length; i++)
					line[i] = (char)('0' + (round ? below(10) : 9));
				if (point < length)
					line[point] = '.';
				padded(room, line, (int)round);
				double real;
				assert_true(
					plain_double((struct text){room, length}, false, &real));
				if (!same_double(real, strtod(line, NULL)))
					fail_msg("'%s' is not %.17g", line, real);
				int64_t integer;
				if (plain_integer((struct text){room, length}, &integer))
					assert_int_equal(integer, strtoll(line, NULL, 10));
				else
					assert_true(point < length);
			}
		}
	}
}

static void common_values_are_plain(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		bool integer, real, date;
	} rows[] = {
		{"0", true, true, false},
		{"-12", true, true, false},
		{"9999999999999999", true, true, false},
		{"-9999999999999999", true, true, false},
		{"10000000000000000", false, false, false},
		{"901.55", false, true, false},
		{"-.5", false, true, false},
		{"5.", false, true, false},
		{".", false, false, false},
		{"-", false, false, false},
		{"", false, false, false},
		{"1.2.3", false, false, false},
		{"1,5", false, false, false},
		{"+1", false, false, false},
		{"2024-02-29", false, false, true},
		{"2023-02-29", false, false, false},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char room[ROOM];
		int64_t integer;
		double real;
		int32_t days;
		padded(room, rows[i].text, 1);
		struct text text = {room, strlen(rows[i].text)};
		if (plain_integer(text, &integer) != rows[i].integer ||
			plain_double(text, false, &real) != rows[i].real ||
			plain_date(text, &days) != rows[i].date)
			fail_msg("'%s'", rows[i].text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_values_are_those_of_the_full_rules),
		cmocka_unit_test(numbers_of_every_length_are_exact),
		cmocka_unit_test(common_values_are_plain),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
