#include "tests/unit.h"

#include "worker/options.h"

#include <stdio.h>

enum { WORDS = 8 };

static void options_and_the_rest_are_told_apart(void **state)
{
	(void)state;
	static const struct {
		const char *label;
		const char *words[WORDS];
		const char *address, *each, *rest;
		const char *message; /* of a refusal */
	} rows[] = {
		{"nothing", {NULL}, NULL, NULL, "", NULL},
		{"a value apart", {"--address", "unix:/x"}, "unix:/x", NULL, "", NULL},
		{"a value attached", {"--address=unix:/x=y"}, "unix:/x=y", NULL, "", NULL},
		{"an empty value", {"--address="}, "", NULL, "", NULL},
		{"a value that looks like an option", {"--address", "--each"}, "--each", NULL, "",
			NULL},
		{"a flag between words", {"a", "--each", "b"}, NULL, "", "a,b,", NULL},
		{"after two dashes all is rest", {"--each", "--", "--address", "-"}, NULL, "",
			"--address,-,", NULL},
		{"the last one wins", {"--address", "a", "--address", "b"}, "b", NULL, "", NULL},
		{"an unknown one", {"--nope=1"}, NULL, NULL, NULL,
			"there is no option '--nope': see tenon-worker --help"},
		{"a missing value", {"--address"}, NULL, NULL, NULL,
			"option '--address' needs a value"},
		{"a value too many", {"--each=yes"}, NULL, NULL, NULL,
			"option '--each' takes no value"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct option options[] = {{"--address", true, NULL}, {"--each", false, NULL}};
		char texts[WORDS][32];
		char *words[WORDS];
		size_t count = 0;
		for (; count < WORDS && rows[i].words[count]; count++) {
			(void)snprintf(
				texts[count], sizeof texts[count], "%s", rows[i].words[count]);
			words[count] = texts[count];
		}
		size_t rest = 0;
		struct error err;
		enum status status = options_parse(options, 2, words, count, &rest, &err);
		print_message("%s\n", rows[i].label);
		if (rows[i].message) {
			assert_int_equal(status, STATUS_INVALID_ARGUMENT);
			assert_string_equal(err.message, rows[i].message);
			continue;
		}
		assert_ok(status, &err);
		char joined[128] = "";
		for (size_t w = 0; w < rest; w++) {
			(void)strcat(joined, words[w]);
			(void)strcat(joined, ",");
		}
		assert_string_equal(joined, rows[i].rest);
		const char *got[] = {options[0].value, options[1].value};
		const char *expected[] = {rows[i].address, rows[i].each};
		for (int o = 0; o < 2; o++) {
			assert_int_equal(got[o] == NULL, expected[o] == NULL);
			if (got[o])
				assert_string_equal(got[o], expected[o]);
		}
	}
}

static void numbers_may_have_a_unit(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		uint64_t number;
		bool valid;
	} rows[] = {
		{"0", 0, true},
		{"17", 17, true},
		{"1k", 1024, true},
		{"2G", UINT64_C(2) << 30, true},
		{"1T", UINT64_C(1) << 40, true},
		{"18446744073709551615", UINT64_MAX, true},
		{"18446744073709551615K", 0, false},
		{"", 0, false},
		{"G", 0, false},
		{"-1", 0, false},
		{"1.5G", 0, false},
		{"2GB", 0, false},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const struct option option = {"--memory", true, rows[i].text};
		struct error err;
		uint64_t number = 1;
		enum status status = option_number(&option, 5, &number, &err);
		assert_int_equal(status == STATUS_OK, rows[i].valid);
		if (rows[i].valid)
			assert_true(number == rows[i].number);
	}
	const struct option absent = {"--memory", true, NULL};
	struct error err;
	uint64_t number = 0;
	assert_ok(option_number(&absent, 5, &number, &err), &err);
	assert_int_equal(number, 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(options_and_the_rest_are_told_apart),
		cmocka_unit_test(numbers_may_have_a_unit),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
