#include "formats/json_frame.h"

#include "base/memory.h"
#include "formats/json_scan.h"
#include "formats/window.h"

#include <stdlib.h>

static bool level_is_array(const struct json_frame *frame, unsigned level)
{
	return level < 64 && (frame->arrays >> level & 1);
}

static void frame_open(struct json_frame *frame, bool array)
{
	if (frame->depth < 64) {
		uint64_t bit = UINT64_C(1) << frame->depth;
		frame->arrays = array ? frame->arrays | bit : frame->arrays & ~bit;
	}
	frame->depth++;
}

/* Closes the innermost level of the bracket's kind and what is open inside it.
 * The records' own array is closed only when nothing is open in it: a stray ']'
 * must not end the file. */
static void frame_close(struct json_frame *frame, bool array)
{
	if (frame->depth > 64) {
		frame->depth--;
		return;
	}
	unsigned floor = frame->framing == JSON_ARRAY && array && frame->depth > 1 ? 1 : 0;
	for (unsigned level = frame->depth; level > floor; level--) {
		if (level_is_array(frame, level - 1) == array) {
			frame->depth = level - 1;
			return;
		}
	}
}

static const char *string_end(struct json_frame *frame, const char *at, const char *end)
{
	for (; at < end; at++) {
		if (*at == '\n') {
			frame->string = frame->escape = false;
			return at + 1;
		}
		if (frame->escape) {
			frame->escape = false;
		} else if (*at == '"') {
			frame->string = false;
			return at + 1;
		} else {
			frame->escape = *at == '\\';
		}
	}
	return end;
}

static bool between_elements(const struct json_frame *frame)
{
	return frame->framing == JSON_ARRAY && frame->depth == 1 && level_is_array(frame, 0);
}

/* True when the byte ended a record. */
static bool frame_byte(struct json_frame *frame, char byte)
{
	switch (byte) {
	case '"':
		frame->string = true;
		return false;
	case '{':
	case '[':
		frame_open(frame, byte == '[');
		return false;
	case '}':
	case ']':
		if (frame->depth == 0)
			return false;
		frame_close(frame, byte == ']');
		return frame->depth == 0;
	case ',':
		return between_elements(frame);
	default:
		return false;
	}
}

static const bool interesting[256] = {
	['"'] = true, ['{'] = true, ['['] = true, ['}'] = true, [']'] = true, [','] = true};

const char *json_frame_next(struct json_frame *frame, const char *at, const char *end)
{
	while (at < end) {
		if (frame->string) {
			at = string_end(frame, at, end);
			continue;
		}
		while (at < end && !interesting[(unsigned char)*at])
			at++;
		if (at < end && frame_byte(frame, *at++))
			return at;
	}
	return NULL;
}

/* In an array a record may be cut behind a comma, never behind the closing
 * bracket: so whoever reads a block knows that it starts inside the array. */
static bool may_cut(const struct json_frame *frame)
{
	return frame->framing == JSON_VALUES ? frame->depth == 0 : frame->depth == 1;
}

/* Where a block may end, as far as its bytes were looked at. A comma that is the
 * last byte so far ends nothing yet: the block behind it might be empty, and then
 * nobody would see that the array was not closed. */
struct cuts {
	const char *end; /* of what is there */
	const char *last;
	bool pending; /* a comma stands right before the end */
};

static void cut(struct cuts *cuts, const char *at, bool comma)
{
	cuts->pending = comma && at == cuts->end;
	cuts->last = cuts->pending ? cuts->last : at;
}

static void frame_bytes(
	struct json_frame *frame, const char *at, const char *end, struct cuts *cuts)
{
	while ((at = json_frame_next(frame, at, end))) {
		if (may_cut(frame))
			cut(cuts, at, frame->framing == JSON_ARRAY);
	}
}

/* Bit i: how many of the bits 0 … i are set, modulo 2. */
static uint64_t parity(uint64_t bits)
{
	for (int shift = 1; shift < 64; shift *= 2)
		bits ^= bits << shift;
	return bits;
}

/* The last of the commas between elements is where a block may end. */
static void cut_comma(
	const struct json_frame *frame, uint64_t commas, const char *at, struct cuts *cuts)
{
	if (commas && between_elements(frame))
		cut(cuts, at + 64 - __builtin_clzll(commas), true);
}

/* The same for WINDOW_BYTES at once, with strings told by the parity of quotes;
 * false, and nothing was done, when there is an escape or a string that is not
 * closed on its line. */
static bool frame_window(struct json_frame *frame, const char *at, struct cuts *cuts)
{
	struct window window = window_load(at);
	uint64_t inside = parity(window_equal(&window, '"')) ^ (frame->string ? UINT64_MAX : 0);
	if (frame->escape || window_equal(&window, '\\') || (window_equal(&window, '\n') & inside))
		return false;
	frame->string = inside >> 63;
	uint64_t opened = window_equal(&window, '{') | window_equal(&window, '[');
	uint64_t closed = window_equal(&window, '}') | window_equal(&window, ']');
	uint64_t brackets = (opened | closed) & ~inside;
	uint64_t commas = frame->framing == JSON_ARRAY ? window_equal(&window, ',') & ~inside : 0;
	for (; brackets; brackets &= brackets - 1) {
		unsigned bit = (unsigned)__builtin_ctzll(brackets);
		uint64_t before = commas & ((UINT64_C(1) << bit) - 1);
		cut_comma(frame, before, at, cuts);
		commas ^= before;
		if (frame_byte(frame, at[bit]) && may_cut(frame))
			cut(cuts, at + bit + 1, false);
	}
	cut_comma(frame, commas, at, cuts);
	return true;
}

static size_t frame_last_end(
	struct boundary *boundary, const char *bytes, size_t scanned, size_t length)
{
	struct json_boundary *json = (struct json_boundary *)boundary;
	struct cuts cuts = {.end = bytes + length, .pending = json->pending && length == scanned};
	const char *at = bytes + scanned;
	if (json->pending && length > scanned)
		cuts.last = at;
	for (; cuts.end - at >= WINDOW_BYTES; at += WINDOW_BYTES) {
		if (!frame_window(&json->frame, at, &cuts))
			frame_bytes(&json->frame, at, at + WINDOW_BYTES, &cuts);
	}
	frame_bytes(&json->frame, at, cuts.end, &cuts);
	json->pending = cuts.pending;
	return cuts.last ? (size_t)(cuts.last - bytes) : 0;
}

static size_t line_last_end(
	struct boundary *boundary, const char *bytes, size_t scanned, size_t length)
{
	(void)boundary;
	const char *newline =
		length > scanned ? memrchr(bytes + scanned, '\n', length - scanned) : NULL;
	return newline ? (size_t)(newline - bytes) + 1 : 0;
}

static size_t newline_resync(
	struct boundary *boundary, const char *bytes, size_t from, size_t length)
{
	struct json_frame *frame = &((struct json_boundary *)boundary)->frame;
	((struct json_boundary *)boundary)->pending = false;
	bool array = frame->framing == JSON_ARRAY;
	*frame = (struct json_frame){.framing = frame->framing, .depth = array, .arrays = array};
	const char *newline = length > from ? memchr(bytes + from, '\n', length - from) : NULL;
	return newline ? (size_t)(newline - bytes) + 1 : length;
}

void json_boundary_init(struct json_boundary *boundary, enum json_framing framing)
{
	*boundary = (struct json_boundary){
		.boundary = {.last_end = framing == JSON_LINES ? line_last_end : frame_last_end,
			.resync = newline_resync},
		.frame = {.framing = framing},
	};
}

const char *json_frame_bad_end(enum json_framing framing, const char *at, const char *end)
{
	bool array = framing == JSON_ARRAY;
	struct json_frame frame = {.framing = framing, .depth = array, .arrays = array};
	const char *from = at;
	while (at < end) {
		if (frame.string) {
			at = string_end(&frame, at, end);
			continue;
		}
		/* Text between records: the next bracket begins the next one. */
		if (!array && frame.depth == 0 && at > from && (*at == '{' || *at == '['))
			return at;
		if (frame_byte(&frame, *at))
			return array ? at : at + 1;
		at++;
	}
	return end;
}

const char *json_frame_array_start(const char *at, const char *end)
{
	struct json_frame frame = {.framing = JSON_ARRAY};
	while ((at = json_frame_next(&frame, at, end))) {
		if (may_cut(&frame))
			return at;
	}
	return NULL;
}

/* What a head's lines look like, each taken alone. */
struct lines {
	size_t whole; /* hold complete values and nothing else */
	size_t other;
};

static bool line_is_whole(char *at, char *end)
{
	struct json_fault fault;
	char kept = *end;
	*end = '\0';
	bool good = *at == '{' || *at == '[';
	while (good && at < end) {
		char *after = json_skip(at, 0, &fault);
		good = after != NULL;
		if (good)
			at = json_space(after);
	}
	*end = kept;
	return good;
}

static struct lines lines_of(char *at, char *end, bool whole)
{
	struct lines lines = {0};
	while (at < end) {
		char *newline = memchr(at, '\n', (size_t)(end - at));
		if (!newline && !whole)
			break;
		char *line_end = newline ? newline : end;
		while (at < line_end && (*at == ' ' || *at == '\t' || *at == '\r'))
			at++;
		if (at < line_end) {
			bool good = line_is_whole(at, line_end);
			lines.whole += good;
			lines.other += !good;
		}
		at = newline ? newline + 1 : end;
	}
	return lines;
}

/* An object as far as its first key tells, whatever errors follow. */
static bool looks_like_object(char *at)
{
	struct json_fault fault;
	struct json_string key;
	if (*at != '{')
		return false;
	at = json_space(at + 1);
	if (*at == '}')
		return true;
	at = *at == '"' ? json_string(at, &key, &fault) : NULL;
	return at && *json_space(at) == ':';
}

/* What the file begins with: a whole value, one that the head's end cuts, or none. */
enum start { START_NONE, START_CUT, START_WHOLE };

static enum start start_of(char *at, char *end, bool whole, char **after_out)
{
	struct json_fault fault = {0};
	char *after = json_skip(at, 0, &fault);
	if (after) {
		*after_out = json_space(after);
		return START_WHOLE;
	}
	enum { WORD = 12 }; /* the longest thing that a cut makes look wrong before its end */
	return !whole && end - fault.at < WORD ? START_CUT : START_NONE;
}

static bool object_shape(char *at, char *end, bool whole, struct json_shape *shape)
{
	char *after = NULL;
	struct lines lines = lines_of(at, end, whole);
	bool is_lines = lines.whole > 0 && lines.whole >= lines.other;
	*shape = (struct json_shape){.framing = is_lines ? JSON_LINES : JSON_VALUES};
	return is_lines || looks_like_object(at) || start_of(at, end, whole, &after) != START_NONE;
}

static bool array_shape(char *at, char *end, bool whole, struct json_shape *shape)
{
	char *after = NULL;
	char *element = json_space(at + 1);
	bool objects = *element == '{' || *element == ']';
	*shape = (struct json_shape){.framing = JSON_ARRAY, .wrapped = !objects};
	switch (start_of(at, end, whole, &after)) {
	case START_NONE:
		return looks_like_object(element);
	case START_CUT:
		return true;
	case START_WHOLE:
		break;
	}
	if (after >= end || objects)
		return after >= end || *after == '[';
	struct lines lines = lines_of(at, end, whole);
	shape->framing = lines.whole >= lines.other ? JSON_LINES : JSON_VALUES;
	return *after == '[';
}

bool json_shape_of(struct text head, bool whole, struct json_shape *shape_out)
{
	if (text_starts(head, TEXT("\xef\xbb\xbf")))
		head = text_from(head, 3);
	char *copy = memory_new(head.length + BLOCK_PADDING);
	if (head.length)
		memcpy(copy, head.at, head.length);
	char *at = json_space(copy);
	bool json = false;
	if (*at == '{')
		json = object_shape(at, copy + head.length, whole, shape_out);
	else if (*at == '[')
		json = array_shape(at, copy + head.length, whole, shape_out);
	free(copy);
	return json;
}
