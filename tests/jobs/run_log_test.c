#include "jobs/run_log.h"

#include "tests/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void the_last_line_of_a_log_is_one_that_says_something(void **state)
{
	(void)state;
	static const struct {
		const char *label;
		const char *log;
		const char *line;
	} rows[] = {
		{"empty", "", ""},
		{"one line", "boom", "boom"},
		{"ends in a newline", "one\ntwo\n", "two"},
		{"blank lines last", "one\ntwo\n\n \n", "two"},
		{"not text", "one\n\xff\xfe\n", ""},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		OWNED(arena) arena = arena_new();
		char path[] = "/tmp/tenon-log-XXXXXX";
		int file = mkstemp(path);
		assert_true(file >= 0);
		assert_true(write(file, rows[i].log, strlen(rows[i].log)) >= 0);
		(void)close(file);
		struct text line = run_log_last_line(arena, path);
		(void)unlink(path);
		if (!text_equal(line, text_of(rows[i].line)))
			fail_msg("%s: '%.*s'", rows[i].label, TEXT_ARG(line));
	}
}

static void a_log_that_is_not_there_is_empty(void **state)
{
	(void)state;
	OWNED(arena) arena = arena_new();
	char bytes[8];
	assert_int_equal(run_log_last_line(arena, "/nowhere/x.log").length, 0);
	assert_int_equal(run_log_read("/nowhere/x.log", 0, bytes, sizeof bytes), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_last_line_of_a_log_is_one_that_says_something),
		cmocka_unit_test(a_log_that_is_not_there_is_empty),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
