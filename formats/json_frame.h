#pragma once

#include "formats/blocks.h"

/* Where JSON records begin and end, told from depth and strings alone, so that a
 * file is cut into blocks without parsing it. */
enum json_framing {
	JSON_LINES, /* each line holds whole values: any newline is an end */
	JSON_VALUES, /* values follow each other, over several lines or all on one */
	JSON_ARRAY, /* one array whose elements are the records */
};

struct json_shape {
	enum json_framing framing;
	bool wrapped; /* records are no objects: each is a row of one column, "record" */
};

/* The shape of a file that begins with `head` (its first FORMAT_HEAD_BYTES, or
 * all of it: `whole`); false when that is not JSON. The reader asks again, so
 * that files of one table may differ. */
bool json_shape_of(struct text head, bool whole, struct json_shape *shape_out);

/* An automaton over values or an array. Errors heal where they can: a string ends
 * at its line, a closing bracket closes what was left open inside its pair, one
 * that closes nothing is ignored. */
struct json_frame {
	enum json_framing framing;
	unsigned depth;
	uint64_t arrays; /* bit d: level d is an array */
	bool string;
	bool escape;
};

/* Advances over [at, end) to behind the next end of a record: the bracket that
 * returns to depth 0, or an array element's comma. NULL at `end`. */
const char *json_frame_next(struct json_frame *frame, const char *at, const char *end);
/* In a frame at a record's start at `at`: where the record ends when it cannot be
 * parsed, without its element's comma or the array's bracket. `end` if unclosed. */
const char *json_frame_bad_end(enum json_framing framing, const char *at, const char *end);
/* Behind the first comma between an array's elements after text that stands in no
 * array; NULL when there is none. */
const char *json_frame_array_start(const char *at, const char *end);

struct json_boundary {
	struct boundary boundary; /* first: given to blocks_new */
	struct json_frame frame;
	bool pending; /* the last byte given ended an element */
};
void json_boundary_init(struct json_boundary *boundary, enum json_framing framing);
