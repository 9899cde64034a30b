#include "engine/table.h"
#include "base/memory.h"
#include "engine/internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* One table function per table: the engine binds it, then scans it any number of
 * times, each scan on several threads. */
struct table {
	struct table *older;
	struct engine *engine;
	const struct engine_table_ops *ops;
	void *rows; /* the caller's table */
	size_t count;
	char **names;
	const struct type **types;
	struct arena *arena;
};

struct scan {
	struct scan *next, **link; /* in engine->scans */
	const struct table *table;
	_Atomic unsigned holders; /* the engine's query, and each lane */
	void *scan;
	size_t projected;
	size_t *projection;
};

/* One thread of one scan. */
struct lane {
	struct scan *scan;
	void *state;
	struct vector *vectors;
	struct bound **bound;
};

void tables_free(struct table *tables)
{
	while (tables) {
		struct table *older = tables->older;
		arena_free(tables->arena);
		free(tables);
		tables = older;
	}
}

double scans_progress(struct engine *engine)
{
	double sum = 0;
	size_t count = 0;
	pthread_mutex_lock(&engine->lock);
	for (struct scan *scan = engine->scans; scan; scan = scan->next) {
		if (!scan->table->ops->progress)
			continue;
		sum += scan->table->ops->progress(scan->scan);
		count++;
	}
	pthread_mutex_unlock(&engine->lock);
	return count ? sum / (double)count : -1;
}

/* The first failure is the one that is told. */
static void note_failure(struct engine *engine, const struct error *failure)
{
	pthread_mutex_lock(&engine->lock);
	if (engine->table_failure.status == STATUS_OK)
		engine->table_failure = *failure;
	pthread_mutex_unlock(&engine->lock);
}

static void on_bind(duckdb_bind_info info)
{
	struct table *table = duckdb_bind_get_extra_info(info);
	for (size_t i = 0; i < table->count; i++) {
		duckdb_logical_type type = logical_of(table->types[i], true);
		duckdb_bind_add_result_column(info, table->names[i], type);
		duckdb_destroy_logical_type(&type);
	}
	if (table->ops->rows)
		duckdb_bind_set_cardinality(info, table->ops->rows(table->rows), false);
}

/* Which of a query's threads lets go last is not promised. */
static void scan_release(struct scan *scan)
{
	if (atomic_fetch_sub(&scan->holders, 1) != 1)
		return;
	struct engine *engine = scan->table->engine;
	pthread_mutex_lock(&engine->lock);
	if (scan->link) {
		*scan->link = scan->next;
		if (scan->next)
			scan->next->link = scan->link;
	}
	pthread_mutex_unlock(&engine->lock);
	if (scan->scan)
		scan->table->ops->scan_free(scan->scan);
	free(scan->projection);
	free(scan);
}

static void scan_done(void *data)
{
	scan_release(data);
}

static void scan_listed(struct scan *scan)
{
	struct engine *engine = scan->table->engine;
	pthread_mutex_lock(&engine->lock);
	scan->next = engine->scans;
	scan->link = &engine->scans;
	if (scan->next)
		scan->next->link = &scan->next;
	engine->scans = scan;
	pthread_mutex_unlock(&engine->lock);
}

static void on_init(duckdb_init_info info)
{
	const struct table *table = duckdb_init_get_extra_info(info);
	struct scan *scan = memory_new(sizeof *scan);
	scan->table = table;
	atomic_init(&scan->holders, 1);
	scan->projected = duckdb_init_get_column_count(info);
	scan->projection = memory_new_array(scan->projected + 1, sizeof *scan->projection);
	duckdb_init_set_init_data(info, scan, scan_done);
	for (size_t i = 0; i < scan->projected; i++) {
		scan->projection[i] = duckdb_init_get_column_index(info, i);
		if (scan->projection[i] >= table->count) {
			duckdb_init_set_error(info, "this table has no row numbers");
			return;
		}
	}
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	unsigned threads = table->engine->threads ? table->engine->threads : (unsigned)cores;
	duckdb_init_set_max_threads(info, threads);
	struct error err = {0};
	enum status status =
		table->ops->scan(table->rows, scan->projection, scan->projected, &scan->scan, &err);
	if (status != STATUS_OK) {
		note_failure(table->engine, &err);
		duckdb_init_set_error(info, err.message);
		return;
	}
	scan_listed(scan);
}

static void lane_done(void *data)
{
	struct lane *lane = data;
	struct scan *scan = lane->scan;
	if (scan) {
		scan->table->ops->state_free(lane->state);
		for (size_t i = 0; i < scan->projected; i++)
			bound_free(lane->bound[i], &lane->vectors[i]);
		scan_release(scan);
	}
	free(lane->vectors);
	free(lane->bound);
	free(lane);
}

/* The C API gives a local state no way to its scan: on_batch brings them together. */
static void on_local_init(duckdb_init_info info)
{
	duckdb_init_set_init_data(info, memory_new(sizeof(struct lane)), lane_done);
}

static void lane_begin(struct lane *lane, struct scan *scan)
{
	atomic_fetch_add(&scan->holders, 1);
	lane->scan = scan;
	lane->vectors = memory_new_array(scan->projected + 1, sizeof *lane->vectors);
	lane->bound = memory_new_array(scan->projected + 1, sizeof(struct bound *));
	for (size_t i = 0; i < scan->projected; i++)
		lane->bound[i] =
			bound_new(scan->table->types[scan->projection[i]], &lane->vectors[i]);
	lane->state = scan->table->ops->state_new(scan->scan);
}

static void on_batch(duckdb_function_info info, duckdb_data_chunk output)
{
	struct lane *lane = duckdb_function_get_local_init_data(info);
	struct scan *scan = duckdb_function_get_init_data(info);
	struct engine *engine = scan->table->engine;
	if (atomic_load(&engine->cancelled)) {
		duckdb_function_set_error(info, "cancelled");
		return;
	}
	if (!lane->scan)
		lane_begin(lane, scan);
	for (size_t i = 0; i < scan->projected; i++)
		bound_start(
			lane->bound[i], &lane->vectors[i], duckdb_data_chunk_get_vector(output, i));
	size_t rows = 0;
	struct error err = {0};
	if (scan->table->ops->next(lane->state, lane->vectors, &rows, &err) != STATUS_OK) {
		note_failure(engine, &err);
		duckdb_function_set_error(info, err.message);
		return;
	}
	for (size_t i = 0; i < scan->projected; i++)
		bound_finish(lane->bound[i], &lane->vectors[i], rows, engine->copy_strings);
	duckdb_data_chunk_set_size(output, rows);
}

static bool function_register(struct table *table, const char *name)
{
	duckdb_table_function function = duckdb_create_table_function();
	duckdb_table_function_set_name(function, name);
	duckdb_table_function_set_extra_info(function, table, NULL);
	duckdb_table_function_set_bind(function, on_bind);
	duckdb_table_function_set_init(function, on_init);
	duckdb_table_function_set_local_init(function, on_local_init);
	duckdb_table_function_set_function(function, on_batch);
	duckdb_table_function_supports_projection_pushdown(function, true);
	duckdb_state state = duckdb_register_table_function(table->engine->connection, function);
	duckdb_destroy_table_function(&function);
	return state == DuckDBSuccess;
}

static struct table *table_new(struct engine *engine, const struct column *columns, size_t count,
	const struct engine_table_ops *ops, void *rows)
{
	struct table *table = memory_new(sizeof *table);
	table->arena = arena_new();
	table->engine = engine;
	table->ops = ops;
	table->rows = rows;
	table->count = count;
	table->names = arena_array(table->arena, count, sizeof *table->names);
	table->types = arena_array(table->arena, count, sizeof *table->types);
	for (size_t i = 0; i < count; i++) {
		table->names[i] = arena_text(table->arena, columns[i].name);
		table->types[i] = columns[i].type;
	}
	table->older = engine->tables;
	engine->tables = table;
	engine->table_count++;
	return table;
}

/* Casts bring decimals back to their own width; where a type is what it should
 * be the engine drops the cast. */
static void view_sql(
	struct arena *arena, const struct table *table, const char *function, struct buffer *sql)
{
	buffer_add_string(sql, "SELECT ");
	for (size_t i = 0; i < table->count; i++) {
		struct text name = sql_identifier(arena, text_of(table->names[i]));
		buffer_printf(sql, "%sCAST(%.*s AS %s) AS %.*s", i ? ", " : "", TEXT_ARG(name),
			engine_type_name(arena, table->types[i]), TEXT_ARG(name));
	}
	buffer_printf(sql, " FROM %s()", function);
}

enum status engine_add_table(struct engine *engine, struct text database, struct text name,
	const struct column *columns, size_t count, const struct engine_table_ops *ops, void *table,
	struct error *err)
{
	if (!count)
		return fail(err, STATUS_INVALID_ARGUMENT, "table '%.*s' has no columns",
			TEXT_ARG(name));
	struct table *made = table_new(engine, columns, count, ops, table);
	char function[40];
	(void)snprintf(function, sizeof function, "tenon_table_%u", engine->table_count);
	if (!function_register(made, function))
		return fail(
			err, STATUS_INTERNAL, "the engine refused table '%.*s'", TEXT_ARG(name));
	OWNED(arena) arena = arena_new();
	struct buffer SCOPED_BUFFER sql;
	buffer_init(&sql, LIMIT_MESSAGE_BYTES);
	view_sql(arena, made, function, &sql);
	TRY(buffer_check(&sql, "a table's columns", err));
	return engine_add_view(engine, database, name, buffer_text(&sql), err);
}

enum status engine_add_view(struct engine *engine, struct text database, struct text name,
	struct text sql, struct error *err)
{
	OWNED(arena) arena = arena_new();
	struct buffer SCOPED_BUFFER text;
	buffer_init(&text, LIMIT_MESSAGE_BYTES);
	struct text schema = sql_identifier(arena, database.length ? database : TEXT("main"));
	buffer_printf(&text, "CREATE SCHEMA IF NOT EXISTS %.*s", TEXT_ARG(schema));
	TRY(engine_run(engine, buffer_text(&text), err));
	buffer_clear(&text);
	struct text quoted = sql_identifier(arena, name);
	buffer_printf(
		&text, "CREATE OR REPLACE VIEW %.*s.%.*s AS ", TEXT_ARG(schema), TEXT_ARG(quoted));
	buffer_add_text(&text, sql);
	TRY(buffer_check(&text, "a view", err));
	return engine_run(engine, buffer_text(&text), err);
}
