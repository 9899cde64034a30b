#include "worker/rows.h"

/* Aligned columns for people. The first batch decides the widths; a later value
 * that is wider pushes its row to the right, so that rows need not wait. */

enum { WIDTH_MAX = 60, GAP = 2 };

/* Characters, not bytes; a control character is shown as one. */
static size_t width_of(struct text text)
{
	size_t width = 0;
	for (size_t i = 0; i < text.length; i++)
		width += ((unsigned char)text.at[i] & 0xC0) != 0x80;
	return width;
}

/* Data must not drive the terminal: C0, DEL and C1 (U+0080 to U+009F, which starts
 * with C2 in UTF-8) become one visible character. */
static void cell(struct buffer *line, struct text text)
{
	for (size_t i = 0; i < text.length; i++) {
		unsigned char byte = (unsigned char)text.at[i];
		if (byte == 0xC2 && i + 1 < text.length && (unsigned char)text.at[i + 1] < 0xA0) {
			buffer_add_byte(line, '?');
			i++;
		} else if (byte < 0x20 || byte == 0x7F) {
			buffer_add_string(line, byte == '\n' ? "⏎" : byte == '\t' ? " " : "?");
		} else {
			buffer_add_byte(line, text.at[i]);
		}
	}
}

static void pad(struct buffer *line, size_t count)
{
	while (count--)
		buffer_add_byte(line, ' ');
}

static struct text text_at(struct engine_result *result, size_t column, size_t row)
{
	if (engine_result_null(result, column, row))
		return TEXT("NULL");
	return engine_result_text(result, column, row);
}

static void column(struct rows *rows, size_t index, struct text text)
{
	size_t width = width_of(text);
	size_t space = width < rows->widths[index] ? rows->widths[index] - width : 0;
	bool last = index + 1 == rows->columns;
	if (index)
		pad(&rows->line, GAP);
	if (rows->is_number[index])
		pad(&rows->line, space);
	cell(&rows->line, text);
	if (!rows->is_number[index] && !last)
		pad(&rows->line, space);
	if (last)
		buffer_add_byte(&rows->line, '\n');
}

static void widen(struct rows *rows, size_t index, struct text text)
{
	size_t width = width_of(text);
	if (width > WIDTH_MAX)
		width = WIDTH_MAX;
	if (width > rows->widths[index])
		rows->widths[index] = width;
}

static void table_begin(struct rows *rows, struct engine_result *result, size_t batch)
{
	for (size_t i = 0; i < rows->columns; i++) {
		widen(rows, i, text_of(engine_result_name(result, i)));
		for (size_t row = 0; row < batch; row++)
			widen(rows, i, text_at(result, i, row));
	}
	for (size_t i = 0; i < rows->columns; i++)
		column(rows, i, text_of(engine_result_name(result, i)));
	for (size_t i = 0; i < rows->columns; i++) {
		if (i)
			pad(&rows->line, GAP);
		for (size_t dash = 0; dash < rows->widths[i]; dash++)
			buffer_add_byte(&rows->line, '-');
	}
	buffer_add_byte(&rows->line, '\n');
}

static void table_row(struct rows *rows, struct engine_result *result, size_t row)
{
	for (size_t i = 0; i < rows->columns; i++)
		column(rows, i, text_at(result, i, row));
}

static void table_end(struct rows *rows)
{
	buffer_printf(&rows->line, "(%llu %s)\n", (unsigned long long)rows->count,
		rows->count == 1 ? "row" : "rows");
}

const struct rows_format rows_table = {"table", table_begin, table_row, table_end};
