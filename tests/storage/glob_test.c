#include "base/clock.h"
#include "base/limits.h"
#include "storage/glob.h"
#include "tests/unit.h"

#include <stdlib.h>

static void globs_match_by_level(void **state)
{
	(void)state;
	static const struct {
		const char *pattern, *path;
		bool matches;
	} rows[] = {
		{"*.csv", "a.csv", true},
		{"*.csv", "x/a.csv", false},
		{"**.csv", "x/a.csv", true},
		{"**/*.csv", "x/y/a.csv", true},
		{"**/*.csv", "a.csv", false},
		{"*/a.csv", "x/a.csv", true},
		{"*/a.csv", "x/y/a.csv", false},
		{"x/**", "x/y/z", true},
		{"x/**", "y/z", false},
		{"x**", "x/y", true},
		{"?.csv", "a.csv", true},
		{"?.csv", "/.csv", false},
		{"[abc]", "b", true},
		{"[a-c]x", "bx", true},
		{"[a-c]", "d", false},
		{"[!a-c]", "d", true},
		{"[!a-c]", "b", false},
		{"[-a]", "-", true},
		{"[*?]", "*", true},
		{"[*?]", "a", false},
		{"\\*", "*", true},
		{"\\*", "a", false},
		{"*.{csv,json}", "a.json", true},
		{"*.{csv,json}", "a.parquet", false},
		{"{a,b}{1,2}", "b1", true},
		{"{a,}x", "x", true},
		{"year=201[0-5]/**", "year=2013/m=1/f", true},
		{"", "", true},
		{"", "a", false},
		{".*", ".hidden", true},
		{"**a*b**c", "xxaybzzc", true},
		{"**a*b**c", "xxa/bzzc", false},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct error err;
		assert_ok(glob_check(text_of(rows[i].pattern), &err), &err);
		if (glob_matches(text_of(rows[i].pattern), text_of(rows[i].path)) !=
			rows[i].matches)
			fail_msg("'%s' on '%s'", rows[i].pattern, rows[i].path);
	}
}

static void wrong_globs_are_refused(void **state)
{
	(void)state;
	static const char *const rows[] = {"[abc", "{a,b", "{a,{b,c}}", "{a}{b}{c}{d}{e}"};
	struct error err;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		assert_int_equal(glob_check(text_of(rows[i]), &err), STATUS_INVALID_ARGUMENT);
	char *text = calloc(1, LIMIT_GLOB_BYTES + 1);
	assert_int_equal(glob_check((struct text){text, LIMIT_GLOB_BYTES + 1}, &err),
		STATUS_RESOURCE_EXHAUSTED);
	free(text);
}

static void hostile_globs_take_little_time(void **state)
{
	(void)state;
	char path[4096];
	memset(path, 'a', sizeof path);
	uint64_t start = clock_monotonic_ns();
	assert_false(glob_matches(
		TEXT("**a*a*a*a**a*a*a**a*a**a*a*b"), (struct text){path, sizeof path}));
	assert_true(clock_monotonic_ns() - start < UINT64_C(2000000000));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(globs_match_by_level),
		cmocka_unit_test(wrong_globs_are_refused),
		cmocka_unit_test(hostile_globs_take_little_time),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
