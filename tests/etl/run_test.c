#include "tests/unit.h"

#include "base/buffer.h"
#include "engine/engine.h"
#include "etl/step.h"
#include "proto/json.h"
#include "schema/notation.h"
#include "tests/etl/fake_host.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

/* A job over files in a folder of its own: sales.orders is CSV in partitions by
 * day; what a run writes is read back by the engine. */
struct bench {
	char folder[32];
	struct host host;
	struct arena *arena;
};

static void put(struct bench *bench, const char *path, const char *text)
{
	char whole[256];
	snprintf(whole, sizeof whole, "%s/%s", bench->folder, path);
	for (char *at = strchr(whole + 1, '/'); at; at = strchr(at + 1, '/')) {
		*at = '\0';
		mkdir(whole, 0777);
		*at = '/';
	}
	FILE *file = fopen(whole, "we");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static void add_parameter(
	struct arena *arena, Tenon__V1__Table *table, const char *key, const char *value)
{
	Tenon__V1__Table__ParametersEntry *entry = arena_alloc(arena, sizeof *entry);
	tenon__v1__table__parameters_entry__init(entry);
	entry->key = arena_text(arena, text_of(key));
	entry->value = arena_text(arena, text_of(value));
	table->parameters = arena_grow(arena, table->parameters, table->n_parameters,
		table->n_parameters + 1, sizeof(Tenon__V1__Table__ParametersEntry *));
	table->parameters[table->n_parameters++] = entry;
}

static Tenon__V1__Column **columns_of(struct arena *arena, const char *columns, size_t *count_out)
{
	struct error err;
	const struct type *row = NULL;
	const char *text = arena_printf(arena, "struct<%s>", columns);
	assert_ok(type_parse(arena, text_of(text), &row, &err), &err);
	Tenon__V1__Column **out = arena_array(arena, row->count, sizeof *out);
	for (size_t i = 0; i < row->count; i++) {
		out[i] = arena_alloc(arena, sizeof *out[i]);
		tenon__v1__column__init(out[i]);
		out[i]->name = arena_text(arena, row->fields[i].name);
		out[i]->type = arena_text(arena, text_of(type_text(arena, row->fields[i].type)));
	}
	*count_out = row->count;
	return out;
}

static void add_table(struct bench *bench, const char *name, const char *folder,
	const char *classification, const char *columns, const char *key)
{
	struct arena *arena = bench->arena;
	Tenon__V1__Table *table = arena_alloc(arena, sizeof *table);
	tenon__v1__table__init(table);
	table->database = arena_text(arena, TEXT("sales"));
	table->name = arena_text(arena, text_of(name));
	table->storage = arena_alloc(arena, sizeof *table->storage);
	tenon__v1__storage_descriptor__init(table->storage);
	table->storage->location = arena_printf(arena, "%s/%s", bench->folder, folder);
	table->storage->columns = columns_of(arena, columns, &table->storage->n_columns);
	if (key)
		table->partition_keys = columns_of(arena, key, &table->n_partition_keys);
	add_parameter(arena, table, "classification", classification);
	add_parameter(arena, table, "skip.header.line.count", "1");
	bench->host.tables[bench->host.table_count++] = table;
}

static void add_partition(struct bench *bench, const char *table, const char *value)
{
	Tenon__V1__Partition *partition = arena_alloc(bench->arena, sizeof *partition);
	tenon__v1__partition__init(partition);
	partition->values = arena_array(bench->arena, 1, sizeof *partition->values);
	partition->values[partition->n_values++] = arena_text(bench->arena, text_of(value));
	bench->host.partitions[bench->host.partition_count].table = table;
	bench->host.partitions[bench->host.partition_count++].partition = partition;
}

static void bench_open(struct bench *bench)
{
	*bench = (struct bench){.folder = "/tmp/etl_run_XXXXXX", .arena = arena_new()};
	assert_non_null(mkdtemp(bench->folder));
	bench->host.arena = bench->arena;
	add_table(bench, "orders", "orders", "csv", "id:int,item:string,price:double", "day:int");
	put(bench, "orders/day=1/a.csv", "id,item,price\n1,apple,1.5\n2,pear,2.5\n");
	put(bench, "orders/day=2/b.csv", "id,item,price\n3,fig,oops\n4,kiwi,4\n9,\"open,1\n");
	add_partition(bench, "orders", "1");
	add_partition(bench, "orders", "2");
}

static void bench_close(struct bench *bench)
{
	char command[64];
	snprintf(command, sizeof command, "rm -r %s", bench->folder);
	assert_int_equal(system(command), 0);
	arena_free(bench->arena);
}

/* A job as a user writes it; %s is the bench's folder. */
static enum status run(struct bench *bench, const char *run_id, const char *json, struct error *err)
{
	Tenon__V1__JobTask *task = NULL;
	struct buffer SCOPED_BUFFER text;
	buffer_init(&text, 1 << 20);
	for (const char *at = json; *at; at++) {
		if (*at == '@')
			buffer_add_string(&text, bench->folder);
		else
			buffer_add_byte(&text, *at == '\'' ? '"' : *at);
	}
	TRY(json_parse(
		buffer_text(&text), &tenon__v1__job_task__descriptor, bench->arena, &task, err));
	task->threads = 2;
	struct etl_host host = host_of(&bench->host);
	return etl_run(run_id, task, &host, bench->arena, err);
}

/* Rows of a query, ordered, values parted by '|', rows by spaces. */
static const char *query(struct bench *bench, const char *sql)
{
	struct error err;
	OWNED(engine) engine = NULL;
	struct engine_limits limits = {.threads = 1};
	assert_ok(engine_open(&limits, &engine, &err), &err);
	struct buffer SCOPED_BUFFER text;
	buffer_init(&text, 1 << 20);
	for (const char *at = sql; *at; at++) {
		if (*at == '@')
			buffer_add_string(&text, bench->folder);
		else
			buffer_add_byte(&text, *at);
	}
	OWNED(engine_result) result = NULL;
	assert_ok(engine_query(engine, buffer_text(&text), &result, &err), &err);
	char *out = arena_printf(bench->arena, "%s", "");
	for (;;) {
		size_t rows = 0;
		assert_ok(engine_result_next(result, &rows, &err), &err);
		if (!rows)
			return out;
		for (size_t row = 0; row < rows; row++) {
			out = arena_printf(bench->arena, "%s%s", out, *out ? " " : "");
			for (size_t i = 0; i < engine_result_columns(result); i++)
				out = arena_printf(bench->arena, "%s%s%.*s", out, i ? "|" : "",
					TEXT_ARG((engine_result_null(result, i, row)
							  ? TEXT("-")
							  : engine_result_text(result, i, row))));
		}
	}
}

/* Files below a folder, hidden ones too. */
static size_t files_below(const char *folder)
{
	DIR *dir = opendir(folder);
	if (!dir)
		return 0;
	size_t count = 0;
	for (struct dirent *entry; (entry = readdir(dir));) {
		char path[512];
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
		count += entry->d_type == DT_DIR ? files_below(path) : 1;
	}
	closedir(dir);
	return count;
}

static size_t output_files(struct bench *bench)
{
	char path[64];
	snprintf(path, sizeof path, "%s/out", bench->folder);
	return files_below(path);
}

#define ORDERS		 "{'name': 'orders', 'source': {'database': 'sales', 'table': 'orders'}}"
#define TO(more)	 "{'name': 'out', 'inputs': ['orders'], 'target': {'path': '@/out'" more "}}"
#define JOB(nodes, more) "{'job': {'name': 'j', 'plan': {'nodes': [" nodes "]}" more "}}"

static const char plain_job[] = JOB(ORDERS "," TO(""), "");

static void a_job_reads_a_table_by_name_and_writes_what_it_read(void **state)
{
	(void)state;
	struct bench bench;
	bench_open(&bench);
	struct error err;
	assert_ok(run(&bench, "r1", plain_job, &err), &err);
	assert_string_equal(
		query(&bench, "SELECT id, item, price, day FROM read_parquet('@/out/*.parquet',"
			      " hive_partitioning=false) ORDER BY id"),
		"1|apple|1.5|1 2|pear|2.5|1 3|fig|-|2 4|kiwi|4.0|2");
	const Tenon__V1__CommitRunRequest *commit = bench.host.commit;
	assert_int_equal(commit->n_files, 1);
	assert_non_null(strstr(commit->files[0]->to, "/out/run-r1-0000.parquet"));
	assert_int_equal(commit->stats->rows_read, 4);
	assert_int_equal(commit->stats->rows_written, 4);
	assert_int_equal(commit->stats->bad_records, 1);
	assert_true(commit->stats->memory_peak_bytes > 0);
	assert_int_equal(commit->n_sources, 1);
	assert_int_equal(commit->sources[0]->files_listed, 2);
	assert_int_equal(commit->sources[0]->files_read, 2);
	assert_int_equal(commit->sources[0]->bad_records, 1);
	assert_int_equal(commit->sources[0]->n_bad_samples, 1);
	assert_non_null(strstr(commit->sources[0]->bad_samples[0], "day=2/b.csv:34: "));
	assert_non_null(strstr(bench.host.log, "1 values were not of their column's type"));
	assert_int_equal(output_files(&bench), 1);
	bench_close(&bench);
}

static void the_second_run_reads_new_files_only(void **state)
{
	(void)state;
	struct bench bench;
	bench_open(&bench);
	struct error err;
	assert_ok(run(&bench, "r1", plain_job, &err), &err);
	assert_ok(run(&bench, "r2", plain_job, &err), &err);
	assert_int_equal(bench.host.commits, 2);
	assert_int_equal(bench.host.begins, 1);
	assert_int_equal(bench.host.commit->n_files, 0);
	assert_int_equal(bench.host.commit->sources[0]->files_seen_before, 2);
	put(&bench, "orders/day=2/aa-late.csv", "id,item,price\n5,lime,5\n");
	put(&bench, "orders/day=3/c.csv", "id,item,price\n6,plum,6\n");
	add_partition(&bench, "orders", "3");
	assert_ok(run(&bench, "r3", plain_job, &err), &err);
	assert_int_equal(bench.host.commit->sources[0]->files_read, 2);
	assert_string_equal(
		query(&bench, "SELECT id, day FROM read_parquet('@/out/run-r3-*.parquet')"
			      " ORDER BY id"),
		"5|2 6|3");
	assert_int_equal(output_files(&bench), 2);
	assert_true(bench.host.pages > 3);
	bench_close(&bench);
}

static void overwritten_files_are_told_or_read_again_or_refused(void **state)
{
	(void)state;
	static const struct {
		const char *job;
		enum status status;
		size_t files_read;
	} rows[] = {
		{JOB(ORDERS "," TO(""), ""), STATUS_OK, 0},
		{JOB(ORDERS "," TO(""), ", 'overwrite': 'REPROCESS'"), STATUS_OK, 1},
		{JOB(ORDERS "," TO(""), ", 'overwrite': 'FAIL'"), STATUS_FAILED_PRECONDITION, 0},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct bench bench;
		bench_open(&bench);
		struct error err;
		assert_ok(run(&bench, "r1", plain_job, &err), &err);
		put(&bench, "orders/day=1/a.csv", "id,item,price\n9,apricot,9\n");
		assert_int_equal(run(&bench, "r2", rows[i].job, &err), rows[i].status);
		if (rows[i].status == STATUS_OK) {
			const Tenon__V1__SourceReport *report = bench.host.commit->sources[0];
			assert_int_equal(report->overwritten_count, 1);
			assert_non_null(strstr(report->overwritten[0], "day=1/a.csv"));
			assert_int_equal(report->files_read, rows[i].files_read);
		} else {
			assert_non_null(strstr(err.message, "run 'r1'"));
		}
		bench_close(&bench);
	}
}

static void a_paused_or_absent_bookmark_remembers_nothing(void **state)
{
	(void)state;
	static const struct {
		const char *job;
		size_t bookmarks;
	} rows[] = {
		{"{'bookmark': 'PAUSE', 'job': {'plan': {'nodes': [" ORDERS "," TO("") "]}}}", 0},
		{"{'bookmark': 'DISABLE', 'job': {'plan': {'nodes': [" ORDERS "," TO("") "]}}}", 0},
		{JOB("{'name': 'orders', 'source': {'database': 'sales', 'table': 'orders',"
		     " 'bookmark_off': true}}," TO(""),
			 ""),
			0},
		{JOB(ORDERS "," TO(""), ""), 1},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct bench bench;
		bench_open(&bench);
		struct error err;
		assert_ok(run(&bench, "r1", rows[i].job, &err), &err);
		assert_int_equal(bench.host.commit->n_bookmarks, rows[i].bookmarks);
		bench_close(&bench);
	}
}

static void a_predicate_opens_only_its_partitions(void **state)
{
	(void)state;
	struct bench bench;
	bench_open(&bench);
	put(&bench, "orders/day=1/a.csv", "\x1f\x8b\x08 and no more");
	struct error err;
	assert_ok(
		run(&bench, "r1",
			JOB("{'name': 'orders', 'source': {'database': 'sales', 'table': 'orders',"
			    " 'partition_predicate': 'day = 2', 'columns': ['item', 'DAY']}}," TO(
				    ""),
				""),
			&err),
		&err);
	assert_int_equal(bench.host.commit->sources[0]->files_listed, 1);
	assert_string_equal(
		query(&bench, "SELECT * FROM read_parquet('@/out/*.parquet') ORDER BY 1"),
		"fig|2 kiwi|2");
	bench_close(&bench);
}

static void a_table_target_is_made_partitioned_and_evolves(void **state)
{
	(void)state;
	static const char job[] = JOB(ORDERS
		",{'name': 'out', 'inputs': ['orders'], 'target': {'database': 'sales',"
		" 'table': 'clean', 'path': '@/out', 'partition_keys': ['day', 'item']}}",
		"");
	struct bench bench;
	bench_open(&bench);
	struct error err;
	assert_ok(run(&bench, "r1", job, &err), &err);
	const Tenon__V1__TargetCommit *commit = bench.host.commit->targets[0];
	assert_int_equal(commit->n_partitions, 4);
	assert_int_equal(commit->report->partitions_added, 4);
	assert_int_equal(commit->report->files, 4);
	assert_string_equal(commit->report->table, "sales.clean");
	assert_string_equal(commit->table->storage->columns[0]->name, "id");
	assert_int_equal(commit->table->storage->n_columns, 2);
	assert_int_equal(commit->table->n_partition_keys, 2);
	for (size_t i = 0; i < commit->n_partitions; i++) {
		char expected[64];
		snprintf(expected, sizeof expected, "/out/day=%s/item=%s",
			commit->partitions[i]->values[0], commit->partitions[i]->values[1]);
		assert_non_null(strstr(commit->partitions[i]->storage->location, expected));
	}
	put(&bench, "orders/day=2/more.csv", "id,item,price\n8,fig,8\n9,a b/c,9\n");
	assert_ok(run(&bench, "r2",
			  JOB(ORDERS ",{'name': 'wide', 'inputs': ['orders'], 'sql': {'query':"
				     " 'SELECT item, day, price * 2 AS twice, CAST(id AS BIGINT) AS"
				     " id FROM orders'}},{'name': 'out', 'inputs': ['wide'],"
				     " 'target': {'database': 'sales', 'table': 'clean'}}",
				  ""),
			  &err),
		&err);
	commit = bench.host.commit->targets[0];
	assert_int_equal(commit->n_partitions, 2);
	assert_int_equal(commit->report->partitions_added, 1);
	assert_int_equal(commit->table->storage->n_columns, 3);
	assert_string_equal(commit->table->storage->columns[0]->type, "bigint");
	assert_string_equal(commit->table->storage->columns[2]->name, "twice");
	bench.host.seen_count = 0;
	bench.host.partition_count = 0;
	add_partition(&bench, "orders", "1");
	/* The table can be read again by name, with its odd partition value. */
	assert_string_equal(
		query(&bench, "SELECT id, price, twice, day, item FROM"
			      " read_parquet('@/out/*/*/*.parquet', hive_partitioning=true,"
			      " union_by_name=true) ORDER BY id"),
		"1|1.5|-|1|apple 2|2.5|-|1|pear 3|-|-|2|fig 4|4.0|-|2|kiwi 8|-|16.0|2|fig "
		"9|-|18.0|2|a b/c");
	bench_close(&bench);
}

static void a_parquet_table_is_read_with_the_catalogs_types_and_keys(void **state)
{
	(void)state;
	struct bench bench;
	bench_open(&bench);
	struct error err;
	assert_ok(run(&bench, "r1",
			  JOB(ORDERS ",{'name': 'out', 'inputs': ['orders'], 'target': {'database':"
				     " 'sales', 'table': 'clean', 'path': '@/clean',"
				     " 'partition_keys': ['day']}}",
				  ""),
			  &err),
		&err);
	struct Tenon__V1__Table *table = bench.host.tables[1];
	table->storage->columns[0]->type = arena_text(bench.arena, TEXT("bigint"));
	table->storage->columns[2]->name = arena_text(bench.arena, TEXT("PRICE"));
	assert_ok(run(&bench, "r2",
			  JOB("{'name': 'orders', 'source': {'database': 'sales', 'table': 'clean',"
			      " 'partition_predicate': 'day = 1'}}," TO(", 'format': 'csv'"),
				  ""),
			  &err),
		&err);
	assert_int_equal(bench.host.commit->sources[0]->files_read, 1);
	assert_int_equal(bench.host.commit->stats->rows_read, 2);
	assert_string_equal(query(&bench, "SELECT * FROM read_csv('@/out/*.csv') ORDER BY 1"),
		"1|apple|1.5|1 2|pear|2.5|1");
	bench_close(&bench);
}

static void what_does_not_fit_a_table_is_refused_before_anything_is_written(void **state)
{
	(void)state;
	static const struct {
		const char *label, *job, *message;
		enum status status;
	} rows[] = {
		{"types that do not meet",
			JOB(ORDERS
				",{'name': 'w', 'inputs': ['orders'], 'sql': {'query': 'SELECT item"
				" AS id FROM orders'}},{'name': 'out', 'inputs': ['w'], 'target':"
				" {'database': 'sales', 'table': 'flat'}}",
				""),
			"column 'id' is int in the table and string here",
			STATUS_FAILED_PRECONDITION},
		{"another format",
			JOB(ORDERS ",{'name': 'out', 'inputs': ['orders'], 'target': {'database':"
				   " 'sales', 'table': 'flat', 'format': 'json'}}",
				""),
			"the table holds csv", STATUS_FAILED_PRECONDITION},
		{"another place",
			JOB(ORDERS ",{'name': 'out', 'inputs': ['orders'], 'target': {'database':"
				   " 'sales', 'table': 'flat', 'path': '@/elsewhere'}}",
				""),
			"leave 'path' out", STATUS_FAILED_PRECONDITION},
		{"no place",
			JOB(ORDERS ",{'name': 'out', 'inputs': ['orders'], 'target': {'database':"
				   " 'sales', 'table': 'nowhere'}}",
				""),
			"'path' is missing", STATUS_INVALID_ARGUMENT},
		{"a key that is no column", JOB(ORDERS "," TO(", 'partition_keys': ['month']"), ""),
			"partition key 'month'", STATUS_INVALID_ARGUMENT},
		{"into its own source",
			JOB(ORDERS ",{'name': 'out', 'inputs': ['orders'], 'target': {'path':"
				   " '@/orders/day=1'}}",
				""),
			"the next run would read its output", STATUS_INVALID_ARGUMENT},
		{"a table that is not there",
			JOB("{'name': 'orders', 'source': {'database': 'sales', 'table': "
			    "'nix'}}," TO(""),
				""),
			"node 'orders': table 'sales.nix'", STATUS_NOT_FOUND},
		{"an argument without a value",
			JOB(ORDERS ",{'name': 'f', 'inputs': ['orders'], 'filter': {'where':"
				   " 'id > ${least}'}},{'name': 'out', 'inputs': ['f'], 'target':"
				   " {'path': '@/out'}}",
				""),
			"argument 'least'", STATUS_INVALID_ARGUMENT},
		{"a cycle",
			JOB("{'name': 'a', 'inputs': ['b'], 'filter': {'where': 'true'}},"
			    "{'name': 'b', 'inputs': ['a'], 'filter': {'where': 'true'}},"
			    "{'name': 'out', 'inputs': ['a'], 'target': {'path': '@/out'}}",
				""),
			"cycle", STATUS_INVALID_ARGUMENT},
		{"an input that is not there",
			JOB(ORDERS ",{'name': 'out', 'inputs': ['ordres'], 'target': {'path':"
				   " '@/out'}}",
				""),
			"input 'ordres'", STATUS_INVALID_ARGUMENT},
		{"two of one name", JOB(ORDERS "," ORDERS "," TO(""), ""), "two nodes",
			STATUS_INVALID_ARGUMENT},
		{"no target", JOB(ORDERS, ""), "no target", STATUS_INVALID_ARGUMENT},
		{"a join of one",
			JOB(ORDERS ",{'name': 'k', 'inputs': ['orders'], 'join': {}}," TO(""), ""),
			"node 'k': has 1 inputs, takes 2", STATUS_INVALID_ARGUMENT},
		{"sql over another table",
			JOB(ORDERS ",{'name': 'w', 'inputs': ['orders'], 'sql': {'query': 'SELECT "
				   "* FROM"
				   " secrets'}},{'name': 'out', 'inputs': ['w'], 'target': {'path':"
				   " '@/out'}}",
				""),
			"node 'w': table 'secrets'", STATUS_INVALID_ARGUMENT},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct bench bench;
		bench_open(&bench);
		add_table(&bench, "flat", "flat", "csv", "id:int", NULL);
		struct error err;
		enum status status = run(&bench, "r1", rows[i].job, &err);
		if (status != rows[i].status || !strstr(err.message, rows[i].message))
			fail_msg("%s: %s: %s", rows[i].label, status_name(status), err.message);
		assert_int_equal(bench.host.begins, 0);
		assert_int_equal(output_files(&bench), 0);
		bench_close(&bench);
	}
}

static void a_failure_while_writing_leaves_nothing(void **state)
{
	(void)state;
	struct bench bench;
	bench_open(&bench);
	put(&bench, "orders/day=2/z.csv", "\x1f\x8b\x08 and no more");
	struct error err;
	static const char job[] =
		JOB("{'name': 'orders', 'source': {'database': 'sales', 'table': 'orders',"
		    " 'bookmark_off': true}}," TO(""),
			"");
	assert_int_equal(run(&bench, "r1", job, &err), STATUS_DATA_LOSS);
	assert_non_null(strstr(err.message, "day=2/z.csv'"));
	assert_non_null(strstr(err.message, "mend or remove"));
	assert_int_equal(bench.host.commits, 0);
	assert_int_equal(output_files(&bench), 0);
	assert_int_equal(bench.host.seen_count, 0);
	bench_close(&bench);
}

static void a_faulty_file_is_set_aside_until_it_is_mended(void **state)
{
	(void)state;
	static const struct {
		const char *label, *bytes, *reason;
	} rows[] = {
		{"corrupt", "\x1f\x8b\x08 and no more", "day=2/z.csv'"},
		{"another header", "who,what\nAnn,7\n", "names none of the table's columns"},
		{"json", "{\"id\": 1, \"item\": \"x\"}\n{\"id\": 2, \"item\": \"y\"}\n",
			"names none of the table's columns"},
		{"no good record", "id,item,price\n1,\"open\n",
			"none of its 1 records can be read as csv"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct bench bench;
		bench_open(&bench);
		put(&bench, "orders/day=2/z.csv", rows[i].bytes);
		struct error err;
		assert_ok(run(&bench, "r1", plain_job, &err), &err);
		const Tenon__V1__SourceReport *report = bench.host.commit->sources[0];
		if (report->set_aside_count != 1 || report->files_read != 2)
			fail_msg("%s: %zu set aside, %zu read", rows[i].label,
				(size_t)report->set_aside_count, (size_t)report->files_read);
		if (!strstr(report->set_aside[0], "day=2/z.csv'") ||
			!strstr(report->set_aside[0], rows[i].reason))
			fail_msg("%s: %s", rows[i].label, report->set_aside[0]);
		assert_int_equal(report->bad_records, 1); /* of b.csv */
		assert_int_equal(bench.host.commit->stats->rows_read, 4);
		assert_int_equal(bench.host.commit->stats->rows_written, 4);
		assert_int_equal(bench.host.seen_count, 2);
		put(&bench, "orders/day=2/z.csv", "id,item,price\n7,date,7\n");
		assert_ok(run(&bench, "r2", plain_job, &err), &err);
		assert_int_equal(bench.host.commit->stats->rows_written, 1);
		assert_int_equal(bench.host.commit->sources[0]->set_aside_count, 0);
		assert_int_equal(bench.host.seen_count, 3);
		bench_close(&bench);
	}
}

static void a_refused_commit_leaves_the_stage_to_the_daemon(void **state)
{
	(void)state;
	struct bench bench;
	bench_open(&bench);
	bench.host.refuse_commit = STATUS_UNAVAILABLE;
	struct error err;
	assert_int_equal(run(&bench, "r1", plain_job, &err), STATUS_UNAVAILABLE);
	assert_int_equal(output_files(&bench), 1); /* staged, not visible */
	assert_int_equal(
		access(arena_printf(bench.arena, "%s/out/run-r1-0000.parquet", bench.folder), F_OK),
		-1);
	bench_close(&bench);
}

static void a_cancelled_run_writes_nothing(void **state)
{
	(void)state;
	struct bench bench;
	bench_open(&bench);
	bench.host.cancel = true;
	struct error err;
	assert_int_equal(run(&bench, "r1", plain_job, &err), STATUS_CANCELLED);
	assert_int_equal(output_files(&bench), 0);
	bench_close(&bench);
}

static void a_run_cancelled_while_it_writes_leaves_nothing(void **state)
{
	(void)state;
	struct bench bench;
	bench_open(&bench);
	bench.host.cancel_writing = true;
	struct error err;
	assert_int_equal(
		run(&bench, "r1",
			JOB(ORDERS ",{'name': 'w', 'inputs': ['orders'], 'sql': {'query':"
				   " 'SELECT id, range FROM orders, range(100000000000)'}},"
				   "{'name': 'out', 'inputs': ['w'], 'target': {'path':"
				   " '@/out'}}",
				""),
			&err),
		STATUS_CANCELLED);
	assert_int_equal(bench.host.begins, 1);
	assert_int_equal(bench.host.commits, 0);
	assert_int_equal(output_files(&bench), 0);
	bench_close(&bench);
}

static void arguments_stand_for_their_values(void **state)
{
	(void)state;
	struct bench bench;
	bench_open(&bench);
	struct error err;
	assert_ok(run(&bench, "r1",
			  "{'args': {'least': '2', 'to': 'out'}, 'job': {'plan': {'nodes': [" ORDERS
			  ",{'name': 'f', 'inputs': ['orders'], 'filter': {'where': 'id > ${least}'"
			  "}},{'name': 'out', 'inputs': ['f'], 'target': {'path': '@/${to}',"
			  " 'format': 'json'}}]}}}",
			  &err),
		&err);
	assert_string_equal(
		query(&bench, "SELECT id FROM read_json('@/out/*.json') ORDER BY id"), "3 4");
	bench_close(&bench);
}

struct collected {
	char text[512];
};

static enum status collect(
	void *state, struct engine_result *result, size_t rows, struct error *err)
{
	(void)err;
	struct collected *collected = state;
	for (size_t row = 0; row < rows; row++) {
		size_t used = strlen(collected->text);
		snprintf(collected->text + used, sizeof collected->text - used, "%.*s ",
			TEXT_ARG(engine_result_text(result, 0, row)));
	}
	return STATUS_OK;
}

static void sql_reads_tables_of_the_catalog_by_name(void **state)
{
	(void)state;
	static const struct {
		const char *sql;
		enum status status;
		const char *text;
	} rows[] = {
		{"SELECT item FROM sales.orders WHERE day = 1 ORDER BY id", STATUS_OK,
			"apple pear "},
		{"SELECT a.id FROM sales.orders a JOIN Sales.Orders b ON a.id = b.id + 1 ORDER BY "
		 "1;",
			STATUS_OK, "2 3 4 "},
		{"WITH w AS (SELECT id FROM sales.orders) SELECT count(*) FROM w", STATUS_OK, "4 "},
		{"SELECT count(*) FROM AwsDataCatalog.sales.orders", STATUS_OK, "4 "},
		{"SELECT count(*) FROM awsdatacatalog.sales.orders a, sales.orders b", STATUS_OK,
			"16 "},
		{"SELECT count(*) FROM elsewhere.sales.orders", STATUS_INVALID_ARGUMENT,
			"elsewhere"},
		{"SELECT 1 FROM orders", STATUS_INVALID_ARGUMENT, "needs its database"},
		{"SELECT 1 FROM sales.nix", STATUS_NOT_FOUND, "sales.nix"},
		{"SELECT nix FROM sales.orders", STATUS_INVALID_ARGUMENT, "nix"},
		{"DELETE FROM sales.orders", STATUS_INVALID_ARGUMENT, "SELECT"},
	};
	static const struct engine_limits limits = {.threads = 2};
	struct bench bench;
	bench_open(&bench);
	struct etl_host host = host_of(&bench.host);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct collected collected = {""};
		struct sql_sink sink = {&collected, collect};
		struct error err = {0};
		enum status status =
			etl_sql(text_of(rows[i].sql), &limits, &host, NULL, &sink, &err);
		const char *got = status == STATUS_OK ? collected.text : err.message;
		if (status != rows[i].status || !strstr(got, rows[i].text))
			fail_msg("%s: %s: %s", rows[i].sql, status_name(status), got);
	}
	volatile bool stop = true;
	struct collected collected = {""};
	struct sql_sink sink = {&collected, collect};
	struct error err;
	assert_int_equal(etl_sql(TEXT("SELECT count(*) FROM range(100000000000) a"), &limits, &host,
				 &stop, &sink, &err),
		STATUS_CANCELLED);
	bench_close(&bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_job_reads_a_table_by_name_and_writes_what_it_read),
		cmocka_unit_test(the_second_run_reads_new_files_only),
		cmocka_unit_test(overwritten_files_are_told_or_read_again_or_refused),
		cmocka_unit_test(a_paused_or_absent_bookmark_remembers_nothing),
		cmocka_unit_test(a_predicate_opens_only_its_partitions),
		cmocka_unit_test(a_table_target_is_made_partitioned_and_evolves),
		cmocka_unit_test(a_parquet_table_is_read_with_the_catalogs_types_and_keys),
		cmocka_unit_test(what_does_not_fit_a_table_is_refused_before_anything_is_written),
		cmocka_unit_test(a_failure_while_writing_leaves_nothing),
		cmocka_unit_test(a_faulty_file_is_set_aside_until_it_is_mended),
		cmocka_unit_test(a_refused_commit_leaves_the_stage_to_the_daemon),
		cmocka_unit_test(a_cancelled_run_writes_nothing),
		cmocka_unit_test(a_run_cancelled_while_it_writes_leaves_nothing),
		cmocka_unit_test(arguments_stand_for_their_values),
		cmocka_unit_test(sql_reads_tables_of_the_catalog_by_name),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
