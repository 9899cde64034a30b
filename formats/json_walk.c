#include "formats/json_walk.h"

/* The slot is what one record may use: its line, a bad record's rest, or all that
 * is left of the block. */
static void slot_set(struct json_walk *walk, char *end)
{
	walk->slot_end = end;
	walk->kept = *end;
	*end = '\0';
}

static void slot_leave(struct json_walk *walk)
{
	*walk->slot_end = walk->kept;
	walk->slot_end = NULL;
	walk->recovering = false;
}

/* The record in [at, end) is bad. */
static void reject(struct json_walk *walk, const char *at, const char *end, const char *reason)
{
	rejects_add(walk->rejects, walk->position + (uint64_t)(at - walk->base), walk->records,
		reason, (struct text){at, (size_t)(end - at)});
	walk->records++;
}

void json_walk_start(struct json_walk *walk, struct block *block)
{
	walk->base = walk->at = block->bytes;
	walk->end = block->bytes + block->length;
	walk->position = block->position;
	walk->last = block->last;
	walk->records = 0;
	walk->slot_end = NULL;
	walk->recovering = false;
	walk->inside = walk->element = walk->shape.framing == JSON_ARRAY && block->position > 0;
	if (block->position == 0 && block->length >= 3 && memcmp(walk->at, "\xef\xbb\xbf", 3) == 0)
		walk->at += 3;
	walk->oversized = block->oversized && walk->shape.framing != JSON_LINES;
	walk->too_large = false;
	if (block->oversized && walk->shape.framing == JSON_LINES) {
		slot_set(walk, walk->end);
		reject(walk, walk->at, walk->end, "a record is larger than 16777216 bytes");
		slot_leave(walk);
		walk->at = walk->end;
	}
}

/* The byte before `at` that is no space, and the one before that; 0 at `from`. */
static char before(const char **at, const char *from)
{
	while (*at > from) {
		(*at)--;
		if (!strchr(" \t\r\n", **at))
			return **at;
	}
	return '\0';
}

/* How far the record at `at` is indented; SIZE_MAX when it does not begin its line.
 * Blocks are cut right behind a record, never behind space, so this does not
 * depend on where. */
static size_t column_of(const struct json_walk *walk, const char *at)
{
	const char *line = at;
	while (line > walk->base && (line[-1] == ' ' || line[-1] == '\t'))
		line--;
	bool first = line == walk->base ? walk->position == 0 : line[-1] == '\n';
	return first ? (size_t)(at - line) : SIZE_MAX;
}

/* Could a record start at this line of a bad record's rest? What stands inside
 * another value comes behind '[', ':' or ','; an array's element comes behind
 * "},". */
static bool may_start(const struct json_walk *walk, const char *at, const char *bad)
{
	if (*at != (walk->shape.wrapped ? '[' : '{'))
		return false;
	const char *back = at;
	char previous = before(&back, bad);
	if (walk->shape.framing == JSON_ARRAY)
		return previous == ',' && strchr("}]", before(&back, bad));
	return previous && !strchr("[:,{", previous);
}

/* The next line in the slot where a record could start, in the column where the
 * bad one did. */
static char *next_start(const struct json_walk *walk, char *bad, size_t column)
{
	for (char *at = bad;;) {
		at = memchr(at, '\n', (size_t)(walk->slot_end - at));
		if (!at)
			return NULL;
		at++;
		char *start = at;
		while (start < walk->slot_end && (*start == ' ' || *start == '\t'))
			start++;
		if ((size_t)(start - at) == column && may_start(walk, start, bad))
			return start;
	}
}

/* A bad record at walk->at: move to where the next one may start. */
static void recover(struct json_walk *walk, struct json_fault *fault)
{
	enum { NEAR = 16 }; /* within the last token */
	char *bad = walk->at;
	if (walk->oversized && walk->end - fault->at < NEAR) {
		/* Nothing is wrong with it but its size. */
		walk->too_large = true;
		walk->at = walk->slot_end;
		return;
	}
	if (walk->shape.framing == JSON_LINES) {
		reject(walk, bad, walk->slot_end, fault->reason);
		walk->at = walk->slot_end;
		return;
	}
	if (!walk->recovering) {
		const char *end = json_frame_bad_end(walk->shape.framing, bad, walk->slot_end);
		char *bad_end = bad + (end - bad);
		slot_leave(walk);
		slot_set(walk, bad_end);
		walk->recovering = true;
	}
	char *next = next_start(walk, bad, column_of(walk, bad));
	walk->at = next ? next : walk->slot_end;
	reject(walk, bad, walk->at, fault->reason);
	walk->element = next != NULL;
}

/* Text where an array should begin: on to where its records can be told again. */
static void skip_text(struct json_walk *walk)
{
	const char *start = json_frame_array_start(walk->at, walk->slot_end);
	const char *end = start ? start : walk->slot_end;
	reject(walk, walk->at, end, "text stands outside the array");
	walk->inside = walk->element = start != NULL;
	walk->at += end - walk->at;
}

/* Moves over an array's punctuation to its next element; false at the slot's end. */
static bool array_seek(struct json_walk *walk)
{
	for (;; walk->at = json_space(walk->at)) {
		if (walk->at >= walk->slot_end)
			return false;
		char byte = *walk->at;
		if (!walk->inside && byte == '[') {
			walk->inside = walk->element = true;
			walk->at++;
		} else if (!walk->inside) {
			skip_text(walk);
		} else if (byte == ']') {
			walk->inside = walk->element = false;
			walk->at++;
		} else if (byte == ',') {
			if (walk->element)
				reject(walk, walk->at, walk->at, "an element is missing");
			walk->element = true;
			walk->at++;
		} else {
			if (!walk->element)
				reject(walk, walk->at, walk->at, "',' is missing between elements");
			walk->element = false;
			return true;
		}
	}
}

/* Moves to the next record within the slot; false at its end. */
static bool seek(struct json_walk *walk)
{
	walk->at = json_space(walk->at);
	if (walk->shape.framing == JSON_ARRAY)
		return array_seek(walk);
	return walk->at < walk->slot_end;
}

/* Opens the next slot; false at the block's end. */
static bool slot_next(struct json_walk *walk)
{
	if (walk->at >= walk->end)
		return false;
	char *end = walk->end;
	if (walk->shape.framing == JSON_LINES) {
		char *newline = memchr(walk->at, '\n', (size_t)(end - walk->at));
		end = newline ? newline : end;
	}
	slot_set(walk, end);
	return true;
}

static void slot_close(struct json_walk *walk)
{
	bool line = walk->shape.framing == JSON_LINES && walk->slot_end < walk->end;
	if (walk->slot_end == walk->end && walk->last && walk->inside && !walk->recovering) {
		reject(walk, walk->slot_end, walk->slot_end, "the array is not closed");
		walk->inside = false;
	}
	walk->at = walk->slot_end + line;
	slot_leave(walk);
}

size_t json_walk_next(
	struct json_walk *walk, size_t records_max, json_record_fn *record, void *parser)
{
	size_t count = 0;
	while (count < records_max) {
		if (!walk->slot_end && !slot_next(walk))
			break;
		if (!seek(walk)) {
			slot_close(walk);
			continue;
		}
		struct json_fault fault = {0};
		uint64_t position = walk->position + (uint64_t)(walk->at - walk->base);
		char *after = *walk->at ? record(parser, walk->at, position, &fault)
					: json_fail(&fault, walk->at,
						  "a NUL byte stands outside a string");
		if (after) {
			walk->at = after;
			walk->records++;
			count++;
		} else if (fault.reason) {
			recover(walk, &fault);
		} else {
			break;
		}
	}
	return count;
}

enum status json_walk_check(const struct json_walk *walk, struct error *err)
{
	if (!walk->too_large)
		return STATUS_OK;
	return fail(err, STATUS_RESOURCE_EXHAUSTED,
		"the record at byte %llu is larger than %u bytes: write one record per line",
		(unsigned long long)walk->position, LIMIT_RECORD_BYTES);
}
