#include "formats/csv_parser.h"

#include "base/memory.h"
#include "formats/rejects.h"
#include "formats/window.h"

#include <stdlib.h>

/* Fields of one column stand together; the gap keeps columns out of each other's
 * cache sets (a power of two apart, sixteen columns would share one). */
enum { STRIDE_GAP = 8, FIELDS_BYTES_MAX = 8 * 1024 * 1024, ROWS_MIN = 16 };

void csv_parser_init(struct csv_parser *parser, const struct dialect *dialect, size_t columns,
	const size_t *projection, size_t projected, size_t rows_max, size_t record_bytes_max,
	struct rejects *rejects)
{
	size_t slots = projection ? projected : columns;
	size_t affordable = FIELDS_BYTES_MAX / sizeof(struct csv_field) / (slots + 1);
	if (rows_max > affordable)
		rows_max = affordable > ROWS_MIN ? affordable : ROWS_MIN;
	size_t stride = rows_max + STRIDE_GAP;
	*parser = (struct csv_parser){
		.delimiter = dialect->delimiter,
		.quote = dialect->quote,
		.escape = dialect->escape == dialect->quote ? 0 : dialect->escape,
		.comment = dialect->comment,
		.columns = columns,
		.record_bytes_max = record_bytes_max,
		.rejects = rejects,
		.offset = memory_new_array(columns + 1, sizeof(size_t)),
		.fields = memory_new_array((slots + 1) * stride, sizeof(struct csv_field)),
		.starts = memory_new_array(rows_max, sizeof(uint32_t)),
		.rows_max = rows_max,
		.stride = stride,
	};
	for (size_t i = 0; i <= columns; i++)
		parser->offset[i] = projection || i == columns ? slots * stride : i * stride;
	parser->wanted = projection ? 0 : columns;
	for (size_t i = 0; projection && i < projected; i++) {
		if (projection[i] >= columns) {
			for (size_t row = 0; row < rows_max; row++)
				parser->fields[i * stride + row].length = CSV_MISSING;
			continue;
		}
		parser->offset[projection[i]] = i * stride;
		if (parser->wanted < projection[i] + 1)
			parser->wanted = projection[i] + 1;
	}
}

void csv_parser_done(struct csv_parser *parser)
{
	free(parser->offset);
	free(parser->fields);
	free(parser->starts);
}

void csv_parser_begin(struct csv_parser *parser, const struct block *block)
{
	parser->block = block;
	parser->at = 0;
	parser->lines = false;
	parser->records = 0;
}

const struct csv_field *csv_column(const struct csv_parser *parser, size_t i)
{
	return parser->fields + i * parser->stride;
}

/* One record in work. Offsets are into the block. */
struct record {
	size_t start;
	size_t field; /* where the field in work starts */
	size_t column;
	size_t opening; /* of the field's quote */
	size_t closing;
	size_t second; /* the second quote of a pair, to be passed over */
	bool inside; /* between the quotes */
	bool quoted, escaped; /* the field in work */
	const char *bad;
};

static struct record record_at(size_t start)
{
	return (struct record){.start = start, .field = start, .second = SIZE_MAX};
}

static bool only_spaces(const char *bytes, size_t from, size_t end)
{
	while (from < end && (bytes[from] == ' ' || bytes[from] == '\t'))
		from++;
	return from == end;
}

/* A field that was quoted ends at `end`. */
static struct csv_field quoted_field(
	const struct csv_parser *parser, struct record *record, size_t end)
{
	if (!only_spaces(parser->block->bytes, record->closing + 1, end))
		record->bad = "text stands behind a closing quote";
	struct csv_field field = {
		.at = (uint32_t)(record->opening + 1),
		.length = (uint32_t)(record->closing - record->opening - 1) | CSV_QUOTED,
	};
	if (record->escaped)
		field.length |= CSV_ESCAPED;
	record->quoted = record->escaped = false;
	return field;
}

static inline void end_field(struct csv_parser *parser, struct record *record, size_t end)
{
	struct csv_field field = {(uint32_t)record->field, (uint32_t)(end - record->field)};
	if (record->quoted)
		field = quoted_field(parser, record, end);
	size_t column = record->column < parser->columns ? record->column : parser->columns;
	parser->fields[parser->offset[column] + parser->rows] = field;
	record->column++;
	record->field = end + 1;
}

/* How many delimiters stand right before `end`: that many last fields are empty. */
static size_t empty_at_end(const struct csv_parser *parser, size_t start, size_t end)
{
	size_t at = end;
	while (at > start && parser->block->bytes[at - 1] == parser->delimiter)
		at--;
	return end - at;
}

static const char *problem(const struct csv_parser *parser, const struct record *record, size_t end)
{
	if (record->bad)
		return record->bad;
	if (end - record->start > parser->record_bytes_max)
		return "the record is larger than the limit";
	size_t extra = record->column > parser->columns ? record->column - parser->columns : 0;
	if (extra && empty_at_end(parser, record->start, end) < extra)
		return "more fields than columns";
	if (parser->lines && record->column < parser->columns)
		return "fewer fields than columns behind a quote that is not closed";
	return NULL;
}

static void reject(
	struct csv_parser *parser, const struct record *record, size_t end, const char *reason)
{
	parser->bad++;
	if (!parser->rejects)
		return;
	struct text sample = {parser->block->bytes + record->start, end - record->start};
	rejects_add(parser->rejects, parser->block->position + record->start, parser->records,
		reason, sample);
}

static inline bool is_comment(const struct csv_parser *parser, const struct record *record)
{
	return parser->comment && parser->block->bytes[record->start] == parser->comment;
}

static inline void begin_record(struct record *record, size_t start)
{
	record->start = record->field = start;
	record->column = 0;
	record->bad = NULL;
}

/* All fields of the record are in; its newline (or the block's end) is at `end`. */
static inline void end_record(struct csv_parser *parser, struct record *record, size_t end)
{
	if (is_comment(parser, record)) {
		begin_record(record, end + 1);
		return;
	}
	const char *reason = NULL;
	if (record->column != parser->columns || record->bad || parser->lines ||
		end - record->start > parser->record_bytes_max)
		reason = problem(parser, record, end);
	if (reason) {
		reject(parser, record, end, reason);
	} else {
		for (size_t i = record->column; i < parser->wanted; i++)
			parser->fields[parser->offset[i] + parser->rows].length = CSV_MISSING;
		parser->starts[parser->rows++] = (uint32_t)record->start;
	}
	parser->records++;
	begin_record(record, end + 1);
}

static inline bool is_empty_line(const struct record *record, size_t end)
{
	return record->start == end;
}

/* An event outside quotes that is a delimiter or a newline. */
static inline void take_end(
	struct csv_parser *parser, struct record *record, size_t at, bool newline)
{
	if (newline && is_empty_line(record, at)) {
		record->start = record->field = at + 1;
		return;
	}
	end_field(parser, record, at);
	if (newline)
		end_record(parser, record, at);
}

static bool is_escaped(const char *bytes, size_t at, char escape)
{
	size_t from = at;
	while (from > 0 && bytes[from - 1] == escape)
		from--;
	return (at - from) % 2 == 1;
}

/* A quote inside a quoted field. */
static void take_inner_quote(struct csv_parser *parser, struct record *record, size_t at)
{
	const char *bytes = parser->block->bytes;
	if (at == record->second) {
		record->second = SIZE_MAX;
	} else if (parser->escape && is_escaped(bytes, at, parser->escape)) {
		record->escaped = true;
	} else if (at + 1 < parser->block->length && bytes[at + 1] == parser->quote) {
		record->second = at + 1;
		record->escaped = true;
	} else {
		record->inside = false;
		record->closing = at;
	}
}

/* A quote did not close within its line, and lines are all we trust. */
static void end_unclosed(struct csv_parser *parser, struct record *record, size_t at)
{
	record->bad = "a quote is not closed";
	record->inside = record->quoted = record->escaped = false;
	record->second = SIZE_MAX;
	end_record(parser, record, at);
}

/* A window with quotes, or inside one: events in order. Stops when the batch is full. */
static void take_window(struct csv_parser *parser, struct record *record, size_t base,
	uint64_t events, uint64_t quotes, uint64_t newlines)
{
	for (; events && parser->rows < parser->rows_max; events &= events - 1) {
		uint64_t event = events & -events;
		size_t at = base + (size_t)__builtin_ctzll(events);
		if (record->inside) {
			if (quotes & event)
				take_inner_quote(parser, record, at);
			else if (parser->lines && (newlines & event))
				end_unclosed(parser, record, at);
		} else if (!(quotes & event)) {
			take_end(parser, record, at, newlines & event);
		} else if (at == record->field && !record->quoted && !is_comment(parser, record)) {
			record->inside = record->quoted = true;
			record->opening = at;
		}
	}
}

/* Delimiters without a newline or quote among them: each ends a field. Behind the last
 * wanted column they are only counted. */
static inline void take_delimiters(
	const struct csv_parser *parser, struct record *record, size_t base, uint64_t delimiters)
{
	struct csv_field *row = parser->fields + parser->rows;
	const size_t *offset = parser->offset;
	size_t wanted = parser->wanted;
	size_t column = record->column;
	size_t field = record->field;
	for (; delimiters && column < wanted; delimiters &= delimiters - 1) {
		size_t at = base + (size_t)__builtin_ctzll(delimiters);
		row[offset[column++]] = (struct csv_field){(uint32_t)field, (uint32_t)(at - field)};
		field = at + 1;
	}
	if (delimiters) {
		column += (size_t)__builtin_popcountll(delimiters);
		field = base + WINDOW_BYTES - (size_t)__builtin_clzll(delimiters);
	}
	record->column = column;
	record->field = field;
}

/* The same without quotes: record by record. */
static inline void take_plain_window(struct csv_parser *parser, struct record *record, size_t base,
	uint64_t events, uint64_t newlines)
{
	if (record->quoted && events) {
		take_end(parser, record, base + (size_t)__builtin_ctzll(events),
			newlines & (events & -events));
		newlines &= ~(events & -events);
		events &= events - 1;
	}
	while (newlines && parser->rows < parser->rows_max) {
		uint64_t newline = newlines & -newlines;
		take_delimiters(parser, record, base, events & (newline - 1));
		take_end(parser, record, base + (size_t)__builtin_ctzll(newline), true);
		newlines &= newlines - 1;
		events &= ~(newline | (newline - 1));
	}
	if (parser->rows < parser->rows_max)
		take_delimiters(parser, record, base, events);
}

/* The block ended inside `record`: its last line has no newline, or a quote did not
 * close. Returns false when the rest is to be read again, line by line. */
static bool end_block(struct csv_parser *parser, struct record *record)
{
	size_t length = parser->block->length;
	if (record->inside && !parser->lines) {
		parser->lines = true;
		*record = record_at(record->start);
		return false;
	}
	if (record->inside)
		end_unclosed(parser, record, length);
	else if (record->start < length)
		take_end(parser, record, length, true);
	return true;
}

/* From record->start until the batch is full or the block's bytes are over. */
static void take_windows(struct csv_parser *parser, struct record *record, size_t length)
{
	const char *bytes = parser->block->bytes;
	const char delimiter = parser->delimiter;
	const char quote = parser->quote;
	uint64_t high = 0;
	for (size_t base = record->start; base < length && parser->rows < parser->rows_max;
		base += WINDOW_BYTES) {
		struct window window = window_load(bytes + base);
		uint64_t newlines = window_newlines(&window);
		uint64_t events = newlines | window_equal(&window, delimiter);
		high |= window_high(&window);
		if (record->inside || (quote && window_has(&window, quote))) {
			uint64_t quotes = window_equal(&window, quote);
			take_window(parser, record, base, events | quotes, quotes, newlines);
		} else {
			take_plain_window(parser, record, base, events, newlines);
		}
	}
	parser->ascii = parser->ascii && !high;
}

size_t csv_parse(struct csv_parser *parser)
{
	size_t length = parser->block->length;
	parser->rows = 0;
	parser->ascii = true;
	while (parser->rows < parser->rows_max && parser->at < length) {
		struct record record = record_at(parser->at);
		take_windows(parser, &record, length);
		if (parser->rows < parser->rows_max && !end_block(parser, &record)) {
			parser->at = record.start;
			continue;
		}
		parser->at = record.start;
	}
	return parser->rows;
}

size_t csv_unescape(char *bytes, size_t length, char quote, char escape)
{
	size_t to = 0;
	for (size_t i = 0; i < length; i++) {
		bool pair = i + 1 < length;
		if (pair && escape && bytes[i] == escape &&
			(bytes[i + 1] == quote || bytes[i + 1] == escape))
			i++;
		else if (pair && bytes[i] == quote && bytes[i + 1] == quote)
			i++;
		bytes[to++] = bytes[i];
	}
	return to;
}
