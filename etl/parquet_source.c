#include "etl/cast.h"
#include "etl/faults.h"
#include "etl/source.h"

#include "base/buffer.h"
#include "engine/engine.h"

/* read_parquet over exactly these files. Columns are matched by name and cast to
 * the table's types; partition values come from the catalog, never from paths. */
static void reader_sql(struct arena *arena, const struct source *source, struct buffer *sql)
{
	buffer_add_string(sql, "read_parquet([");
	for (size_t i = 0; i < source->file_count; i++) {
		buffer_add_string(sql, i ? ", " : "");
		buffer_add_text(sql, sql_literal(arena, source->files[i].object.path));
	}
	buffer_printf(sql, "], union_by_name = true, hive_partitioning = false%s)",
		source->schema.key_count ? ", filename = 'tenon file'" : "");
}

/* One row per file: its name and its partition's values. */
static void values_sql(struct arena *arena, const struct source *source, struct buffer *sql)
{
	buffer_add_string(sql, " JOIN (VALUES ");
	for (size_t i = 0; i < source->file_count; i++) {
		const struct source_file *file = &source->files[i];
		buffer_add_string(sql, i ? ", (" : "(");
		buffer_add_text(sql, sql_literal(arena, file->object.path));
		for (size_t k = 0; k < source->schema.key_count; k++) {
			bool none = text_equal(file->values[k], TEXT("__HIVE_DEFAULT_PARTITION__"));
			buffer_add_string(sql, ", ");
			buffer_add_text(
				sql, none ? TEXT("NULL") : sql_literal(arena, file->values[k]));
		}
		buffer_add_byte(sql, ')');
	}
	buffer_add_string(sql, ") AS k(f");
	for (size_t k = 0; k < source->schema.key_count; k++)
		buffer_printf(sql, ", v%zu", k);
	buffer_add_string(sql, ") ON p.\"tenon file\" = k.f");
}

static void column_outputs(struct arena *arena, const struct source *source,
	const struct schema *found, struct outputs *outputs)
{
	for (size_t i = 0; i < source->schema.column_count; i++) {
		const struct column *column = &source->schema.columns[i];
		const struct column *here = schema_column(found, column->name);
		struct text expr =
			cast_expr(arena, TEXT("NULL"), type_simple(TYPE_NULL), column->type);
		if (here) {
			struct text name = column_expr(arena, here);
			struct text own = text_of(arena_printf(arena, "p.%.*s", TEXT_ARG(name)));
			expr = cast_expr(arena, own, here->type, column->type);
		}
		outputs_add(arena, outputs, column->name, column->type, expr);
	}
	for (size_t k = 0; k < source->schema.key_count; k++) {
		const struct column *key = &source->schema.keys[k];
		struct text value = text_of(arena_printf(arena, "k.v%zu", k));
		outputs_add(arena, outputs, key->name, key->type,
			cast_expr(arena, value, type_simple(TYPE_STRING), key->type));
	}
}

void source_probe(struct source *source)
{
	for (size_t i = 0; i < source->file_count; i++) {
		OWNED(arena) arena = arena_new();
		const struct object *object = &source->files[i].object;
		struct inferred inferred = {0};
		struct error why;
		if (format_infer(source->format, source->store, object, 1, NULL, arena, &inferred,
			    &why) == STATUS_OK)
			continue;
		(void)fail_within(&why, "'%.*s'", TEXT_ARG(object->path));
		fault_note(source, i, &why);
	}
}

enum status source_parquet(struct compile *compile, struct source *source, struct text *from_out,
	struct outputs *outputs, struct error *err)
{
	struct arena *arena = compile->arena;
	struct buffer SCOPED_BUFFER from;
	buffer_init(&from, LIMIT_MESSAGE_BYTES);
	reader_sql(arena, source, &from);
	struct schema found;
	const char *probe = arena_printf(arena, "SELECT * FROM %.*s", TEXT_ARG(buffer_text(&from)));
	TRY(engine_describe(compile->engine, text_of(probe), arena, &found, err));
	buffer_add_string(&from, " AS p");
	if (source->schema.key_count)
		values_sql(arena, source, &from);
	TRY(buffer_check(&from, "the list of files to read", err));
	column_outputs(arena, source, &found, outputs);
	*from_out = arena_copy(arena, buffer_text(&from));
	return STATUS_OK;
}
