#include "tests/unit.h"

#include "base/buffer.h"
#include "engine/engine.h"
#include "proto/json.h"
#include "tests/etl/fake_host.h"

#include <sys/stat.h>
#include <unistd.h>

/* Jobs over JSON by our own reader: choices from bytes to files. */
struct bench {
	char folder[40];
	struct host host;
	struct arena *arena;
};

static void bench_open(struct bench *bench)
{
	*bench = (struct bench){.folder = "/tmp/etl_json_XXXXXX", .arena = arena_new()};
	assert_non_null(mkdtemp(bench->folder));
	bench->host.arena = bench->arena;
}

static void bench_close(struct bench *bench)
{
	char command[64];
	snprintf(command, sizeof command, "rm -r %s", bench->folder);
	assert_int_equal(system(command), 0);
	arena_free(bench->arena);
}

static void put(struct bench *bench, const char *name, const char *text)
{
	char path[128];
	snprintf(path, sizeof path, "%s/in", bench->folder);
	mkdir(path, 0777);
	snprintf(path, sizeof path, "%s/in/%s", bench->folder, name);
	FILE *file = fopen(path, "we");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

/* `@` is the bench's folder, `#` the lake; in JSON `'` is a double quote. */
static const char *filled(struct bench *bench, const char *text, bool json)
{
	struct buffer SCOPED_BUFFER out;
	buffer_init(&out, 1 << 20);
	for (const char *at = text; *at; at++) {
		if (*at == '@')
			buffer_add_string(&out, bench->folder);
		else if (*at == '#')
			buffer_add_string(&out, lake_folder());
		else
			buffer_add_byte(&out, json && *at == '\'' ? '"' : *at);
	}
	return arena_text(bench->arena, buffer_text(&out));
}

static enum status run(struct bench *bench, const char *run_id, const char *source,
	const char *middle, const char *target, struct error *err)
{
	const char *json = arena_printf(bench->arena,
		"{'job': {'plan': {'nodes': [{'name': 'in', 'source': {%s}},%s"
		"{'name': 'out', 'inputs': ['%s'], 'target': {'path': '@/out'%s}}]}}}",
		source, middle, *middle ? "mid" : "in", target);
	Tenon__V1__JobTask *task = NULL;
	TRY(json_parse(text_of(filled(bench, json, true)), &tenon__v1__job_task__descriptor,
		bench->arena, &task, err));
	task->threads = 2;
	struct etl_host host = host_of(&bench->host);
	return etl_run(run_id, task, &host, bench->arena, err);
}

static const char *query(struct bench *bench, const char *sql)
{
	struct error err;
	OWNED(engine) engine = NULL;
	OWNED(engine_result) result = NULL;
	struct engine_limits limits = {.threads = 1};
	assert_ok(engine_open(&limits, &engine, &err), &err);
	const char *text = filled(bench, sql, false);
	assert_ok(engine_query(engine, text_of(text), &result, &err), &err);
	char *out = arena_printf(bench->arena, "%s", "");
	for (;;) {
		size_t rows = 0;
		assert_ok(engine_result_next(result, &rows, &err), &err);
		for (size_t row = 0; row < rows; row++) {
			for (size_t i = 0; i < engine_result_columns(result); i++)
				out = arena_printf(bench->arena, "%s%s%.*s", out,
					i     ? "|"
					: row ? "\n"
					      : "",
					TEXT_ARG((engine_result_null(result, i, row)
							  ? TEXT("-")
							  : engine_result_text(result, i, row))));
		}
		if (!rows)
			return out;
	}
}

static const char lines[] = "{\"id\": 1, \"v\": 7, \"t\": [{\"k\": 1}]}\n"
			    "{\"id\": 2, \"v\": 2.5, \"t\": [{\"k\": \"x\"}, {\"k\": null}]}\n"
			    "{\"id\": 3, \"v\": \"0x1F\"}\n"
			    "{\"id\": 4, broken\n"
			    "{\"id\": 5, \"v\": [1, 2]}\n"
			    "{\"id\": 6, \"v\": {\"a\": \"a rather long text inside\"}}\n"
			    "{\"id\": 7, \"v\": true}\n"
			    "{\"id\": 8, \"v\": \" 12 \"}\n";

#define RESOLVE(what) "{'name': 'mid', 'inputs': ['in'], 'resolve_choice': {" what "}},"

static void choices_of_real_json_are_resolved(void **state)
{
	(void)state;
	static const struct {
		const char *label, *middle, *target, *sql, *rows;
	} rows[] = {
		{"cast",
			RESOLVE("'specs': [{'path': 'v', 'action': 'cast:long'},"
				"{'path': 't[].k', 'action': 'cast:string'}]"),
			"", "SELECT id, v, t FROM read_parquet('@/out/*') ORDER BY id",
			"1|7|[{\"k\":\"1\"}]\n2|2|[{\"k\":\"x\"},{\"k\":null}]\n3|-|-\n5|-|-\n"
			"6|-|-\n7|1|-\n8|12|-"},
		{"make_cols, make_struct",
			RESOLVE("'specs': [{'path': 'v', 'action': 'make_cols'},"
				"{'path': 't[].k', 'action': 'make_struct'}]"),
			"",
			"SELECT id, v_boolean, v_double, v_string, v_array, v_struct, t"
			" FROM read_parquet('@/out/*') ORDER BY id",
			"1|-|7.0|-|-|-|[{\"k\":{\"int\":1,\"string\":null}}]\n"
			"2|-|2.5|-|-|-|[{\"k\":{\"int\":null,\"string\":\"x\"}},{\"k\":null}]\n"
			"3|-|-|0x1F|-|-|-\n5|-|-|-|[1,2]|-|-\n"
			"6|-|-|-|-|{\"a\":\"a rather long text inside\"}|-\n"
			"7|true|-|-|-|-|-\n8|-|-| 12 |-|-|-"},
		{"written as json, nothing resolved", "", ", 'format': 'json'",
			"SELECT content FROM read_text('@/out/*')",
			"{\"id\":1,\"v\":7,\"t\":[{\"k\":1}]}\n"
			"{\"id\":2,\"v\":2.5,\"t\":[{\"k\":\"x\"},{\"k\":null}]}\n"
			"{\"id\":3,\"v\":\"0x1F\",\"t\":null}\n"
			"{\"id\":5,\"v\":[1,2],\"t\":null}\n"
			"{\"id\":6,\"v\":{\"a\":\"a rather long text inside\"},\"t\":null}\n"
			"{\"id\":7,\"v\":true,\"t\":null}\n{\"id\":8,\"v\":\" 12 \",\"t\":null}\n"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct bench bench;
		bench_open(&bench);
		put(&bench, "a.json", lines);
		struct error err;
		assert_ok(run(&bench, "r1", "'path': '@/in'", rows[i].middle, rows[i].target, &err),
			&err);
		const char *got = query(&bench, rows[i].sql);
		if (strcmp(got, rows[i].rows) != 0)
			fail_msg("%s:\n%s\nexpected\n%s", rows[i].label, got, rows[i].rows);
		assert_int_equal(bench.host.commit->stats->bad_records, 1);
		assert_non_null(
			strstr(bench.host.commit->sources[0]->bad_samples[0], "/in/a.json:"));
		bench_close(&bench);
	}
}

static void choices_left_open_are_refused_by_name(void **state)
{
	(void)state;
	static const char *const formats[] = {"", ", 'format': 'csv'"};
	for (size_t i = 0; i < 2; i++) {
		struct bench bench;
		bench_open(&bench);
		put(&bench, "a.json", lines);
		struct error err;
		assert_int_equal(run(&bench, "r1", "'path': '@/in'", "", formats[i], &err),
			STATUS_INVALID_ARGUMENT);
		assert_non_null(strstr(err.message, "'v', 't' hold choices"));
		assert_non_null(strstr(err.message, "resolve_choice"));
		bench_close(&bench);
	}
}

static void folders_of_a_path_are_columns_and_new_files_alone_are_read(void **state)
{
	(void)state;
	struct bench bench;
	bench_open(&bench);
	char path[128];
	struct error err;
	put(&bench, "none", "");
	for (int day = 1; day <= 2; day++) {
		char name[40];
		snprintf(path, sizeof path, "%s/in/dt=%d", bench.folder, day);
		mkdir(path, 0777);
		snprintf(name, sizeof name, "dt=%d/a.json", day);
		put(&bench, name, day == 1 ? "{\"a\": 1}\n" : "{\"a\": 2, \"b\": \"x\"}\n");
	}
	assert_ok(
		run(&bench, "r1", "'path': '@/in'", "", ", 'partition_keys': ['dt']", &err), &err);
	assert_ok(
		run(&bench, "r2", "'path': '@/in'", "", ", 'partition_keys': ['dt']", &err), &err);
	assert_int_equal(bench.host.commit->n_files, 0);
	assert_string_equal(query(&bench, "SELECT a, b, dt FROM read_parquet('@/out/*/*',"
					  " hive_partitioning=true) ORDER BY a"),
		"1|-|1\n2|x|2");
	bench_close(&bench);
}

static void a_lake_that_drifts_is_read_whole(void **state)
{
	(void)state;
	if (!lake_folder()) {
		print_message("the lake is not here: skipped\n");
		skip();
	}
	struct bench bench;
	bench_open(&bench);
	struct error err;
	assert_ok(run(&bench, "r1", "'path': '#/events_drift'", "", ", 'format': 'json'", &err),
		&err);
	const Tenon__V1__CommitRunRequest *commit = bench.host.commit;
	print_message("%llu rows, %zu files, %.2f CPU s\n",
		(unsigned long long)commit->stats->rows_read,
		(size_t)commit->sources[0]->files_read, commit->stats->cpu_seconds);
	assert_int_equal(commit->sources[0]->files_read, 8);
	assert_int_equal(commit->stats->rows_read, commit->stats->rows_written);
	assert_string_equal(query(&bench, "SELECT count(*) FROM read_json('@/out/*',"
					  " columns={dt: 'VARCHAR'})"),
		arena_printf(bench.arena, "%llu", (unsigned long long)commit->stats->rows_written));
	bench_close(&bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(choices_of_real_json_are_resolved),
		cmocka_unit_test(choices_left_open_are_refused_by_name),
		cmocka_unit_test(folders_of_a_path_are_columns_and_new_files_alone_are_read),
		cmocka_unit_test(a_lake_that_drifts_is_read_whole),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
