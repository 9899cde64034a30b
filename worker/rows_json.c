#include "worker/rows.h"

#include <stdlib.h>

/* json: one array of objects, written as rows come. jsonl: one object a line. */

static void string(struct buffer *line, struct text text)
{
	static const char *const short_escapes[128] = {
		['"'] = "\\\"", ['\\'] = "\\\\", ['\n'] = "\\n", ['\r'] = "\\r", ['\t'] = "\\t"};
	buffer_add_byte(line, '"');
	for (size_t i = 0; i < text.length; i++) {
		unsigned char byte = (unsigned char)text.at[i];
		if (byte < 128 && short_escapes[byte])
			buffer_add_string(line, short_escapes[byte]);
		else if (byte < 0x20)
			buffer_printf(line, "\\u%04x", byte);
		else
			buffer_add_byte(line, text.at[i]);
	}
	buffer_add_byte(line, '"');
}

/* nan and inf are no JSON numbers: they are written as strings. */
static bool is_json_number(struct text text)
{
	double ignored;
	return text.length && text_double(text, &ignored) == text.length;
}

static void value(struct rows *rows, struct engine_result *result, size_t column, size_t row)
{
	if (engine_result_null(result, column, row)) {
		buffer_add_string(&rows->line, "null");
		return;
	}
	struct text text = engine_result_text(result, column, row);
	bool is_boolean = text_equal(text_of(engine_result_type(result, column)), TEXT("boolean"));
	if (rows->is_json[column] || is_boolean ||
		(rows->is_number[column] && is_json_number(text)))
		buffer_add_text(&rows->line, text);
	else
		string(&rows->line, text);
}

static void object(struct rows *rows, struct engine_result *result, size_t row)
{
	buffer_add_byte(&rows->line, '{');
	for (size_t i = 0; i < rows->columns; i++) {
		if (i)
			buffer_add_byte(&rows->line, ',');
		string(&rows->line, text_of(engine_result_name(result, i)));
		buffer_add_byte(&rows->line, ':');
		value(rows, result, i, row);
	}
	buffer_add_byte(&rows->line, '}');
}

static void nothing(struct rows *rows, struct engine_result *result, size_t batch)
{
	(void)rows;
	(void)result;
	(void)batch;
}

static void array_row(struct rows *rows, struct engine_result *result, size_t row)
{
	buffer_add_string(&rows->line, rows->count ? ",\n" : "[\n");
	object(rows, result, row);
}

static void array_end(struct rows *rows)
{
	buffer_add_string(&rows->line, rows->count ? "\n]\n" : "[]\n");
}

static void line_row(struct rows *rows, struct engine_result *result, size_t row)
{
	object(rows, result, row);
	buffer_add_byte(&rows->line, '\n');
}

static void line_end(struct rows *rows)
{
	(void)rows;
}

const struct rows_format rows_json = {"json", nothing, array_row, array_end};
const struct rows_format rows_jsonl = {"jsonl", nothing, line_row, line_end};
