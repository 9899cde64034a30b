#pragma once

#include "base/buffer.h"
#include "engine/engine.h"

#include <duckdb.h>
#include <pthread.h>
#include <stdatomic.h>

/* What the files of this room share; nothing here is seen outside. */

struct engine {
	duckdb_database database;
	duckdb_connection connection;
	unsigned threads;
	bool copy_strings;
	_Atomic bool cancelled; /* for good: see engine_cancel */
	struct table *tables; /* newest first; freed after the database is closed */
	unsigned table_count;
	pthread_mutex_t lock; /* of what follows */
	struct error table_failure; /* what our own table said first; status OK: nothing */
	struct scan *scans; /* that run now, for progress */
};

/* A prepared statement and its result, released at scope end. */
struct statement {
	duckdb_prepared_statement prepared;
	duckdb_result result;
	bool has_result;
};
void statement_done(struct statement *statement);
#define SCOPED_STATEMENT __attribute__((cleanup(statement_done)))

enum status statement_prepare(struct engine *engine, struct text sql, struct statement *statement,
	struct error *err) MUST_USE;
/* Run it to the end, or (streaming) to its first rows. */
enum status statement_execute(struct engine *engine, struct statement *statement, bool streaming,
	struct error *err) MUST_USE;
/* Wait for the threads of a query that failed, was cancelled or was left early: the
 * engine answers before they end, and they may still call our tables. */
void statement_settle(struct engine *engine);
/* A failure in the engine's words, in one line, with our status. Prefers what one
 * of our own tables said. */
enum status engine_failure(struct engine *engine, duckdb_error_type type, const char *message,
	struct error *err) MUST_USE;
/* The text of a VARCHAR vector's row; borrowed from the chunk. */
struct text chunk_text(duckdb_vector vector, size_t row);
bool chunk_null(duckdb_vector vector, size_t row);

/* Types, both ways. `scan`: as a table function delivers it, with decimals of at
 * least 10 digits, because ours are never narrower than 64 bits. */
duckdb_logical_type logical_of(const struct type *type, bool scan);
const struct type *type_of_logical(struct arena *arena, duckdb_logical_type logical);
bool logical_is_choice(duckdb_logical_type logical); /* STRUCT(tag UTINYINT, text VARCHAR) */

/* One of our vectors over one of the engine's. `vector` and its children stay
 * while the scan's thread lives; data is bound anew for each batch. */
struct bound;
struct bound *bound_new(const struct type *type, struct vector *vector);
void bound_free(struct bound *bound, struct vector *vector);
void bound_start(struct bound *bound, struct vector *vector, duckdb_vector target);
void bound_finish(struct bound *bound, struct vector *vector, size_t rows, bool copy_strings);
