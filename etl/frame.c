#include "etl/frame.h"

#include "base/buffer.h"
#include "engine/engine.h"

#include <stdarg.h>
#include <stdio.h>

void outputs_add(struct arena *arena, struct outputs *outputs, struct text name,
	const struct type *type, struct text expr)
{
	if (outputs->count == outputs->capacity) {
		size_t grown = outputs->capacity ? 2 * outputs->capacity : 16;
		outputs->at =
			arena_grow(arena, outputs->at, outputs->count, grown, sizeof *outputs->at);
		outputs->capacity = grown;
	}
	outputs->at[outputs->count++] = (struct output){{name, type, TEXT("")}, expr};
}

static enum status check_names(const struct outputs *outputs, struct error *err)
{
	if (!outputs->count)
		return fail(err, STATUS_INVALID_ARGUMENT, "no column is left");
	if (outputs->count > LIMIT_COLUMNS)
		return fail(err, STATUS_RESOURCE_EXHAUSTED, "%zu columns, the limit is %d",
			outputs->count, LIMIT_COLUMNS);
	for (size_t i = 0; i < outputs->count; i++) {
		for (size_t k = 0; k < i; k++) {
			if (text_equal_folded(
				    outputs->at[i].column.name, outputs->at[k].column.name))
				return fail(err, STATUS_INVALID_ARGUMENT,
					"two columns would be called '%.*s': rename one",
					TEXT_ARG(outputs->at[i].column.name));
		}
	}
	return STATUS_OK;
}

enum status outputs_frame(struct arena *arena, const struct outputs *outputs, struct text from,
	struct frame *frame, struct error *err)
{
	TRY(check_names(outputs, err));
	struct buffer SCOPED_BUFFER sql;
	buffer_init(&sql, LIMIT_MESSAGE_BYTES);
	struct column *columns = arena_array(arena, outputs->count, sizeof *columns);
	buffer_add_string(&sql, "SELECT ");
	for (size_t i = 0; i < outputs->count; i++) {
		const struct output *output = &outputs->at[i];
		struct text name = sql_identifier(arena, output->column.name);
		buffer_add_string(&sql, i ? ", " : "");
		buffer_add_text(&sql, output->expr);
		if (!text_equal(name, output->expr)) {
			buffer_add_string(&sql, " AS ");
			buffer_add_text(&sql, name);
		}
		columns[i] = output->column;
	}
	buffer_add_string(&sql, " FROM ");
	buffer_add_text(&sql, from);
	TRY(buffer_check(&sql, "a transform's query", err));
	frame->sql = arena_copy(arena, buffer_text(&sql));
	frame->schema = (struct schema){.columns = columns, .column_count = outputs->count};
	return STATUS_OK;
}

struct text column_expr(struct arena *arena, const struct column *column)
{
	return sql_identifier(arena, column->name);
}

void compile_note(const struct compile *compile, const char *format, ...)
{
	char line[1024];
	va_list values;
	va_start(values, format);
	(void)vsnprintf(line, sizeof line, format, values);
	va_end(values);
	if (compile->host && compile->host->log)
		compile->host->log(compile->host->state, line);
}
