#include "engine/internal.h"

#include <stdlib.h>

void statement_done(struct statement *statement)
{
	if (statement->has_result)
		duckdb_destroy_result(&statement->result);
	duckdb_destroy_prepare(&statement->prepared);
	*statement = (struct statement){0};
}

static enum status status_of(duckdb_error_type type)
{
	switch (type) {
	case DUCKDB_ERROR_INTERRUPT:
		return STATUS_CANCELLED;
	case DUCKDB_ERROR_OUT_OF_MEMORY:
		return STATUS_RESOURCE_EXHAUSTED;
	case DUCKDB_ERROR_IO:
	case DUCKDB_ERROR_NETWORK:
	case DUCKDB_ERROR_HTTP:
		return STATUS_UNKNOWN; /* a file's content as often as a disk: not for retrying */
	case DUCKDB_ERROR_NOT_IMPLEMENTED:
		return STATUS_UNIMPLEMENTED;
	case DUCKDB_ERROR_INTERNAL:
	case DUCKDB_ERROR_FATAL:
		return STATUS_INTERNAL;
	case DUCKDB_ERROR_PERMISSION:
		return STATUS_PERMISSION_DENIED;
	default:
		return STATUS_INVALID_ARGUMENT;
	}
}

/* The engine's message in one line, without the query and the advice below it. */
static void flatten(const char *message, char *out, size_t size)
{
	static const char *const tails[] = {"\n\nLINE ", "\nPossible solutions"};
	size_t length = strlen(message), used = 0;
	for (size_t i = 0; i < sizeof tails / sizeof *tails; i++) {
		const char *end = strstr(message, tails[i]);
		if (end && (size_t)(end - message) < length)
			length = (size_t)(end - message);
	}
	for (size_t i = 0; i < length && used + 1 < size; i++) {
		char byte = message[i] == '\n' || message[i] == '\r' ? ' ' : message[i];
		if (byte != ' ' || (used && out[used - 1] != ' '))
			out[used++] = byte;
	}
	while (used && (out[used - 1] == ' ' || out[used - 1] == '.'))
		used--;
	out[used] = '\0';
}

enum status engine_failure(
	struct engine *engine, duckdb_error_type type, const char *message, struct error *err)
{
	pthread_mutex_lock(&engine->lock);
	struct error own = engine->table_failure;
	engine->table_failure.status = STATUS_OK;
	pthread_mutex_unlock(&engine->lock);
	if (atomic_load(&engine->cancelled))
		return fail(err, STATUS_CANCELLED, "cancelled");
	if (own.status != STATUS_OK) {
		*err = own;
		return own.status;
	}
	char line[ERROR_MESSAGE_MAX];
	if (type == DUCKDB_ERROR_OUT_OF_MEMORY) {
		flatten(message, line, sizeof line / 2);
		return fail(err, STATUS_RESOURCE_EXHAUSTED,
			"%s: give it more memory or fewer threads", line);
	}
	flatten(message ? message : "no reason was given", line, sizeof line);
	return fail(err, status_of(type), "%s", line);
}

enum status statement_prepare(
	struct engine *engine, struct text sql, struct statement *statement, struct error *err)
{
	if (atomic_load(&engine->cancelled))
		return fail(err, STATUS_CANCELLED, "cancelled");
	char *query = strndup(sql.at, sql.length);
	duckdb_state state = duckdb_prepare(engine->connection, query, &statement->prepared);
	free(query);
	if (state == DuckDBSuccess)
		return STATUS_OK;
	return engine_failure(
		engine, DUCKDB_ERROR_INVALID, duckdb_prepare_error(statement->prepared), err);
}

enum status statement_execute(
	struct engine *engine, struct statement *statement, bool streaming, struct error *err)
{
	duckdb_pending_result pending = NULL;
	duckdb_state state =
		streaming ? duckdb_pending_prepared_streaming(statement->prepared, &pending)
			  : duckdb_pending_prepared(statement->prepared, &pending);
	if (state != DuckDBSuccess) {
		enum status status = engine_failure(
			engine, DUCKDB_ERROR_INVALID, duckdb_pending_error(pending), err);
		duckdb_destroy_pending(&pending);
		return status;
	}
	/* A pending query has cleared the interrupt flag, so a cancel that came before
	 * is seen here and one that comes later is seen by the query. */
	if (atomic_load(&engine->cancelled)) {
		duckdb_destroy_pending(&pending);
		return fail(err, STATUS_CANCELLED, "cancelled");
	}
	state = duckdb_execute_pending(pending, &statement->result);
	duckdb_destroy_pending(&pending);
	statement->has_result = true;
	if (state == DuckDBSuccess)
		return STATUS_OK;
	statement_settle(engine);
	return engine_failure(engine, duckdb_result_error_type(&statement->result),
		duckdb_result_error(&statement->result), err);
}

void statement_settle(struct engine *engine)
{
	/* The connection ends its last query, and waits for its tasks, when it begins
	 * the next one; left to the last thread that holds the query, it would wait for
	 * itself. */
	duckdb_query(engine->connection, "SELECT 1", NULL);
}

struct text chunk_text(duckdb_vector vector, size_t row)
{
	duckdb_string_t *strings = duckdb_vector_get_data(vector);
	return (struct text){
		duckdb_string_t_data(&strings[row]), duckdb_string_t_length(strings[row])};
}

bool chunk_null(duckdb_vector vector, size_t row)
{
	uint64_t *validity = duckdb_vector_get_validity(vector);
	return validity && !duckdb_validity_row_is_valid(validity, row);
}
