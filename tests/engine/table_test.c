#include "tests/unit.h"

#include "base/memory.h"
#include "engine/engine.h"
#include "schema/notation.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* A made-up table of ROWS rows whose every value follows from its row number.
 * Its strings stand in a block that is poisoned before it is used again, so a
 * string that the engine still holds then shows as '#'. */
enum { ROWS = 100000, COLUMNS = 9, BLOCK = VECTOR_ROWS * 256 };
static const char *const names[COLUMNS] = {
	"id", "name", "small", "wide", "tags", "place", "props", "pick", "day"};
static const char *const types[COLUMNS] = {"bigint", "string", "decimal(5,2)", "decimal(30,3)",
	"array<string>", "struct<city:string,zip:int>", "map<string,bigint>",
	"choice<bigint,string>", "date"};

struct made {
	struct arena *arena;
	struct column columns[COLUMNS];
	_Atomic size_t asked; /* columns of the last scan */
	size_t fail_at;
	_Atomic size_t lanes;
	bool endless;
};
struct made_scan {
	struct made *made;
	_Atomic size_t next;
	size_t projection[COLUMNS], projected;
};
struct made_state {
	struct made_scan *scan;
	char *block;
	size_t used;
};

static enum status made_scan_new(
	void *table, const size_t *projection, size_t projected, void **scan_out, struct error *err)
{
	(void)err;
	struct made_scan *scan = memory_new(sizeof *scan);
	scan->made = table;
	scan->projected = projected;
	memcpy(scan->projection, projection, projected * sizeof *projection);
	atomic_store(&scan->made->asked, projected);
	*scan_out = scan;
	return STATUS_OK;
}

static void *made_state_new(void *scan)
{
	struct made_state *state = memory_new(sizeof *state);
	state->scan = scan;
	state->block = memory_new(BLOCK);
	atomic_fetch_add(&state->scan->made->lanes, 1);
	return state;
}

static void made_state_free(void *data)
{
	struct made_state *state = data;
	free(state->block);
	free(state);
}

static struct vector_string lent(struct made_state *state, const char *format, size_t id)
{
	char *at = state->block + state->used;
	int length = snprintf(at, BLOCK - state->used, "%s%zu", format, id);
	state->used += (size_t)length;
	return vector_string_of((struct text){at, (size_t)length});
}

static void fill_list(struct made_state *state, struct vector *list, size_t row, size_t id)
{
	struct vector_list *entries = list->data;
	size_t length = id % 4;
	list->grow(list, list->list_rows + length);
	entries[row] = (struct vector_list){list->list_rows, length};
	for (size_t i = 0; i < length; i++) {
		struct vector_string *strings = list->children[0].data;
		size_t at = list->list_rows++;
		if (i == 2)
			vector_set_null(&list->children[0], at);
		else
			strings[at] = lent(state, "a tag that is long ", id + i);
	}
}

static void fill_map(struct made_state *state, struct vector *map, size_t row, size_t id)
{
	struct vector_list *entries = map->data;
	map->grow(map, map->list_rows + 1);
	entries[row] = (struct vector_list){map->list_rows, 1};
	((struct vector_string *)map->children[0].data)[map->list_rows] = lent(state, "k", id % 7);
	((int64_t *)map->children[1].data)[map->list_rows] = (int64_t)id;
	map->list_rows++;
}

static void fill(
	struct made_state *state, struct vector *vector, size_t column, size_t row, size_t id)
{
	switch (column) {
	case 0:
		((int64_t *)vector->data)[row] = (int64_t)id;
		break;
	case 1:
		if (id % 10 == 3)
			vector_set_null(vector, row);
		else
			((struct vector_string *)vector->data)[row] =
				lent(state, id % 2 ? "a rather long name " : "s", id);
		break;
	case 2:
		((int64_t *)vector->data)[row] = (int64_t)(id % 99999);
		break;
	case 3:
		((__int128 *)vector->data)[row] = (__int128)1000000000000 * 1000000000000 + id;
		break;
	case 4:
		fill_list(state, vector, row, id);
		break;
	case 5:
		if (id % 5 == 0) {
			vector_set_null(vector, row);
			break;
		}
		((struct vector_string *)vector->children[0].data)[row] =
			lent(state, "a city with a name ", id);
		((int32_t *)vector->children[1].data)[row] = (int32_t)id;
		break;
	case 6:
		fill_map(state, vector, row, id);
		break;
	case 7:
		((uint8_t *)vector->children[0].data)[row] = id % 2;
		((struct vector_string *)vector->children[1].data)[row] =
			lent(state, id % 2 ? "words and words " : "", id);
		break;
	default:
		((int32_t *)vector->data)[row] = (int32_t)(id % 10000);
	}
}

static enum status made_next(
	void *data, struct vector *columns, size_t *rows_out, struct error *err)
{
	struct made_state *state = data;
	struct made_scan *scan = state->scan;
	size_t first = atomic_fetch_add(&scan->next, VECTOR_ROWS);
	memset(state->block, '#', BLOCK);
	state->used = 0;
	if (scan->made->fail_at && first >= scan->made->fail_at)
		return fail(err, STATUS_DATA_LOSS, "'x.csv' is cut short at byte 77");
	size_t all = scan->made->endless ? SIZE_MAX : ROWS;
	size_t rows = first >= all ? 0 : all - first < VECTOR_ROWS ? all - first : VECTOR_ROWS;
	for (size_t i = 0; i < scan->projected; i++) {
		for (size_t row = 0; row < rows; row++)
			fill(state, &columns[i], scan->projection[i], row, first + row);
	}
	*rows_out = rows;
	return STATUS_OK;
}

static double made_progress(void *scan)
{
	return (double)atomic_load(&((struct made_scan *)scan)->next) / ROWS;
}

static const struct engine_table_ops ops = {
	.scan = made_scan_new,
	.scan_free = free,
	.state_new = made_state_new,
	.state_free = made_state_free,
	.next = made_next,
	.progress = made_progress,
};

struct bench {
	struct engine *engine;
	struct made made;
};

static void bench_open(struct bench *bench, bool copy_strings)
{
	struct error err;
	*bench = (struct bench){.made.arena = arena_new()};
	for (size_t i = 0; i < COLUMNS; i++) {
		bench->made.columns[i].name = text_of(names[i]);
		assert_ok(type_parse(bench->made.arena, text_of(types[i]),
				  &bench->made.columns[i].type, &err),
			&err);
	}
	struct engine_limits limits = {.threads = 2, .copy_strings = copy_strings};
	assert_ok(engine_open(&limits, &bench->engine, &err), &err);
	assert_ok(engine_add_table(bench->engine, TEXT("lake"), TEXT("made"), bench->made.columns,
			  COLUMNS, &ops, &bench->made, &err),
		&err);
}

static void bench_close(struct bench *bench)
{
	engine_free(bench->engine);
	arena_free(bench->made.arena);
}

/* The first row's values, separated by '|'; rows beyond the first are counted. */
static size_t query(struct engine *engine, const char *sql, char *row_out, size_t size)
{
	struct error err;
	OWNED(engine_result) result = NULL;
	assert_ok(engine_query(engine, text_of(sql), &result, &err), &err);
	size_t rows = 0, total = 0;
	for (;;) {
		assert_ok(engine_result_next(result, &rows, &err), &err);
		if (!rows)
			return total;
		size_t used = 0;
		for (size_t i = 0; total == 0 && i < engine_result_columns(result); i++) {
			struct text text = engine_result_null(result, i, 0)
						   ? TEXT("NULL")
						   : engine_result_text(result, i, 0);
			used += (size_t)snprintf(row_out + used, size - used, "%s%.*s",
				i ? "|" : "", TEXT_ARG(text));
		}
		total += rows;
	}
}

static void values_of_every_type_arrive(void **state)
{
	(void)state;
	static const struct {
		const char *sql, *row;
	} rows[] = {
		{"SELECT * FROM lake.made WHERE id = 7",
			"7|a rather long name 7|0.07|1000000000000000000000.007|"
			"[\"a tag that is long 7\",\"a tag that is long 8\",null]|"
			"{\"city\":\"a city with a name 7\",\"zip\":7}|{\"k0\":7}|"
			"words and words 7|1970-01-08"},
		{"SELECT name, place, place.city, pick.tag, pick.text FROM lake.made WHERE id = 13",
			"NULL|{\"city\":\"a city with a name 13\",\"zip\":13}|a city with a name "
			"13|1|words and words 13"},
		{"SELECT place, place.city, place.zip IS NULL FROM lake.made WHERE id = 10",
			"NULL|NULL|true"},
		{"SELECT typeof(small), typeof(wide), typeof(pick) FROM lake.made LIMIT 1",
			"DECIMAL(5,2)|DECIMAL(30,3)|STRUCT(tag UTINYINT, \"text\" VARCHAR)"},
		{"SELECT count(*) FROM lake.made", "100000"},
		{"SELECT sum(id), count(name), sum(len(tags)), sum(place.zip) FROM lake.made",
			"4999950000|90000|150000|4000000000"},
	};
	struct bench bench;
	bench_open(&bench, false);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char row[1024] = "";
		query(bench.engine, rows[i].sql, row, sizeof row);
		assert_string_equal(row, rows[i].row);
	}
	bench_close(&bench);
}

/* Operators that hold rows: each must have its own copy of what was lent. */
static void lent_strings_are_never_read_after_the_next_batch(void **state)
{
	(void)state;
	static const char *const holders[] = {
		"SELECT * FROM lake.made ORDER BY hash(name), id",
		"SELECT any_value(name), arg_min(name, id) AS name2, first(place), max(pick.text),"
		" list(tags) FROM lake.made GROUP BY id % 1000",
		"SELECT a.*, b.name FROM lake.made a JOIN lake.made b ON a.id = b.id",
		"SELECT name, row_number() OVER (PARTITION BY id % 10 ORDER BY name), lag(name)"
		" OVER (ORDER BY id) FROM lake.made",
		"SELECT DISTINCT name FROM lake.made",
		"SELECT unnest(tags), name FROM lake.made",
		"SELECT name, place FROM lake.made ORDER BY name DESC NULLS LAST LIMIT 1000",
		"SELECT name FROM lake.made UNION ALL SELECT place.city FROM lake.made",
		"SELECT mode(name), max(name), min(props) FROM lake.made GROUP BY id % 3",
	};
	for (size_t copied = 0; copied < 2; copied++) {
		struct bench bench;
		bench_open(&bench, copied);
		for (size_t i = 0; i < sizeof holders / sizeof *holders; i++) {
			char sql[1024], row[1024];
			snprintf(sql, sizeof sql,
				"SELECT count(*) FROM (%s) AS q WHERE CAST(q AS VARCHAR) LIKE "
				"'%%#%%'",
				holders[i]);
			query(bench.engine, sql, row, sizeof row);
			if (strcmp(row, "0") != 0)
				fail_msg("%s poisoned rows from: %s", row, holders[i]);
		}
		bench_close(&bench);
	}
}

static void both_ways_of_lending_give_the_same_bytes(void **state)
{
	(void)state;
	char hashes[2][64];
	for (size_t copied = 0; copied < 2; copied++) {
		struct bench bench;
		bench_open(&bench, copied);
		query(bench.engine,
			"SELECT bit_xor(hash(COLUMNS(*)::VARCHAR)) FROM"
			" (SELECT CAST(q AS VARCHAR) FROM lake.made AS q)",
			hashes[copied], sizeof hashes[copied]);
		bench_close(&bench);
	}
	assert_string_equal(hashes[0], hashes[1]);
}

static void only_named_columns_are_asked_for(void **state)
{
	(void)state;
	struct bench bench;
	bench_open(&bench, false);
	char row[64];
	query(bench.engine, "SELECT sum(id) FROM lake.made WHERE name IS NOT NULL", row,
		sizeof row);
	assert_int_equal(bench.made.asked, 2);
	query(bench.engine, "SELECT count(*) FROM lake.made", row, sizeof row);
	assert_int_equal(bench.made.asked, 1);
	bench_close(&bench);
}

static void several_threads_scan_one_table(void **state)
{
	(void)state;
	struct bench bench;
	bench_open(&bench, false);
	char row[64];
	query(bench.engine, "SELECT sum(length(name)) FROM lake.made", row, sizeof row);
	assert_int_equal(bench.made.lanes, 2);
	bench_close(&bench);
}

static void a_table_that_fails_tells_its_own_status_and_words(void **state)
{
	(void)state;
	struct bench bench;
	bench_open(&bench, false);
	bench.made.fail_at = 50000;
	struct error err;
	assert_int_equal(
		engine_run(bench.engine, TEXT("CREATE TEMP TABLE t AS FROM lake.made"), &err),
		STATUS_DATA_LOSS);
	assert_string_equal(err.message, "'x.csv' is cut short at byte 77");
	bench.made.fail_at = 0;
	assert_ok(engine_run(bench.engine, TEXT("CREATE TEMP TABLE t AS FROM lake.made"), &err),
		&err);
	bench_close(&bench);
}

static void *cancel_soon(void *data)
{
	struct engine *engine = data;
	usleep(150 * 1000);
	engine_cancel(engine);
	return NULL;
}

static void cancel_ends_an_endless_query_and_all_that_follow(void **state)
{
	(void)state;
	struct bench bench;
	bench_open(&bench, false);
	bench.made.endless = true;
	pthread_t thread;
	assert_int_equal(pthread_create(&thread, NULL, cancel_soon, bench.engine), 0);
	struct error err;
	assert_int_equal(
		engine_run(bench.engine,
			TEXT("CREATE TEMP TABLE t AS SELECT sum(id::DOUBLE) FROM lake.made"), &err),
		STATUS_CANCELLED);
	pthread_join(thread, NULL);
	assert_int_equal(engine_run(bench.engine, TEXT("SELECT 1"), &err), STATUS_CANCELLED);
	bench_close(&bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_of_every_type_arrive),
		cmocka_unit_test(lent_strings_are_never_read_after_the_next_batch),
		cmocka_unit_test(both_ways_of_lending_give_the_same_bytes),
		cmocka_unit_test(only_named_columns_are_asked_for),
		cmocka_unit_test(several_threads_scan_one_table),
		cmocka_unit_test(a_table_that_fails_tells_its_own_status_and_words),
		cmocka_unit_test(cancel_ends_an_endless_query_and_all_that_follow),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
