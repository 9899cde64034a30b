#include "etl/source.h"

#include "engine/engine.h"
#include "etl/bookmark.h"
#include "etl/cast.h"
#include "etl/catalog_source.h"
#include "etl/faults.h"
#include "etl/path_source.h"

#include <stdlib.h>

static bool wants(const Tenon__V1__Source *spec, struct text name)
{
	bool wanted = spec->n_columns == 0;
	for (size_t i = 0; i < spec->n_columns; i++)
		wanted |= text_equal_folded(text_of(spec->columns[i]), name);
	return wanted;
}

/* Names in `columns` that the source has not. */
static enum status check_columns(const struct source *source, struct error *err)
{
	for (size_t i = 0; i < source->spec->n_columns; i++) {
		struct text name = text_of(source->spec->columns[i]);
		bool known = schema_column(&source->schema, name) != NULL;
		for (size_t k = 0; k < source->schema.key_count; k++)
			known |= text_equal_folded(source->schema.keys[k].name, name);
		if (!known)
			return fail(err, STATUS_INVALID_ARGUMENT,
				"there is no column '%.*s' in '%.*s'", TEXT_ARG(name),
				TEXT_ARG(source->location));
	}
	return STATUS_OK;
}

/* A partition key hides a column of its name, as in Hive. */
static void hide_columns(struct arena *arena, struct schema *schema)
{
	struct column *kept = arena_array(arena, schema->column_count, sizeof *kept);
	size_t count = 0;
	for (size_t i = 0; i < schema->column_count; i++) {
		bool hidden = false;
		for (size_t k = 0; k < schema->key_count; k++)
			hidden |= text_equal_folded(schema->keys[k].name, schema->columns[i].name);
		if (!hidden)
			kept[count++] = schema->columns[i];
	}
	schema->columns = kept;
	schema->column_count = count;
}

static int by_path(const void *a, const void *b)
{
	const struct source_file *left = a, *right = b;
	return text_compare(left->object.path, right->object.path);
}

static void sort_files(struct source *source)
{
	size_t kept = 0;
	if (source->file_count)
		qsort(source->files, source->file_count, sizeof *source->files, by_path);
	for (size_t i = 0; i < source->file_count; i++) {
		if (!kept || by_path(&source->files[kept - 1], &source->files[i]) != 0)
			source->files[kept++] = source->files[i];
	}
	source->file_count = kept;
}

static bool uses_bookmark(const Tenon__V1__JobTask *task, const Tenon__V1__Source *spec)
{
	return task && !spec->bookmark_off &&
	       task->bookmark != TENON__V1__BOOKMARK_MODE__BOOKMARK_MODE_DISABLE;
}

enum status source_resolve(struct compile *compile, const Tenon__V1__Node *node,
	const Tenon__V1__JobTask *task, struct source *source, struct error *err)
{
	*source = (struct source){.node = node->name,
		.spec = node->source,
		.arena = compile->arena,
		.told = arena_new()};
	pthread_mutex_init(&source->lock, NULL);
	bool table = node->source->table[0] != '\0';
	if (table == (node->source->path[0] != '\0'))
		return fail(err, STATUS_INVALID_ARGUMENT,
			"give either 'database' and 'table' or 'path', not %s",
			table ? "both" : "neither");
	TRY(table ? catalog_source_list(compile, source, err)
		  : path_source_list(compile, source, err));
	sort_files(source);
	source->listed = source->file_count;
	struct source_file any = source->file_count ? source->files[0] : (struct source_file){0};
	if (uses_bookmark(task, node->source)) {
		source->selects = true;
		TRY(bookmark_select(compile->host, node->name, task->job->overwrite, source, err));
		source->bookmarked =
			task->bookmark != TENON__V1__BOOKMARK_MODE__BOOKMARK_MODE_PAUSE;
	}
	if (!table)
		TRY(path_source_infer(compile, source, &any, err));
	hide_columns(compile->arena, &source->schema);
	return check_columns(source, err);
}

void source_done(struct source *source)
{
	if (!source->arena)
		return;
	store_free(source->store);
	arena_free(source->told);
	pthread_mutex_destroy(&source->lock);
	*source = (struct source){0};
}

/* A table that has its columns and no rows: what a run without new files reads. */
static void source_empty(struct arena *arena, const struct source *source, struct outputs *outputs)
{
	for (size_t i = 0; i < source->schema.column_count + source->schema.key_count; i++) {
		const struct column *column =
			i < source->schema.column_count
				? &source->schema.columns[i]
				: &source->schema.keys[i - source->schema.column_count];
		outputs_add(arena, outputs, column->name, column->type,
			text_of(arena_printf(
				arena, "CAST(NULL AS %s)", engine_type_name(arena, column->type))));
	}
}

/* The engine reads the footers of all files before it says which it cannot. */
static enum status parquet_files(struct compile *compile, struct source *source,
	struct text *from_out, struct outputs *all, struct error *err)
{
	if (source_parquet(compile, source, from_out, all, err) == STATUS_OK)
		return STATUS_OK;
	source_probe(source);
	TRY(faults_set_aside(source, 1, err));
	if (source->file_count)
		return source_parquet(compile, source, from_out, all, err);
	source_empty(compile->arena, source, all);
	return STATUS_OK;
}

enum status source_compile(
	struct compile *compile, struct source *source, struct frame *frame, struct error *err)
{
	struct outputs all = {0}, wanted = {0};
	struct text from = TEXT("range(0)");
	if (!source->file_count)
		source_empty(compile->arena, source, &all);
	else if (format_can_read(source->format))
		TRY(source_text(compile, source, &from, &all, err));
	else
		TRY(parquet_files(compile, source, &from, &all, err));
	for (size_t i = 0; i < all.count; i++) {
		const struct output *output = &all.at[i];
		if (wants(source->spec, output->column.name))
			outputs_add(compile->arena, &wanted, output->column.name,
				output->column.type, output->expr);
	}
	return outputs_frame(compile->arena, &wanted, from, frame, err);
}

uint64_t source_bytes(const struct source *source)
{
	uint64_t bytes = 0;
	for (size_t i = 0; i < source->file_count; i++)
		bytes += source->files[i].object.bytes;
	return bytes;
}

uint64_t source_bad_records(const struct source *source)
{
	uint64_t bad = 0;
	for (size_t i = 0; i < source->file_count; i++)
		bad += source->files[i].bad;
	return bad;
}
