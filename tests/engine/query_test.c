#include "tests/unit.h"

#include "engine/engine.h"
#include "schema/notation.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static struct engine *opened(void)
{
	struct error err;
	struct engine *engine = NULL;
	struct engine_limits limits = {.threads = 2, .memory_bytes = 256 << 20};
	assert_ok(engine_open(&limits, &engine, &err), &err);
	return engine;
}

static void every_type_has_a_name_that_describes_back(void **state)
{
	(void)state;
	static const char *const types[] = {"boolean", "tinyint", "smallint", "int", "bigint",
		"float", "double", "decimal(7,2)", "decimal(38,10)", "string", "binary", "date",
		"timestamp", "array<array<int>>", "map<string,array<double>>",
		"struct<a:int,`b c`:struct<d:string>>"};
	OWNED(engine) engine = opened();
	OWNED(arena) arena = arena_new();
	struct error err;
	for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
		const struct type *type = NULL;
		assert_ok(type_parse(arena, text_of(types[i]), &type, &err), &err);
		const char *sql = arena_printf(
			arena, "SELECT CAST(NULL AS %s) AS \"x y\"", engine_type_name(arena, type));
		struct schema schema;
		assert_ok(engine_describe(engine, text_of(sql), arena, &schema, &err), &err);
		assert_int_equal(schema.column_count, 1);
		assert_text_equal(schema.columns[0].name, "x y");
		assert_string_equal(type_text(arena, schema.columns[0].type), types[i]);
	}
}

static void types_only_the_engine_has_become_ours(void **state)
{
	(void)state;
	static const struct {
		const char *sql, *type;
	} rows[] = {
		{"SELECT sum(range) FROM range(3)", "bigint"},
		{"SELECT 1::UTINYINT", "smallint"},
		{"SELECT 1::UBIGINT", "decimal(20,0)"},
		{"SELECT uuid()", "string"},
		{"SELECT TIMESTAMPTZ '2020-01-01'", "timestamp"},
		{"SELECT INTERVAL 1 DAY", "string"},
		{"SELECT [1,2]::INT[2]", "array<int>"},
	};
	OWNED(engine) engine = opened();
	OWNED(arena) arena = arena_new();
	struct error err;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct schema schema;
		assert_ok(
			engine_describe(engine, text_of(rows[i].sql), arena, &schema, &err), &err);
		assert_string_equal(type_text(arena, schema.columns[0].type), rows[i].type);
	}
}

static void results_stream_as_text_in_the_order_asked(void **state)
{
	(void)state;
	OWNED(engine) engine = opened();
	OWNED(engine_result) result = NULL;
	struct error err;
	assert_ok(engine_query(engine,
			  TEXT("SELECT range AS id, range AS id, [range, NULL] AS l, CASE WHEN "
			       "range % 2 = 0 THEN 'é' END AS e, {'a': DATE '2020-02-29'} AS s"
			       " FROM range(10000) ORDER BY 1 DESC; -- done"),
			  &result, &err),
		&err);
	assert_int_equal(engine_result_columns(result), 5);
	assert_string_equal(engine_result_name(result, 1), "id");
	assert_string_equal(engine_result_type(result, 2), "array<bigint>");
	assert_string_equal(engine_result_type(result, 4), "struct<a:date>");
	size_t rows = 0, total = 0;
	for (;;) {
		assert_ok(engine_result_next(result, &rows, &err), &err);
		if (!rows)
			break;
		for (size_t i = 0; i < rows; i++) {
			char id[32], list[64];
			size_t value = 9999 - total - i;
			snprintf(id, sizeof id, "%zu", value);
			snprintf(list, sizeof list, "[%zu,null]", value);
			assert_text_equal(engine_result_text(result, 0, i), id);
			assert_text_equal(engine_result_text(result, 2, i), list);
			assert_int_equal(engine_result_null(result, 3, i), value % 2 == 1);
			assert_text_equal(
				engine_result_text(result, 4, i), "{\"a\":\"2020-02-29\"}");
		}
		total += rows;
	}
	assert_int_equal(total, 10000);
}

static void tables_a_query_names_are_found_wherever_they_stand(void **state)
{
	(void)state;
	static const struct {
		const char *sql, *names;
	} rows[] = {
		{"SELECT * FROM sales.orders", "sales.orders "},
		{"SELECT * FROM a.t x JOIN b.t y USING (id) WHERE EXISTS (SELECT 1 FROM \"c d\".u)",
			"a.t b.t c d.u "},
		{"WITH w AS (SELECT * FROM a.t) SELECT * FROM w, W AS v", "a.t "},
		{"SELECT (SELECT max(x) FROM z) FROM range(3)", ".z "},
		{"SELECT 1 UNION ALL SELECT 2 FROM (SELECT * FROM q.r) s", "q.r "},
		{"FROM a.t; -- and so on", "a.t "},
		{"SELECT 1", ""},
	};
	OWNED(engine) engine = opened();
	OWNED(arena) arena = arena_new();
	struct error err;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct engine_table_name *names = NULL;
		size_t count = 0;
		char found[256] = "";
		assert_ok(
			engine_tables_of(engine, text_of(rows[i].sql), arena, &names, &count, &err),
			&err);
		for (size_t k = 0; k < count; k++) {
			size_t used = strlen(found);
			snprintf(found + used, sizeof found - used, "%.*s.%.*s ",
				TEXT_ARG(names[k].database), TEXT_ARG(names[k].table));
		}
		assert_string_equal(found, rows[i].names);
	}
}

static void what_is_not_one_select_over_tables_is_refused(void **state)
{
	(void)state;
	static const struct {
		const char *sql, *message;
	} rows[] = {
		{"COPY a.t TO '/tmp/x'", "SELECT"},
		{"SELECT 1; SELECT 2", "2 statements"},
		{"DROP TABLE x", "SELECT"},
		{"SELECT FROM WHERE", "syntax error"},
		{"SELECT * FROM read_text('/etc/passwd')", "function 'read_text'"},
		{"SELECT * FROM a.t WHERE x IN (SELECT content FROM read_blob('/etc/passwd'))",
			"function 'read_blob'"},
		{"SET threads = 1", "SELECT"},
	};
	OWNED(engine) engine = opened();
	OWNED(arena) arena = arena_new();
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct engine_table_name *names = NULL;
		size_t count = 0;
		struct error err;
		assert_int_equal(
			engine_tables_of(engine, text_of(rows[i].sql), arena, &names, &count, &err),
			STATUS_INVALID_ARGUMENT);
		if (!strstr(err.message, rows[i].message))
			fail_msg("%s: %s", rows[i].sql, err.message);
	}
}

static void the_configuration_is_locked(void **state)
{
	(void)state;
	OWNED(engine) engine = opened();
	struct error err;
	assert_int_equal(engine_run(engine, TEXT("SET memory_limit = '100GB'"), &err),
		STATUS_INVALID_ARGUMENT);
	assert_int_not_equal(engine_run(engine, TEXT("INSTALL httpfs"), &err), STATUS_OK);
}

static void a_query_beyond_its_memory_is_refused_in_words(void **state)
{
	(void)state;
	struct engine_limits limits = {.threads = 1, .memory_bytes = 8 << 20};
	OWNED(engine) engine = NULL;
	struct error err;
	assert_ok(engine_open(&limits, &engine, &err), &err);
	assert_int_equal(
		engine_run(engine,
			TEXT("CREATE TEMP TABLE t AS SELECT repeat('x', 1000) || range AS a "
			     "FROM range(1000000)"),
			&err),
		STATUS_RESOURCE_EXHAUSTED);
}

static void quoting_holds_whatever_stands_in_a_name(void **state)
{
	(void)state;
	OWNED(arena) arena = arena_new();
	assert_text_equal(sql_identifier(arena, TEXT("a\"b")), "\"a\"\"b\"");
	assert_text_equal(sql_literal(arena, TEXT("it's")), "'it''s'");
}

static void files_are_written_and_told(void **state)
{
	(void)state;
	static const struct {
		const char *label;
		struct engine_copy copy;
		size_t files;
		const char *read;
	} rows[] = {
		{"parquet", {.format = ENGINE_PARQUET}, 1, "read_parquet"},
		{"parquet, zstd", {.format = ENGINE_PARQUET, .compression = "zstd"}, 1,
			"read_parquet"},
		{"csv", {.format = ENGINE_CSV}, 1, "read_csv"},
		{"csv, gzip", {.format = ENGINE_CSV, .compression = "gzip"}, 1, "read_csv"},
		{"json", {.format = ENGINE_JSON, .keep_order = true}, 1, "read_json"},
		{"parquet by key", {.format = ENGINE_PARQUET, .partition_count = 1}, 3,
			"read_parquet"},
		{"csv by key", {.format = ENGINE_CSV, .partition_count = 1}, 3, "read_csv"},
		{"json by key, zstd",
			{.format = ENGINE_JSON, .partition_count = 1, .compression = "zstd"}, 3,
			"read_json"},
	};
	static const struct text keys[] = {{"k", 1}};
	OWNED(engine) engine = opened();
	OWNED(arena) arena = arena_new();
	struct error err;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char folder[] = "/tmp/engine_copy_XXXXXX";
		assert_non_null(mkdtemp(folder));
		struct engine_copy copy = rows[i].copy;
		copy.sql = TEXT("SELECT range AS a, range % 3 AS k FROM range(9000)");
		copy.folder = text_of(folder);
		copy.file_stem = TEXT("run-7");
		copy.partition_keys = keys;
		struct engine_file *files = NULL;
		size_t count = 0;
		assert_ok(engine_copy_out(engine, &copy, arena, &files, &count, &err), &err);
		if (count != rows[i].files)
			fail_msg("%s: %zu files", rows[i].label, count);
		uint64_t total = 0;
		for (size_t k = 0; k < count; k++) {
			total += files[k].rows;
			assert_true(files[k].bytes > 0);
			assert_true(text_starts(files[k].path, text_of(folder)));
			OWNED(engine_result) result = NULL;
			const char *sql = arena_printf(arena, "SELECT count(a) FROM %s(%.*s)",
				rows[i].read, TEXT_ARG(sql_literal(arena, files[k].path)));
			assert_ok(engine_query(engine, text_of(sql), &result, &err), &err);
			size_t got = 0;
			assert_ok(engine_result_next(result, &got, &err), &err);
			assert_text_equal(engine_result_text(result, 0, 0),
				rows[i].copy.partition_count ? "3000" : "9000");
		}
		assert_int_equal(total, 9000);
		const char *clean = arena_printf(arena, "rm -r %s", folder);
		assert_int_equal(system(clean), 0);
	}
}

static void a_compression_the_format_lacks_is_refused(void **state)
{
	(void)state;
	OWNED(engine) engine = opened();
	OWNED(arena) arena = arena_new();
	struct error err;
	struct engine_copy copy = {.sql = TEXT("SELECT 1"),
		.folder = TEXT("/tmp"),
		.format = ENGINE_CSV,
		.compression = "snappy",
		.file_stem = TEXT("x")};
	struct engine_file *files = NULL;
	size_t count = 0;
	assert_int_equal(engine_copy_out(engine, &copy, arena, &files, &count, &err),
		STATUS_INVALID_ARGUMENT);
	assert_non_null(strstr(err.message, "'snappy'"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_type_has_a_name_that_describes_back),
		cmocka_unit_test(types_only_the_engine_has_become_ours),
		cmocka_unit_test(results_stream_as_text_in_the_order_asked),
		cmocka_unit_test(tables_a_query_names_are_found_wherever_they_stand),
		cmocka_unit_test(what_is_not_one_select_over_tables_is_refused),
		cmocka_unit_test(the_configuration_is_locked),
		cmocka_unit_test(a_query_beyond_its_memory_is_refused_in_words),
		cmocka_unit_test(quoting_holds_whatever_stands_in_a_name),
		cmocka_unit_test(files_are_written_and_told),
		cmocka_unit_test(a_compression_the_format_lacks_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
