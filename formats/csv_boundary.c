#include "formats/csv_parser.h"
#include "formats/window.h"

/* One step per quote; whole windows without one cost a few instructions. Newlines
 * matter only outside quotes, and of a window's only the last does. */

static bool is_newline(char byte)
{
	return byte == '\n' || byte == '\r';
}

/* An odd number of escapes stands before bytes[at]. */
static bool is_escaped(const char *bytes, size_t at, char escape)
{
	size_t from = at;
	while (from > 0 && bytes[from - 1] == escape)
		from--;
	return (at - from) % 2 == 1;
}

static bool starts_field(const struct csv_boundary *csv, const char *bytes, size_t at)
{
	return at == 0 || bytes[at - 1] == csv->delimiter || is_newline(bytes[at - 1]);
}

/* The quote at bytes[at] changes the state. */
static void take_quote(struct csv_boundary *csv, const char *bytes, size_t at)
{
	if (!csv->inside) {
		csv->inside = starts_field(csv, bytes, at);
	} else if (csv->closing) {
		csv->closing = false; /* the second of a pair */
	} else if (!csv->escape || !is_escaped(bytes, at, csv->escape)) {
		csv->closing = true;
	}
}

/* A closing quote followed by anything but a quote has closed. */
static void settle(struct csv_boundary *csv)
{
	csv->inside = csv->inside && !csv->closing;
	csv->closing = false;
}

/* Window with quotes: its quotes and newlines in order. */
static size_t take_events(struct csv_boundary *csv, const char *bytes, size_t base, uint64_t quotes,
	uint64_t newlines, size_t end)
{
	size_t before = base; /* position after the last quote */
	for (uint64_t events = quotes | newlines; events; events &= events - 1) {
		size_t at = base + (size_t)__builtin_ctzll(events);
		bool quote = quotes & (events & -events);
		if (csv->closing && !(quote && at == before))
			settle(csv);
		if (quote) {
			take_quote(csv, bytes, at);
			before = at + 1;
		} else if (!csv->inside) {
			end = at + 1;
		}
	}
	if (csv->closing && before != base + WINDOW_BYTES)
		settle(csv);
	return end;
}

/* Behind the last newline of whole windows that hold no quote; 0: there is none. */
static size_t last_newline(const char *bytes, size_t from, size_t to)
{
	while (to > from) {
		to -= WINDOW_BYTES;
		struct window window = window_load(bytes + to);
		uint64_t newlines = window_newlines(&window);
		if (newlines)
			return to + WINDOW_BYTES - (size_t)__builtin_clzll(newlines);
	}
	return 0;
}

/* Windows without quotes are passed by one test; where such a run outside quotes has
 * its last newline is asked only when the run is over. */
static size_t last_end_by_window(
	struct csv_boundary *csv, const char *bytes, size_t scanned, size_t length)
{
	const char quote = csv->quote;
	size_t end = 0;
	size_t base = scanned;
	while (base + WINDOW_BYTES <= length) {
		size_t from = base;
		struct window window = {0};
		bool quotes = false;
		for (; base + WINDOW_BYTES <= length; base += WINDOW_BYTES) {
			window = window_load(bytes + base);
			quotes = quote && window_has(&window, quote);
			if (quotes)
				break;
		}
		if (base > from)
			settle(csv);
		size_t newline = csv->inside ? 0 : last_newline(bytes, from, base);
		end = newline ? newline : end;
		if (!quotes)
			break;
		end = take_events(csv, bytes, base, window_equal(&window, quote),
			window_newlines(&window), end);
		base += WINDOW_BYTES;
	}
	for (; base < length; base++) {
		bool is_quote = quote && bytes[base] == quote;
		if (!is_quote)
			settle(csv);
		if (is_quote)
			take_quote(csv, bytes, base);
		else if (is_newline(bytes[base]) && !csv->inside)
			end = base + 1;
	}
	return end;
}

/* With comments, whose quotes mean nothing: byte by byte. */
static size_t last_end_by_byte(
	struct csv_boundary *csv, const char *bytes, size_t scanned, size_t length)
{
	size_t end = 0;
	for (size_t at = scanned; at < length; at++) {
		bool newline = is_newline(bytes[at]);
		if (csv->at_start && bytes[at] == csv->comment)
			csv->in_comment = true;
		bool quote = !csv->in_comment && csv->quote && bytes[at] == csv->quote;
		if (!quote)
			settle(csv);
		if (quote)
			take_quote(csv, bytes, at);
		csv->at_start = newline && !csv->inside;
		if (csv->at_start) {
			csv->in_comment = false;
			end = at + 1;
		}
	}
	return end;
}

static size_t last_end(struct boundary *boundary, const char *bytes, size_t scanned, size_t length)
{
	struct csv_boundary *csv = (struct csv_boundary *)boundary;
	if (csv->head_left) {
		if (length < csv->head_left)
			return 0;
		size_t end = (size_t)csv->head_left;
		csv->head_left = 0;
		csv->behind_head = true;
		return end;
	}
	/* What stood behind the head was given, but not looked at. */
	if (csv->behind_head)
		scanned = 0;
	csv->behind_head = false;
	if (csv->comment)
		return last_end_by_byte(csv, bytes, scanned, length);
	return last_end_by_window(csv, bytes, scanned, length);
}

static size_t resync(struct boundary *boundary, const char *bytes, size_t from, size_t length)
{
	struct csv_boundary *csv = (struct csv_boundary *)boundary;
	csv->inside = csv->closing = csv->in_comment = false;
	csv->at_start = true;
	csv->head_left = 0;
	while (from < length && !is_newline(bytes[from]))
		from++;
	return from < length ? from + 1 : length;
}

void csv_boundary_init(
	struct csv_boundary *boundary, const struct dialect *dialect, uint64_t head_bytes)
{
	*boundary = (struct csv_boundary){
		.boundary = {last_end, resync},
		.delimiter = dialect->delimiter,
		.quote = dialect->quote,
		.escape = dialect->escape,
		.comment = dialect->comment,
		.head_left = head_bytes,
		.at_start = true,
	};
}
