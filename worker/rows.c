#include "worker/rows.h"

#include "base/limits.h"

#include <string.h>

static const struct rows_format *const formats[] = {
	&rows_table, &rows_json, &rows_csv, &rows_jsonl};

const struct rows_format *rows_format_named(const char *name)
{
	for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
		if (strcmp(formats[i]->name, name) == 0)
			return formats[i];
	}
	return NULL;
}

void rows_init(struct rows *rows, const struct rows_format *format, struct arena *arena)
{
	*rows = (struct rows){.arena = arena, .format = format};
	/* A batch has at most 2,048 rows; one of wide values may be large. */
	buffer_init(&rows->line, LIMIT_ARENA_BYTES);
}

void rows_done(struct rows *rows)
{
	buffer_done(&rows->line);
}

static bool starts_with_any(struct text type, const char *const *names)
{
	for (; *names; names++) {
		if (text_starts(type, text_of(*names)))
			return true;
	}
	return false;
}

static void begin(struct rows *rows, struct engine_result *result, size_t batch)
{
	static const char *const numbers[] = {
		"tinyint", "smallint", "int", "bigint", "float", "double", "decimal", NULL};
	static const char *const nested[] = {"array<", "map<", "struct<", NULL};
	rows->has_begun = true;
	rows->columns = engine_result_columns(result);
	rows->widths = arena_array(rows->arena, rows->columns, sizeof *rows->widths);
	rows->is_number = arena_array(rows->arena, rows->columns, sizeof *rows->is_number);
	rows->is_json = arena_array(rows->arena, rows->columns, sizeof *rows->is_json);
	for (size_t i = 0; i < rows->columns; i++) {
		struct text type = text_of(engine_result_type(result, i));
		rows->is_number[i] =
			starts_with_any(type, numbers) && !text_starts(type, TEXT("interval"));
		rows->is_json[i] = starts_with_any(type, nested);
	}
	rows->format->begin(rows, result, batch);
}

void rows_batch(struct rows *rows, struct engine_result *result, size_t batch)
{
	if (!rows->has_begun)
		begin(rows, result, batch);
	for (size_t row = 0; row < batch; row++) {
		rows->format->row(rows, result, row);
		rows->count++;
	}
}

void rows_end(struct rows *rows)
{
	rows->format->end(rows);
}
