#include "engine/internal.h"

static struct text quoted(struct arena *arena, struct text text, char quote)
{
	char *out = arena_alloc(arena, 2 * text.length + 3);
	size_t length = 0;
	out[length++] = quote;
	for (size_t i = 0; i < text.length; i++) {
		if (text.at[i] == quote)
			out[length++] = quote;
		out[length++] = text.at[i];
	}
	out[length++] = quote;
	return (struct text){out, length};
}

struct text sql_identifier(struct arena *arena, struct text name)
{
	return quoted(arena, name, '"');
}

struct text sql_literal(struct arena *arena, struct text text)
{
	return quoted(arena, text, '\'');
}

/* Past a quoted piece or a comment that begins at `at`; `at` + 1 when none does. */
static size_t lexeme_end(struct text sql, size_t at)
{
	char byte = sql.at[at];
	struct text rest = text_from(sql, at);
	if (byte == '\'' || byte == '"')
		return at + 1 + text_find(text_from(rest, 1), byte) + 1;
	if (text_starts(rest, TEXT("--")))
		return at + text_find(rest, '\n');
	if (text_starts(rest, TEXT("/*"))) {
		const char *end = memmem(rest.at + 2, rest.length - 2, "*/", 2);
		return end ? (size_t)(end - sql.at) + 2 : sql.length;
	}
	return at + 1;
}

struct text sql_select(struct text sql)
{
	size_t end = 0, semicolon = SIZE_MAX; /* end: after the last byte that says something */
	for (size_t at = 0, next; at < sql.length; at = next) {
		next = lexeme_end(sql, at);
		next = next < sql.length ? next : sql.length;
		bool comment = next > at + 1 && (sql.at[at] == '-' || sql.at[at] == '/');
		if (comment || strchr(" \t\r\n", sql.at[at]))
			continue;
		if (sql.at[at] == ';') {
			semicolon = semicolon == SIZE_MAX ? at : semicolon;
			continue;
		}
		if (semicolon != SIZE_MAX)
			return sql; /* something follows: for the engine to judge */
		end = next;
	}
	return text_until(sql, end);
}

/* Table functions that read nothing but their arguments. All others could open
 * files behind the catalog's back. */
#define FUNCTIONS_ALLOWED \
	"'range','generate_series','unnest','repeat','repeat_row','json_each','json_tree'"

/* The parse tree as JSON gives every table by kind, wherever it stands; names
 * bound by WITH are not tables. `$1` is the query. */
static const char tables_sql[] =
	"WITH tree AS MATERIALIZED (SELECT json_serialize_sql($1::VARCHAR)::JSON AS j),"
	" node AS MATERIALIZED (SELECT t.value AS v, t.path AS p,"
	"   json_extract_string(t.value, '$.type') AS type FROM tree, json_tree(tree.j) t"
	"   WHERE t.type = 'OBJECT'),"
	" cte AS (SELECT lower(json_extract_string(v, '$.key')) AS name FROM node"
	"  WHERE suffix(p, '.cte_map.map')),"
	" used AS (SELECT type, lower(json_extract_string(v, '$.function.function_name')) AS f,"
	"   json_extract_string(v, '$.schema_name') AS d,"
	"   json_extract_string(v, '$.table_name') AS t FROM node)"
	"SELECT 'error', json_extract_string(j, '$.error_message'), '' FROM tree"
	" WHERE json_extract_string(j, '$.error') = 'true'"
	" UNION ALL SELECT 'statements',"
	"  CAST(json_array_length(json_extract(j, '$.statements')) AS VARCHAR), '' FROM tree"
	" UNION ALL (SELECT DISTINCT 'function', f, '' FROM used"
	"  WHERE type = 'TABLE_FUNCTION' AND f NOT IN (" FUNCTIONS_ALLOWED "))"
	" UNION ALL (SELECT DISTINCT 'table', d, t FROM used"
	"  WHERE type = 'BASE_TABLE' AND NOT (d = '' AND lower(t) IN (SELECT name FROM cte))"
	"  ORDER BY 2, 3)";

struct found {
	struct arena *arena;
	struct engine_table_name *names;
	size_t count, capacity;
};

static enum status add_row(
	struct found *found, struct text kind, struct text a, struct text b, struct error *err)
{
	if (text_equal(kind, TEXT("error")))
		return fail(err, STATUS_INVALID_ARGUMENT, "not a query that can run: %.*s",
			TEXT_ARG(a));
	if (text_equal(kind, TEXT("statements"))) {
		if (a.length && !text_equal(a, TEXT("1")))
			return fail(err, STATUS_INVALID_ARGUMENT,
				"%.*s statements where one SELECT is expected", TEXT_ARG(a));
		return STATUS_OK;
	}
	if (text_equal(kind, TEXT("function")))
		return fail(err, STATUS_INVALID_ARGUMENT,
			"function '%.*s' may not be read from: name a table of the catalog",
			TEXT_ARG(a));
	if (found->count == found->capacity) {
		size_t grown = found->capacity ? 2 * found->capacity : 8;
		found->names = arena_grow(
			found->arena, found->names, found->count, grown, sizeof *found->names);
		found->capacity = grown;
	}
	found->names[found->count++] = (struct engine_table_name){
		arena_copy(found->arena, a), arena_copy(found->arena, b)};
	return STATUS_OK;
}

static struct text row_text(duckdb_data_chunk chunk, size_t column, size_t row)
{
	duckdb_vector vector = duckdb_data_chunk_get_vector(chunk, column);
	return chunk_null(vector, row) ? TEXT("") : chunk_text(vector, row);
}

static enum status add_rows(struct found *found, duckdb_data_chunk chunk, struct error *err)
{
	for (size_t row = 0; row < duckdb_data_chunk_get_size(chunk); row++)
		TRY(add_row(found, row_text(chunk, 0, row), row_text(chunk, 1, row),
			row_text(chunk, 2, row), err));
	return STATUS_OK;
}

enum status engine_tables_of(struct engine *engine, struct text sql, struct arena *arena,
	struct engine_table_name **names_out, size_t *count_out, struct error *err)
{
	if (sql.length > LIMIT_SQL_BYTES)
		return fail(err, STATUS_RESOURCE_EXHAUSTED, "query has %zu bytes, the limit is %u",
			sql.length, LIMIT_SQL_BYTES);
	struct statement SCOPED_STATEMENT statement = {0};
	TRY(statement_prepare(engine, text_of(tables_sql), &statement, err));
	sql = sql_select(sql);
	duckdb_bind_varchar_length(statement.prepared, 1, sql.at, sql.length);
	TRY(statement_execute(engine, &statement, false, err));
	struct found found = {.arena = arena};
	enum status status = STATUS_OK;
	duckdb_data_chunk chunk;
	while (status == STATUS_OK && (chunk = duckdb_fetch_chunk(statement.result))) {
		status = add_rows(&found, chunk, err);
		duckdb_destroy_data_chunk(&chunk);
	}
	if (status != STATUS_OK)
		return status;
	*names_out = found.names;
	*count_out = found.count;
	return STATUS_OK;
}
