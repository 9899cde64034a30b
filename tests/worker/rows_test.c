#include "tests/unit.h"

#include "worker/rows.h"

/* What a query prints in a format; a text in `arena`. */
static char *printed_within(struct engine *engine, const char *format, size_t width,
	const char *sql, struct arena *arena)
{
	struct rows rows;
	struct error err;
	OWNED(engine_result) result = NULL;
	assert_non_null(rows_format_named(format));
	rows_init(&rows, rows_format_named(format), arena);
	rows.width = width;
	assert_ok(engine_query(engine, text_of(sql), &result, &err), &err);
	size_t batch;
	do {
		assert_ok(engine_result_next(result, &batch, &err), &err);
		rows_batch(&rows, result, batch);
	} while (batch);
	rows_end(&rows);
	assert_ok(buffer_check(&rows.line, "rows", &err), &err);
	char *text = arena_text(arena, buffer_text(&rows.line));
	rows_done(&rows);
	return text;
}

static char *printed(
	struct engine *engine, const char *format, const char *sql, struct arena *arena)
{
	return printed_within(engine, format, 0, sql, arena);
}

/* In a line of it, each character one column. */
static size_t widest(const char *table)
{
	size_t most = 0;
	struct text rest = text_of(table);
	struct text line;
	bool more = true;
	while (text_split(&rest, &more, '\n', &line)) {
		size_t width = text_characters(line);
		most = width > most && line.at[0] != '(' ? width : most;
	}
	return most;
}

static void a_table_fits_the_terminal(void **state)
{
	struct engine *engine = *state;
	static const char sql[] =
		"SELECT repeat('naïve', 30) AS text, 123456789012 AS n, 'short' AS s, "
		"repeat('y', 40) AS more";
	static const char many[] = "SELECT 1234567 AS a, 1234567 AS b, 1234567 AS c, 1234567 AS d";
	OWNED(arena) arena = arena_new();
	for (size_t width = 12; width < 300; width++) {
		size_t drawn = widest(printed_within(engine, "table", width, sql, arena));
		if (drawn > width)
			fail_msg("%zu columns on a terminal of %zu", drawn, width);
	}
	assert_true(widest(printed(engine, "table", sql, arena)) > 200);
	assert_string_equal(printed_within(engine, "table", 40, sql, arena),
		"text                 n  s      more\n"
		"--------  ------------  -----  ---------\n"
		"naïvena…  123456789012  short  yyyyyyyy…\n"
		"(1 row)\n");
	assert_string_equal(printed_within(engine, "table", 20, many, arena),
		"      a        b  …\n"
		"-------  -------  …\n"
		"1234567  1234567  …\n"
		"(1 row; the first 2 of 4 columns: --format csv has all)\n");
}

static void rows_are_written_in_each_format(void **state)
{
	static const char mixed[] =
		"SELECT * FROM (VALUES (1, 'a,b', 1.50::DECIMAL(5,2), true, NULL),"
		" (-22, 'say \"x\"' || chr(10) || 'y', NULL, false, ''),"
		" (333, 'naïve', 0.25, NULL, 'é')) AS t(n, text, d, flag, \"odd,name\")";
	static const struct {
		const char *label, *format, *sql, *expected;
	} rows[] = {
		{"csv", "csv", mixed,
			"n,text,d,flag,\"odd,name\"\n"
			"1,\"a,b\",1.50,true,\n"
			"-22,\"say \"\"x\"\"\ny\",,false,\"\"\n"
			"333,naïve,0.25,,é\n"},
		{"jsonl", "jsonl", mixed,
			"{\"n\":1,\"text\":\"a,b\",\"d\":1.50,\"flag\":true,\"odd,name\":null}\n"
			"{\"n\":-22,\"text\":\"say \\\"x\\\"\\ny\",\"d\":null,\"flag\":false,"
			"\"odd,name\":\"\"}\n"
			"{\"n\":333,\"text\":\"naïve\",\"d\":0.25,\"flag\":null,"
			"\"odd,name\":\"é\"}\n"},
		{"json", "json", "SELECT 1 AS a UNION ALL SELECT 2 ORDER BY 1",
			"[\n{\"a\":1},\n{\"a\":2}\n]\n"},
		{"json without rows", "json", "SELECT 1 AS a WHERE false", "[]\n"},
		{"csv without rows keeps its header", "csv", "SELECT 1 AS a, 2 AS b WHERE false",
			"a,b\n"},
		{"numbers that JSON has not", "jsonl",
			"SELECT 'nan'::DOUBLE AS a, '-inf'::DOUBLE AS b, 1e300::DOUBLE AS c",
			"{\"a\":\"nan\",\"b\":\"-inf\",\"c\":1e+300}\n"},
		{"nested values", "jsonl",
			"SELECT [1, NULL] AS a, {'x': 'q\"'} AS b, DATE '2013-01-02' AS c",
			"{\"a\":[1,null],\"b\":{\"x\":\"q\\\"\"},\"c\":\"2013-01-02\"}\n"},
		{"table", "table",
			"SELECT * FROM (VALUES (1, 'naïve', NULL), (-22, 'b', 'x')) AS t(n, text, "
			"z)",
			"  n  text   z\n"
			"---  -----  ----\n"
			"  1  naïve  NULL\n"
			"-22  b      x\n"
			"(2 rows)\n"},
		{"data does not drive the terminal", "table",
			"SELECT 'a' || chr(27) || '[2J' || chr(10) || chr(155) AS v",
			"v\n-------\na?[2J⏎?\n(1 row)\n"},
	};
	struct engine *engine = *state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		OWNED(arena) arena = arena_new();
		const char *got = printed(engine, rows[i].format, rows[i].sql, arena);
		if (strcmp(got, rows[i].expected) != 0)
			fail_msg("%s:\n%s\nis not\n%s", rows[i].label, got, rows[i].expected);
	}
}

static void many_batches_are_one_document(void **state)
{
	OWNED(arena) arena = arena_new();
	const char *got = printed(*state, "json", "SELECT range AS n FROM range(10000)", arena);
	size_t lines = 0;
	for (const char *at = got; *at; at++)
		lines += *at == '\n';
	assert_int_equal(lines, 10002);
	assert_non_null(strstr(got, "{\"n\":2047},\n{\"n\":2048},\n"));
	assert_true(text_ends(text_of(got), TEXT("{\"n\":9999}\n]\n")));
}

static void an_unknown_format_has_no_name(void **state)
{
	(void)state;
	assert_null(rows_format_named("xml"));
	assert_null(rows_format_named(""));
}

static int open_engine(void **state)
{
	const struct engine_limits limits = {.memory_bytes = 64 << 20, .threads = 1};
	struct engine *engine;
	struct error err;
	assert_ok(engine_open(&limits, &engine, &err), &err);
	*state = engine;
	return 0;
}

static int close_engine(void **state)
{
	engine_free(*state);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_are_written_in_each_format),
		cmocka_unit_test(a_table_fits_the_terminal),
		cmocka_unit_test(many_batches_are_one_document),
		cmocka_unit_test(an_unknown_format_has_no_name),
	};
	return cmocka_run_group_tests(tests, open_engine, close_engine);
}
