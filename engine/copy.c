#include "engine/internal.h"

#include <sys/stat.h>
#include <unistd.h>

/* How each kind of output is asked for. */
static const struct {
	const char *format;
	const char *extension;
	const char *compression; /* the default */
	bool stats; /* the engine tells rows and bytes of each file */
} outputs[] = {
	[ENGINE_PARQUET] = {"FORMAT parquet", ".parquet", "snappy", true},
	[ENGINE_CSV] = {"FORMAT csv, HEADER true", ".csv", "none", false},
	/* The engine's own JSON writer cannot partition: each row is made one text, and
	 * JSON text holds no \\x01. */
	[ENGINE_JSON] = {"FORMAT csv, HEADER false, QUOTE '', ESCAPE '', DELIMITER E'\\x01'",
		".json", "none", false},
};

static const struct {
	const char *name;
	bool parquet_only;
	const char *suffix; /* of text files */
} compressions[] = {
	{"none", false, ""},
	{"gzip", false, ".gz"},
	{"zstd", false, ".zst"},
	{"snappy", true, ""},
};

static enum status compression_of(
	const struct engine_copy *copy, size_t *found_out, struct error *err)
{
	const char *asked =
		copy->compression ? copy->compression : outputs[copy->format].compression;
	for (size_t i = 0; i < sizeof compressions / sizeof *compressions; i++) {
		if (strcmp(compressions[i].name, asked) != 0)
			continue;
		if (compressions[i].parquet_only && copy->format != ENGINE_PARQUET)
			break;
		*found_out = i;
		return STATUS_OK;
	}
	return fail(err, STATUS_INVALID_ARGUMENT,
		"compression '%s' is not known here: use %snone, gzip or zstd", asked,
		copy->format == ENGINE_PARQUET ? "snappy, " : "");
}

static void partition_options(
	struct arena *arena, const struct engine_copy *copy, struct buffer *sql)
{
	/* `{uuid}`: a partition may be written to more than once, and files are named
	 * for good when they are published. */
	buffer_add_string(sql, ", APPEND true, FILENAME_PATTERN ");
	buffer_add_text(sql, sql_literal(arena, text_of(arena_printf(arena, "%.*s-{uuid}",
							TEXT_ARG(copy->file_stem)))));
	buffer_add_string(sql, ", PARTITION_BY (");
	for (size_t i = 0; i < copy->partition_count; i++) {
		buffer_add_string(sql, i ? ", " : "");
		buffer_add_text(sql, sql_identifier(arena, copy->partition_keys[i]));
	}
	buffer_add_byte(sql, ')');
}

static struct text copy_target(
	struct arena *arena, const struct engine_copy *copy, const char *suffix)
{
	if (copy->partition_count)
		return copy->folder;
	return text_of(arena_printf(arena, "%.*s/%.*s%s%s", TEXT_ARG(copy->folder),
		TEXT_ARG(copy->file_stem), outputs[copy->format].extension, suffix));
}

static bool is_key(const struct engine_copy *copy, struct text name)
{
	for (size_t i = 0; i < copy->partition_count; i++) {
		if (text_equal_folded(copy->partition_keys[i], name))
			return true;
	}
	return false;
}

/* Each row as one JSON object, beside the partition keys. */
static enum status json_rows(struct engine *engine, struct arena *arena,
	const struct engine_copy *copy, struct buffer *sql, struct error *err)
{
	struct schema schema;
	TRY(engine_describe(engine, copy->sql, arena, &schema, err));
	buffer_add_string(sql, "SELECT CAST(to_json(struct_pack(");
	for (size_t i = 0, fields = 0; i < schema.column_count; i++) {
		if (is_key(copy, schema.columns[i].name))
			continue;
		struct text name = sql_identifier(arena, schema.columns[i].name);
		buffer_printf(sql, "%s%.*s := q.%.*s", fields++ ? ", " : "", TEXT_ARG(name),
			TEXT_ARG(name));
	}
	buffer_add_string(sql, ")) AS VARCHAR) AS \"tenon line\"");
	for (size_t i = 0; i < copy->partition_count; i++) {
		struct text name = sql_identifier(arena, copy->partition_keys[i]);
		buffer_printf(sql, ", q.%.*s", TEXT_ARG(name));
	}
	buffer_add_string(sql, " FROM (");
	buffer_add_text(sql, sql_select(copy->sql));
	buffer_add_string(sql, ") AS q");
	return STATUS_OK;
}

static enum status copy_sql(struct engine *engine, struct arena *arena,
	const struct engine_copy *copy, struct buffer *sql, struct error *err)
{
	size_t compression = 0;
	TRY(compression_of(copy, &compression, err));
	const char *suffix = copy->format == ENGINE_PARQUET ? "" : compressions[compression].suffix;
	buffer_add_string(sql, "COPY (");
	if (copy->format != ENGINE_JSON)
		buffer_add_text(sql, sql_select(copy->sql));
	else
		TRY(json_rows(engine, arena, copy, sql, err));
	buffer_add_string(sql, ") TO ");
	buffer_add_text(sql, sql_literal(arena, copy_target(arena, copy, suffix)));
	buffer_printf(sql, " (%s, COMPRESSION %s, %s true", outputs[copy->format].format,
		compression == 0 && copy->format == ENGINE_PARQUET ? "uncompressed"
								   : compressions[compression].name,
		outputs[copy->format].stats ? "RETURN_STATS" : "RETURN_FILES");
	if (copy->partition_count)
		partition_options(arena, copy, sql);
	else if (copy->keep_order)
		buffer_add_string(sql, ", PRESERVE_ORDER true");
	if (copy->format != ENGINE_PARQUET)
		buffer_printf(sql, ", FILE_EXTENSION '%s%s'", outputs[copy->format].extension + 1,
			suffix);
	buffer_add_byte(sql, ')');
	return buffer_check(sql, "a query", err);
}

/* RETURN_STATS: one row per file (name, rows, bytes, …). */
static void files_with_stats(
	duckdb_data_chunk chunk, struct arena *arena, struct engine_file *files, size_t *count)
{
	duckdb_vector names = duckdb_data_chunk_get_vector(chunk, 0);
	uint64_t *rows = duckdb_vector_get_data(duckdb_data_chunk_get_vector(chunk, 1));
	uint64_t *bytes = duckdb_vector_get_data(duckdb_data_chunk_get_vector(chunk, 2));
	for (size_t i = 0; i < duckdb_data_chunk_get_size(chunk); i++)
		files[(*count)++] = (struct engine_file){
			arena_copy(arena, chunk_text(names, i)), rows[i], bytes[i]};
}

/* RETURN_FILES: one row, the number of rows and a list of names. */
static void files_without_stats(
	duckdb_data_chunk chunk, struct arena *arena, struct engine_file *files, size_t *count)
{
	int64_t *rows = duckdb_vector_get_data(duckdb_data_chunk_get_vector(chunk, 0));
	duckdb_vector lists = duckdb_data_chunk_get_vector(chunk, 1);
	duckdb_list_entry *entry = duckdb_vector_get_data(lists);
	duckdb_vector names = duckdb_list_vector_get_child(lists);
	for (size_t i = 0; i < entry[0].length; i++) {
		struct text path = arena_copy(arena, chunk_text(names, entry[0].offset + i));
		struct stat found = {0};
		if (stat(arena_text(arena, path), &found) != 0)
			found.st_size = 0;
		files[(*count)++] = (struct engine_file){
			path, i == 0 ? (uint64_t)rows[0] : 0, (uint64_t)found.st_size};
	}
}

static size_t files_in(duckdb_data_chunk chunk, bool stats)
{
	if (stats)
		return duckdb_data_chunk_get_size(chunk);
	duckdb_list_entry *entry = duckdb_vector_get_data(duckdb_data_chunk_get_vector(chunk, 1));
	return duckdb_data_chunk_get_size(chunk) ? entry[0].length : 0;
}

enum status engine_copy_out(struct engine *engine, const struct engine_copy *copy,
	struct arena *arena, struct engine_file **files_out, size_t *count_out, struct error *err)
{
	struct buffer SCOPED_BUFFER sql;
	buffer_init(&sql, LIMIT_MESSAGE_BYTES);
	TRY(copy_sql(engine, arena, copy, &sql, err));
	struct statement SCOPED_STATEMENT statement = {0};
	TRY(statement_prepare(engine, buffer_text(&sql), &statement, err));
	TRY(statement_execute(engine, &statement, false, err));
	struct engine_file *files = NULL;
	size_t count = 0;
	bool stats = outputs[copy->format].stats;
	duckdb_data_chunk chunk;
	while ((chunk = duckdb_fetch_chunk(statement.result))) {
		files = arena_grow(
			arena, files, count, count + files_in(chunk, stats) + 1, sizeof *files);
		if (stats)
			files_with_stats(chunk, arena, files, &count);
		else if (files_in(chunk, stats))
			files_without_stats(chunk, arena, files, &count);
		duckdb_destroy_data_chunk(&chunk);
	}
	*files_out = files;
	*count_out = count;
	return STATUS_OK;
}
