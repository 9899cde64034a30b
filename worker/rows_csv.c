#include "worker/rows.h"

/* CSV (RFC 4180) with a header line. A NULL is an empty field, an empty text is
 * "", so that the two stay apart. */

static bool needs_quotes(struct text text)
{
	for (size_t i = 0; i < text.length; i++) {
		char byte = text.at[i];
		if (byte == ',' || byte == '"' || byte == '\n' || byte == '\r')
			return true;
	}
	return text.length == 0;
}

static void field(struct buffer *line, struct text text)
{
	if (!needs_quotes(text)) {
		buffer_add_text(line, text);
		return;
	}
	buffer_add_byte(line, '"');
	for (size_t i = 0; i < text.length; i++) {
		if (text.at[i] == '"')
			buffer_add_byte(line, '"');
		buffer_add_byte(line, text.at[i]);
	}
	buffer_add_byte(line, '"');
}

static void csv_begin(struct rows *rows, struct engine_result *result, size_t batch)
{
	(void)batch;
	for (size_t i = 0; i < rows->columns; i++) {
		if (i)
			buffer_add_byte(&rows->line, ',');
		field(&rows->line, text_of(engine_result_name(result, i)));
	}
	buffer_add_byte(&rows->line, '\n');
}

static void csv_row(struct rows *rows, struct engine_result *result, size_t row)
{
	for (size_t i = 0; i < rows->columns; i++) {
		if (i)
			buffer_add_byte(&rows->line, ',');
		if (!engine_result_null(result, i, row))
			field(&rows->line, engine_result_text(result, i, row));
	}
	buffer_add_byte(&rows->line, '\n');
}

static void csv_end(struct rows *rows)
{
	(void)rows;
}

const struct rows_format rows_csv = {"csv", csv_begin, csv_row, csv_end};
