#include "tests/unit.h"

#include "base/buffer.h"
#include "clients/cli/command.h"
#include "clients/cli/grid.h"
#include "clients/cli/options.h"
#include "clients/cli/progress.h"
#include "proto/json.h"

#include <stdlib.h>

static void sizes_counts_and_times_are_for_people(void **state)
{
	(void)state;
	OWNED(arena) arena = arena_new();
	static const struct {
		uint64_t bytes;
		const char *text;
	} sizes[] = {
		{0, "0 B"},
		{999, "999 B"},
		{1000, "1.0 kB"},
		{999949, "999.9 kB"},
		{999950, "1.0 MB"},
		{31234567, "31.2 MB"},
		{UINT64_MAX, "18.4 EB"},
	};
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
		assert_string_equal(human_bytes(arena, sizes[i].bytes), sizes[i].text);
	static const struct {
		double seconds;
		const char *text;
	} durations[] = {
		{0, "0 ms"},
		{0.32, "320 ms"},
		{0.9996, "1.0 s"},
		{59.94, "59.9 s"},
		{59.96, "1 min 0 s"},
		{3599.4, "59 min 59 s"},
		{3599.6, "1 h 0 min"},
		{-1, "-"},
		{1.0 / 0.0, "-"},
	};
	for (size_t i = 0; i < sizeof durations / sizeof *durations; i++)
		assert_string_equal(human_seconds(arena, durations[i].seconds), durations[i].text);
	assert_string_equal(human_count(arena, 0), "0");
	assert_string_equal(human_count(arena, 999), "999");
	assert_string_equal(human_count(arena, 1000), "1,000");
	assert_string_equal(human_count(arena, UINT64_MAX), "18,446,744,073,709,551,615");
	assert_string_equal(human_things(arena, 1, "file"), "1 file");
	assert_string_equal(human_things(arena, 0, "file"), "0 files");
	assert_string_equal(human_time(arena, 0), "-");
}

static void no_text_drives_the_terminal(void **state)
{
	(void)state;
	OWNED(arena) arena = arena_new();
	static const struct {
		const char *text;
		const char *expected;
	} rows[] = {
		{"plain\ttext\n", "plain\ttext\n"},
		{"\033[2Jgone", "?[2Jgone"},
		{"a\rb\bc\x7f", "a?b?c?"},
		{"csi \xc2\x9b!", "csi ?!"},
		{"right \xe2\x80\xae to left", "right ? to left"},
		{"größe 漢字 😀", "größe 漢字 😀"},
		{"stray \xff\xc3", "stray ??"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		assert_string_equal(printable(arena, rows[i].text), rows[i].expected);
}

static void text_is_cut_by_columns_not_bytes(void **state)
{
	(void)state;
	OWNED(arena) arena = arena_new();
	struct screen screen = {.arena = arena};
	struct screen plain = {.arena = arena, .ascii = true};
	assert_int_equal(text_columns("abc"), 3);
	assert_int_equal(text_columns("größe"), 5);
	assert_int_equal(text_columns("漢字"), 4);
	assert_int_equal(text_columns("e\xcc\x81"), 1);
	assert_string_equal(text_cut(&screen, "abcdef", 6), "abcdef");
	assert_string_equal(text_cut(&screen, "abcdef", 4), "abc…");
	assert_string_equal(text_cut(&screen, "漢字漢字", 6), "漢字…");
	assert_string_equal(text_cut_start(&screen, "/a/lake/x", 9), "/a/lake/x");
	assert_string_equal(text_cut_start(&screen, "/a/lake/x", 7), "…lake/x");
	assert_string_equal(text_cut_start(&screen, "漢字漢字", 6), "…漢字");
	assert_string_equal(text_cut(&plain, "abcdefgh", 7), "abcd...");
	assert_string_equal(text_cut_start(&plain, "abcdefgh", 7), "...efgh");
}

static void a_grid_is_cut_only_where_a_person_looks(void **state)
{
	(void)state;
	static const struct grid_column columns[] = {
		{.title = "N", .number = true}, {.title = "PATH", .elastic = true}, {.title = "Z"}};
	static const struct {
		unsigned width;
		const char *expected;
	} rows[] = {
		{0, " N  PATH                        Z\n 7  /a/long/path/to/some/where  z\n"
		    "12  b\n"},
		{25, " N  PATH                Z\n 7  /a/long/path/to/s…  z\n12  b\n"},
		{10, " N  PATH          Z\n 7  /a/long/pat…  z\n12  b\n"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		OWNED(arena) arena = arena_new();
		struct screen screen = {.arena = arena, .width = rows[i].width};
		buffer_init(&screen.out, SCREEN_BYTES_MAX);
		struct grid *grid = grid_new(&screen, columns, 3);
		grid_cell(grid, "7");
		grid_cell(grid, "/a/long/path/to/some/where");
		grid_cell(grid, "z");
		grid_cell(grid, "12");
		grid_cell(grid, "b");
		grid_cell(grid, "");
		grid_draw(grid, "");
		char *got = arena_text(arena, buffer_text(&screen.out));
		buffer_done(&screen.out);
		assert_string_equal(got, rows[i].expected);
	}
}

/* The narrower the terminal, the less is shown: first of the place, then of the time, at
 * last whole columns; of a number never a part. */
static void what_matters_least_gives_way_first(void **state)
{
	(void)state;
	static const struct grid_column columns[] = {{.title = "NAME"},
		{.title = "ROWS", .number = true, .spare = 1},
		{.title = "WHEN", .least = GRID_DATE},
		{.title = "PLACE", .elastic = true, .path = true, .spare = 2}};
	static const struct {
		unsigned width;
		bool ascii;
		const char *row;
	} rows[] = {
		{0, false, "orders  1,204  2026-11-23T06:28:19Z  /srv/lake/sales/orders"},
		{59, false, "orders  1,204  2026-11-23T06:28:19Z  /srv/lake/sales/orders"},
		{50, false, "orders  1,204  2026-11-23T06:28:19Z  …sales/orders"},
		{50, true, "orders  1,204  2026-11-23T06:28:19Z  ...les/orders"},
		{40, false, "orders  1,204  2026-11-23…  …ales/orders"},
		{36, false, "orders  1,204  2026-11-23T06:28:19Z"},
		{27, false, "orders  1,204  2026-11-23T…"},
		{20, false, "orders  2026-11-23T…"},
		{5, false, "orders  2026-11-23…"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		OWNED(arena) arena = arena_new();
		struct screen screen = {
			.arena = arena, .width = rows[i].width, .ascii = rows[i].ascii};
		buffer_init(&screen.out, SCREEN_BYTES_MAX);
		struct grid *grid = grid_new(&screen, columns, 4);
		grid_cell(grid, "orders");
		grid_cell(grid, "1,204");
		grid_cell(grid, "2026-11-23T06:28:19Z");
		grid_cell(grid, "/srv/lake/sales/orders");
		grid_draw(grid, "");
		struct text all = buffer_text(&screen.out);
		struct text row = text_from(all, text_find(all, '\n') + 1);
		assert_text_equal(text_until(row, text_find(row, '\n')), rows[i].row);
		buffer_done(&screen.out);
	}
}

static void a_long_explanation_goes_on_below_itself(void **state)
{
	(void)state;
	static const struct {
		const char *label;
		unsigned width;
		const char *text, *expected;
	} rows[] = {
		{"a pipe", 0, "one two three four five six seven",
			"  one two three four five six seven\n"},
		{"it fits", 35, "one two three four five six seven",
			"  one two three four five six seven\n"},
		{"it does not", 34, "one two three four five six seven",
			"  one two three four five six\n  seven\n"},
		{"a long word", 30, "/a/path/that/is/longer/than/the/line it is",
			"  /a/path/that/is/longer/than/the/line\n  it is\n"},
		{"nothing", 30, "", "  \n"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		OWNED(arena) arena = arena_new();
		struct screen screen = {.arena = arena, .width = rows[i].width};
		buffer_init(&screen.out, SCREEN_BYTES_MAX);
		screen_wrapped(&screen, 2, rows[i].text);
		char *got = arena_text(arena, buffer_text(&screen.out));
		buffer_done(&screen.out);
		if (strcmp(got, rows[i].expected) != 0)
			fail_msg("%s: '%s'", rows[i].label, got);
	}
}

static void progress_is_one_line(void **state)
{
	(void)state;
	static const struct {
		const char *run;
		bool bar;
		const char *expected;
	} rows[] = {
		{"{\"state\": \"QUEUED\"}", true, "waiting to start  1.5 s"},
		{"{\"state\": \"COMMITTING\"}", true, "committing  1.5 s"},
		{"{\"state\": \"RUNNING\", \"progress\": {\"phase\": \"inferring\", \"fraction\": "
		 "0.5, \"objects_done\": 12, \"objects_total\": 24, \"bytes_done\": 3400000, "
		 "\"bytes_total\": 6800000}}",
			true,
			"[############------------]  50 %  inferring  12/24 files  3.4 MB of 6.8 "
			"MB  1.5 s"},
		{"{\"state\": \"RUNNING\", \"progress\": {\"phase\": \"reading\", \"fraction\": "
		 "7, \"detail\": \"x\\u001b\"}}",
			false, "100 %  reading  x?  1.5 s"},
		{"{\"state\": \"RUNNING\", \"progress\": {\"phase\": \"listing\", \"fraction\": "
		 "-1, \"objects_done\": 1}}",
			true, "listing  1 file  1.5 s"},
		{"{\"state\": \"RUNNING\", \"progress\": {\"phase\": \"listing\", \"fraction\": "
		 "\"NaN\"}}",
			true, "listing  1.5 s"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		OWNED(arena) arena = arena_new();
		struct buffer SCOPED_BUFFER line;
		struct error err;
		Tenon__V1__Run *run = NULL;
		buffer_init(&line, 4096);
		assert_ok(json_parse(text_of(rows[i].run), &tenon__v1__run__descriptor, arena, &run,
				  &err),
			&err);
		progress_line(&line, run, 1.5, rows[i].bar);
		assert_text_equal(buffer_text(&line), rows[i].expected);
	}
}

static void options_stand_anywhere_before_the_dashes(void **state)
{
	(void)state;
	OWNED(arena) arena = arena_new();
	static const struct flag flags[] = {
		{"--arg", 0, "NAME=VALUE", ""}, {"--wait", 'w', NULL, ""}, {NULL, 0, NULL, NULL}};
	const struct flag *tables[] = {flags, NULL};
	const char *words[] = {"a", "--arg", "x=1", "-w", "--arg=y=2=3", "-", "--", "--wait", "-w"};
	struct options options;
	struct error err;
	assert_ok(options_read(arena, tables, words, 9, &options, &err), &err);
	assert_int_equal(options.count, 4);
	assert_string_equal(options.arguments[1], "-");
	assert_string_equal(options.arguments[2], "--wait");
	assert_true(options_has(&options, "--wait"));
	assert_string_equal(options_nth(&options, "--arg", 0), "x=1");
	assert_string_equal(options_nth(&options, "--arg", 1), "y=2=3");
	assert_null(options_nth(&options, "--arg", 2));
	assert_string_equal(options_value(&options, "--arg"), "y=2=3");

	const char *wrong[] = {"--wiat"};
	assert_int_equal(
		options_read(arena, tables, wrong, 1, &options, &err), STATUS_INVALID_ARGUMENT);
	assert_string_equal(err.message, "unknown option '--wiat'; did you mean '--wait'?");
}

/* But for examples, which are copied, and names that are longer than the line. */
static void no_help_is_wider_than_the_terminal(void **state)
{
	(void)state;
	const struct command *command;
	for (size_t i = 0; (command = command_at(i, NULL)); i++) {
		OWNED(arena) arena = arena_new();
		struct screen screen = {.arena = arena, .width = 80};
		struct text line;
		bool more = true;
		buffer_init(&screen.out, SCREEN_BYTES_MAX);
		help_command(&screen, command);
		struct text rest = buffer_text(&screen.out);
		while (text_split(&rest, &more, '\n', &line)) {
			if (text_columns(arena_text(arena, line)) > 80 &&
				!text_starts(line, TEXT("  tenon ")))
				fail_msg("help %s: %.*s", command->name, TEXT_ARG(line));
		}
		buffer_done(&screen.out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sizes_counts_and_times_are_for_people),
		cmocka_unit_test(no_text_drives_the_terminal),
		cmocka_unit_test(text_is_cut_by_columns_not_bytes),
		cmocka_unit_test(a_grid_is_cut_only_where_a_person_looks),
		cmocka_unit_test(what_matters_least_gives_way_first),
		cmocka_unit_test(a_long_explanation_goes_on_below_itself),
		cmocka_unit_test(progress_is_one_line),
		cmocka_unit_test(no_help_is_wider_than_the_terminal),
		cmocka_unit_test(options_stand_anywhere_before_the_dashes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
