#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "schema/schema.h"
#include "schema/vector.h"

#include <stdbool.h>
#include <stdint.h>

/* The embedded SQL engine (DuckDB 1.5.5) made small: open with limits, give it
 * tables, run, watch, cancel, copy out. One engine per process; one query at a
 * time; engine_cancel and engine_progress from any thread. */
struct engine;

struct engine_limits {
	uint64_t memory_bytes; /* of the buffer manager; RSS may be about 1.7 times this */
	unsigned threads; /* 0: one per core */
	const char *spill_folder; /* NULL: no spilling */
	bool copy_strings; /* copy what our tables lend, instead of trusting the engine to be
			    * done with it when it asks for the next batch */
};

enum status engine_open(
	const struct engine_limits *limits, struct engine **engine_out, struct error *err) MUST_USE;
void engine_free(struct engine *engine);
OWNABLE(engine);

/* A table whose rows we make ourselves (a table function). Scanned by several
 * threads, each with its own state; only projected columns are asked for. */
struct engine_table_ops {
	/* One scan begins: `projection` are column indexes in vector order. */
	enum status (*scan)(void *table, const size_t *projection, size_t projected,
		void **scan_out, struct error *err);
	void (*scan_free)(void *scan);
	void *(*state_new)(void *scan);
	void (*state_free)(void *state);
	/* Up to VECTOR_ROWS rows into `columns`; 0 = end. Borrowed strings must stay
	 * valid until the next call on the same state. */
	enum status (*next)(
		void *state, struct vector *columns, size_t *rows_out, struct error *err);
	double (*progress)(void *scan); /* 0..1; may be NULL */
	uint64_t (*rows)(void *table); /* estimate; may be NULL */
};

/* Make `database`.`name` a view over the table. Choice columns appear as
 * STRUCT(tag UTINYINT, text VARCHAR). `table` is borrowed until engine_free. */
enum status engine_add_table(struct engine *engine, struct text database, struct text name,
	const struct column *columns, size_t count, const struct engine_table_ops *ops, void *table,
	struct error *err) MUST_USE;
/* Make `database`.`name` a view over SQL. An empty database: an unqualified name. */
enum status engine_add_view(struct engine *engine, struct text database, struct text name,
	struct text sql, struct error *err) MUST_USE;

/* Run statements without a result. CANCELLED after engine_cancel;
 * INVALID_ARGUMENT carries the engine's own message. */
enum status engine_run(struct engine *engine, struct text sql, struct error *err) MUST_USE;
/* The columns a query would give, without running it. */
enum status engine_describe(struct engine *engine, struct text sql, struct arena *arena,
	struct schema *schema_out, struct error *err) MUST_USE;

/* A streaming result. */
struct engine_result;
enum status engine_query(struct engine *engine, struct text sql, struct engine_result **result_out,
	struct error *err) MUST_USE;
void engine_result_free(struct engine_result *result);
OWNABLE(engine_result);
size_t engine_result_columns(const struct engine_result *result);
const char *engine_result_name(const struct engine_result *result, size_t column);
const char *engine_result_type(const struct engine_result *result, size_t column); /* Hive text */
/* The next batch; 0 rows at the end. */
enum status engine_result_next(
	struct engine_result *result, size_t *rows_out, struct error *err) MUST_USE;
bool engine_result_null(const struct engine_result *result, size_t column, size_t row);
/* A value as text (nested ones as JSON), valid until the next batch. */
struct text engine_result_text(struct engine_result *result, size_t column, size_t row);

/* One file that COPY wrote. */
struct engine_file {
	struct text path;
	uint64_t rows; /* CSV and JSON in several files: the first has the sum of all */
	uint64_t bytes;
};
enum engine_output { ENGINE_PARQUET, ENGINE_CSV, ENGINE_JSON };
struct engine_copy {
	struct text sql; /* a SELECT */
	struct text folder; /* existing */
	enum engine_output format;
	const char *compression; /* "snappy", "zstd", "gzip", "none"; NULL: the format's default */
	const struct text *partition_keys; /* hive folders key=value below `folder` */
	size_t partition_count;
	struct text file_stem; /* "run-…"; unique within the run */
	bool keep_order; /* rows in the query's order: slower on several threads */
};
/* Write the query's rows as files; lists what was written. */
enum status engine_copy_out(struct engine *engine, const struct engine_copy *copy,
	struct arena *arena, struct engine_file **files_out, size_t *count_out,
	struct error *err) MUST_USE;

/* For good: what runs and all that comes later is CANCELLED. */
void engine_cancel(struct engine *engine);
double engine_progress(struct engine *engine); /* 0..1, or -1 when unknown */

/* An identifier or literal quoted for SQL, in `arena`. */
struct text sql_identifier(struct arena *arena, struct text name);
struct text sql_literal(struct arena *arena, struct text text);
/* `sql` without the semicolons and comments at its end, so that it can stand in
 * parentheses; unchanged when more statements follow. */
struct text sql_select(struct text sql);
/* The engine's name of a type: struct<a:int> is STRUCT(a INTEGER). */
const char *engine_type_name(struct arena *arena, const struct type *type);
/* Base tables that a SELECT names, as (database, table): empty database when unqualified.
 * INVALID_ARGUMENT when it is not one SELECT. */
struct engine_table_name {
	struct text database, table;
};
enum status engine_tables_of(struct engine *engine, struct text sql, struct arena *arena,
	struct engine_table_name **names_out, size_t *count_out, struct error *err) MUST_USE;
