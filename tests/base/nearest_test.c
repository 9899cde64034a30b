#include "tests/unit.h"

#include "base/nearest.h"

static void a_slip_of_the_hand_finds_the_name(void **state)
{
	(void)state;
	static const char *const names[] = {"where", "tables", "table", "job", "jobs", "history"};
	static const struct {
		const char *word;
		const char *expected;
	} rows[] = {
		{"wher", "where"},
		{"hwere", "where"},
		{"Table", "table"},
		{"tabels", "tables"},
		{"hsitory", "history"},
		{"jb", "job"},
		{"zzzzz", NULL},
		{"", NULL},
		{"x", NULL},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const char *got = nearest(text_of(rows[i].word), names, 6);
		if (!got != !rows[i].expected || (got && strcmp(got, rows[i].expected) != 0))
			fail_msg("'%s' finds '%s'", rows[i].word, got ? got : "nothing");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_slip_of_the_hand_finds_the_name),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
