#include "base/memory.h"
#include "engine/internal.h"
#include "schema/notation.h"

#include <stdio.h>
#include <stdlib.h>

/* A query's rows as text: the query is wrapped so that the engine itself writes
 * each value, nested ones as JSON. */
struct engine_result {
	struct engine *engine;
	struct statement statement;
	struct arena *arena;
	size_t columns;
	const char **names;
	const char **types;
	duckdb_data_chunk chunk;
};

static const struct type *column_type(
	struct arena *arena, duckdb_prepared_statement prepared, size_t column)
{
	duckdb_logical_type logical =
		duckdb_prepared_statement_column_logical_type(prepared, column);
	const struct type *type = type_of_logical(arena, logical);
	duckdb_destroy_logical_type(&logical);
	return type;
}

static const char *column_name(
	struct arena *arena, duckdb_prepared_statement prepared, size_t column)
{
	const char *name = duckdb_prepared_statement_column_name(prepared, column);
	const char *copy = arena_text(arena, text_of(name));
	duckdb_free((void *)(uintptr_t)name);
	return copy;
}

static enum status columns_of(
	struct engine *engine, struct text sql, struct statement *statement, struct error *err)
{
	TRY(statement_prepare(engine, sql, statement, err));
	if (duckdb_prepared_statement_type(statement->prepared) != DUCKDB_STATEMENT_TYPE_SELECT)
		return fail(err, STATUS_INVALID_ARGUMENT, "not a SELECT");
	if (duckdb_nparams(statement->prepared))
		return fail(err, STATUS_INVALID_ARGUMENT,
			"the query has parameters ('?' or '$1') that nothing gives a value to");
	return STATUS_OK;
}

enum status engine_describe(struct engine *engine, struct text sql, struct arena *arena,
	struct schema *schema_out, struct error *err)
{
	struct statement SCOPED_STATEMENT statement = {0};
	TRY(columns_of(engine, sql, &statement, err));
	size_t count = duckdb_prepared_statement_column_count(statement.prepared);
	struct column *columns = arena_array(arena, count, sizeof *columns);
	for (size_t i = 0; i < count; i++) {
		columns[i].name = text_of(column_name(arena, statement.prepared, i));
		columns[i].type = column_type(arena, statement.prepared, i);
		columns[i].comment = TEXT("");
	}
	*schema_out = (struct schema){.columns = columns, .column_count = count};
	return STATUS_OK;
}

enum written { AS_TEXT, AS_JSON, AS_CHOICE };

static enum written how_written(duckdb_logical_type logical)
{
	switch (duckdb_get_type_id(logical)) {
	case DUCKDB_TYPE_LIST:
	case DUCKDB_TYPE_ARRAY:
	case DUCKDB_TYPE_MAP:
	case DUCKDB_TYPE_UNION:
		return AS_JSON;
	case DUCKDB_TYPE_STRUCT:
		return logical_is_choice(logical) ? AS_CHOICE : AS_JSON;
	default:
		return AS_TEXT;
	}
}

static void describe_result(
	struct engine_result *result, duckdb_prepared_statement prepared, struct buffer *select)
{
	result->columns = duckdb_prepared_statement_column_count(prepared);
	result->names = arena_array(result->arena, result->columns, sizeof *result->names);
	result->types = arena_array(result->arena, result->columns, sizeof *result->types);
	for (size_t i = 0; i < result->columns; i++) {
		duckdb_logical_type logical =
			duckdb_prepared_statement_column_logical_type(prepared, i);
		enum written written = how_written(logical);
		const struct type *type = type_of_logical(result->arena, logical);
		duckdb_destroy_logical_type(&logical);
		result->names[i] = column_name(result->arena, prepared, i);
		result->types[i] = written == AS_CHOICE ? "choice" : type_text(result->arena, type);
		char part[64];
		(void)snprintf(part, sizeof part,
			written == AS_TEXT   ? "%sCAST(c%zu AS VARCHAR)"
			: written == AS_JSON ? "%sCAST(to_json(c%zu) AS VARCHAR)"
					     : "%sc%zu.\"text\"",
			i ? ", " : "", i);
		buffer_add_string(select, part);
	}
}

static void wrap(struct engine_result *result, struct text sql, struct buffer *select)
{
	buffer_add_string(select, " FROM (");
	buffer_add_text(select, sql_select(sql));
	buffer_add_string(select, ") AS q(");
	for (size_t i = 0; i < result->columns; i++)
		buffer_printf(select, "%sc%zu", i ? ", " : "", i);
	buffer_add_byte(select, ')');
}

enum status engine_query(struct engine *engine, struct text sql, struct engine_result **result_out,
	struct error *err)
{
	OWNED(engine_result) result = memory_new(sizeof *result);
	result->engine = engine;
	result->arena = arena_new();
	struct buffer SCOPED_BUFFER select;
	buffer_init(&select, LIMIT_MESSAGE_BYTES);
	buffer_add_string(&select, "SELECT ");
	struct statement SCOPED_STATEMENT described = {0};
	TRY(columns_of(engine, sql, &described, err));
	describe_result(result, described.prepared, &select);
	wrap(result, sql, &select);
	TRY(buffer_check(&select, "a query", err));
	TRY(statement_prepare(engine, buffer_text(&select), &result->statement, err));
	TRY(statement_execute(engine, &result->statement, true, err));
	*result_out = TAKE(result);
	return STATUS_OK;
}

void engine_result_free(struct engine_result *result)
{
	if (!result)
		return;
	duckdb_destroy_data_chunk(&result->chunk);
	statement_done(&result->statement);
	arena_free(result->arena);
	free(result);
}

size_t engine_result_columns(const struct engine_result *result)
{
	return result->columns;
}

const char *engine_result_name(const struct engine_result *result, size_t column)
{
	return result->names[column];
}

const char *engine_result_type(const struct engine_result *result, size_t column)
{
	return result->types[column];
}

enum status engine_result_next(struct engine_result *result, size_t *rows_out, struct error *err)
{
	duckdb_destroy_data_chunk(&result->chunk);
	if (atomic_load(&result->engine->cancelled))
		return fail(err, STATUS_CANCELLED, "cancelled");
	result->chunk = duckdb_fetch_chunk(result->statement.result);
	const char *why = duckdb_result_error(&result->statement.result);
	if (!result->chunk && why)
		return engine_failure(result->engine,
			duckdb_result_error_type(&result->statement.result), why, err);
	*rows_out = result->chunk ? duckdb_data_chunk_get_size(result->chunk) : 0;
	return STATUS_OK;
}

bool engine_result_null(const struct engine_result *result, size_t column, size_t row)
{
	return chunk_null(duckdb_data_chunk_get_vector(result->chunk, column), row);
}

struct text engine_result_text(struct engine_result *result, size_t column, size_t row)
{
	return chunk_text(duckdb_data_chunk_get_vector(result->chunk, column), row);
}
