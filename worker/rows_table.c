#include "worker/rows.h"

/* Aligned columns for people. The first batch decides the widths; a later value
 * that is wider pushes its row to the right, so that rows need not wait; on a terminal,
 * whose lines would break, it is cut. */

enum { WIDTH_MAX = 60, WIDTH_LEAST = 8, GAP = 2 };

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

static const char *ellipsis(const struct rows *rows)
{
	return rows->ascii ? "..." : "…";
}

/* The head of `text` that has so many characters. */
static struct text head(struct text text, size_t characters)
{
	size_t end = 0;
	while (end < text.length && characters > 0) {
		end++;
		while (end < text.length && ((unsigned char)text.at[end] & 0xC0) == 0x80)
			end++;
		characters--;
	}
	return text_until(text, end);
}

static void column(struct rows *rows, size_t index, struct text text)
{
	size_t width = width_of(text);
	size_t room = rows->widths[index];
	bool is_cut = rows->width && width > room;
	size_t sign = width_of(text_of(ellipsis(rows)));
	size_t space = width < room ? room - width : 0;
	bool last = index + 1 == rows->columns;
	if (index)
		pad(&rows->line, GAP);
	if (rows->is_number[index])
		pad(&rows->line, space);
	cell(&rows->line, is_cut ? head(text, room > sign ? room - sign : 0) : text);
	if (is_cut)
		buffer_add_string(&rows->line, ellipsis(rows));
	if (!rows->is_number[index] && !last)
		pad(&rows->line, space);
}

static void line_end(struct rows *rows)
{
	if (rows->shown < rows->columns) {
		pad(&rows->line, GAP);
		buffer_add_string(&rows->line, ellipsis(rows));
	}
	buffer_add_byte(&rows->line, '\n');
}

static void widen(struct rows *rows, size_t index, struct text text)
{
	size_t most = rows->width ? rows->width : WIDTH_MAX;
	size_t width = width_of(text);
	if (width > most)
		width = most;
	if (width > rows->widths[index])
		rows->widths[index] = width;
}

static size_t total(const struct rows *rows)
{
	bool all = rows->shown == rows->columns;
	size_t sum = all ? 0 : GAP + width_of(text_of(ellipsis(rows)));
	for (size_t i = 0; i < rows->shown; i++)
		sum += rows->widths[i] + (i ? GAP : 0);
	return sum;
}

/* Takes what is over from the widest, of texts or of numbers; what is still over. */
static size_t squeeze(struct rows *rows, bool numbers, size_t over)
{
	for (; over; over--) {
		size_t widest = SIZE_MAX;
		for (size_t i = 0; i < rows->shown; i++) {
			if (rows->is_number[i] != numbers || rows->widths[i] <= WIDTH_LEAST)
				continue;
			if (widest == SIZE_MAX || rows->widths[i] > rows->widths[widest])
				widest = i;
		}
		if (widest == SIZE_MAX)
			break;
		rows->widths[widest]--;
	}
	return over;
}

/* Texts are cut first, then the last columns left out, so that a number is cut only
 * where it is alone. */
static void fit(struct rows *rows)
{
	while (rows->width && total(rows) > rows->width) {
		size_t over = squeeze(rows, false, total(rows) - rows->width);
		if (over && rows->shown > 1) {
			rows->shown--;
			continue;
		}
		if (squeeze(rows, true, over))
			return;
	}
}

static void table_begin(struct rows *rows, struct engine_result *result, size_t batch)
{
	for (size_t i = 0; i < rows->columns; i++) {
		widen(rows, i, text_of(engine_result_name(result, i)));
		for (size_t row = 0; row < batch; row++)
			widen(rows, i, text_at(result, i, row));
	}
	rows->shown = rows->columns;
	fit(rows);
	for (size_t i = 0; i < rows->shown; i++)
		column(rows, i, text_of(engine_result_name(result, i)));
	line_end(rows);
	for (size_t i = 0; i < rows->shown; i++) {
		if (i)
			pad(&rows->line, GAP);
		for (size_t dash = 0; dash < rows->widths[i]; dash++)
			buffer_add_byte(&rows->line, '-');
	}
	line_end(rows);
}

static void table_row(struct rows *rows, struct engine_result *result, size_t row)
{
	for (size_t i = 0; i < rows->shown; i++)
		column(rows, i, text_at(result, i, row));
	line_end(rows);
}

static void table_end(struct rows *rows)
{
	buffer_printf(&rows->line, "(%llu %s", (unsigned long long)rows->count,
		rows->count == 1 ? "row" : "rows");
	if (rows->shown < rows->columns)
		buffer_printf(&rows->line, "; the first %zu of %zu columns: --format csv has all",
			rows->shown, rows->columns);
	buffer_add_string(&rows->line, ")\n");
}

const struct rows_format rows_table = {"table", table_begin, table_row, table_end};
