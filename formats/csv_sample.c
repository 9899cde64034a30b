#include "formats/csv_sample.h"

struct cutter {
	struct arena *arena;
	struct text text;
	const struct dialect *dialect;
	size_t at;
	size_t line;
	bool lines; /* a quote did not close: quotes do not span lines */
	struct csv_cell *cells; /* of the record in work */
	size_t count, capacity;
};

static bool is_newline(char byte)
{
	return byte == '\n' || byte == '\r';
}

static void add_cell(struct cutter *cutter, struct text text, bool quoted)
{
	if (cutter->count == cutter->capacity) {
		size_t grown = cutter->capacity ? cutter->capacity * 2 : 16;
		cutter->cells = arena_grow(cutter->arena, cutter->cells, cutter->capacity, grown,
			sizeof *cutter->cells);
		cutter->capacity = grown;
	}
	cutter->cells[cutter->count++] = (struct csv_cell){text, quoted};
}

/* Behind the newline at `at`; CRLF is one. */
static size_t after_newline(const struct cutter *cutter, size_t at)
{
	struct text text = cutter->text;
	if (at >= text.length)
		return at;
	bool pair = text.at[at] == '\r' && at + 1 < text.length && text.at[at + 1] == '\n';
	return at + 1 + pair;
}

static size_t line_end(struct text text, size_t at)
{
	while (at < text.length && !is_newline(text.at[at]))
		at++;
	return at;
}

/* Where the quote that opened at `at` closes, or SIZE_MAX. */
static size_t closing_quote(const struct cutter *cutter, size_t at)
{
	const struct dialect *dialect = cutter->dialect;
	struct text text = cutter->text;
	for (size_t i = at + 1; i < text.length; i++) {
		if (cutter->lines && is_newline(text.at[i]))
			return SIZE_MAX;
		bool next = i + 1 < text.length;
		if (dialect->escape && text.at[i] == dialect->escape && next &&
			dialect->escape != dialect->quote)
			i++;
		else if (text.at[i] == dialect->quote && next && text.at[i + 1] == dialect->quote)
			i++;
		else if (text.at[i] == dialect->quote)
			return i;
	}
	return SIZE_MAX;
}

/* The cell at cutter->at; leaves it at the delimiter, newline or end. False when it
 * breaks the rules. */
static bool take_cell(struct cutter *cutter, bool *unclosed)
{
	struct text text = cutter->text;
	size_t from = cutter->at;
	size_t closing = 0;
	bool quoted = cutter->dialect->quote && from < text.length &&
		      text.at[from] == cutter->dialect->quote;
	if (quoted) {
		closing = closing_quote(cutter, from);
		*unclosed = closing == SIZE_MAX;
		cutter->at = *unclosed ? from : closing + 1;
	}
	size_t behind = cutter->at;
	while (cutter->at < text.length && text.at[cutter->at] != cutter->dialect->delimiter &&
		!is_newline(text.at[cutter->at]))
		cutter->at++;
	if (!quoted || *unclosed) {
		add_cell(cutter, text_until(text_from(text, from), cutter->at - from), false);
		return !*unclosed;
	}
	add_cell(cutter, text_until(text_from(text, from + 1), closing - from - 1), true);
	return text_trimmed(text_until(text_from(text, behind), cutter->at - behind)).length == 0;
}

static size_t count_lines(const struct cutter *cutter, size_t from, size_t end)
{
	size_t lines = 0;
	for (size_t at = line_end(cutter->text, from); at < end;
		at = line_end(cutter->text, after_newline(cutter, at)))
		lines++;
	return lines;
}

static struct csv_record take_record(struct cutter *cutter)
{
	struct csv_record record = {.start = cutter->at, .line = cutter->line};
	bool unclosed = false;
	cutter->count = cutter->capacity = 0;
	cutter->cells = NULL;
	for (;;) {
		record.bad = !take_cell(cutter, &unclosed) || record.bad;
		bool more = cutter->at < cutter->text.length &&
			    cutter->text.at[cutter->at] == cutter->dialect->delimiter;
		if (!more)
			break;
		cutter->at++;
	}
	cutter->lines = cutter->lines || unclosed;
	record.cells = cutter->cells;
	record.count = cutter->count;
	record.end = cutter->at = after_newline(cutter, cutter->at);
	cutter->line += count_lines(cutter, record.start, record.end);
	return record;
}

/* To the next record's first byte, past empty and comment lines. */
static void skip_lines(struct cutter *cutter)
{
	struct text text = cutter->text;
	while (cutter->at < text.length) {
		char first = text.at[cutter->at];
		bool comment = cutter->dialect->comment && first == cutter->dialect->comment;
		if (!is_newline(first) && !comment)
			break;
		cutter->at = after_newline(cutter, line_end(text, cutter->at));
		cutter->line++;
	}
}

void csv_sample_read(struct arena *arena, struct text text, bool whole,
	const struct dialect *dialect, size_t records_max, struct csv_sample *sample_out)
{
	struct cutter cutter = {.arena = arena, .text = text, .dialect = dialect};
	struct csv_record *records = arena_array(arena, records_max, sizeof *records);
	size_t count = 0;
	while (cutter.line < dialect->skip && cutter.at < text.length) {
		cutter.at = after_newline(&cutter, line_end(text, cutter.at));
		cutter.line++;
	}
	for (; count < records_max; count++) {
		skip_lines(&cutter);
		if (cutter.at >= text.length)
			break;
		records[count] = take_record(&cutter);
		bool cut = cutter.at >= text.length && !whole;
		if (cut)
			break;
	}
	*sample_out = (struct csv_sample){records, count};
}
