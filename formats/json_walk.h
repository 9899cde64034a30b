#pragma once

#include "formats/json_frame.h"
#include "formats/json_scan.h"
#include "formats/rejects.h"

/* Goes over one block record by record, whatever the framing, and survives bad
 * ones: they go to `rejects`, and the walk goes on at the next place that can be
 * told to be a record's start. What it finds does not depend on where blocks were
 * cut. Overwrites bytes between records with sentinels. */
struct json_walk {
	struct json_shape shape;
	struct rejects *rejects;

	char *base; /* the block */
	char *at;
	char *end;
	uint64_t position; /* of base */
	uint64_t records; /* seen in this block, good and bad */
	bool last;
	bool oversized;
	bool too_large; /* a record that is not a line passed LIMIT_RECORD_BYTES: give up */

	char *slot_end; /* the record may not reach behind it; a sentinel stands there */
	char kept; /* what stood there */
	bool recovering; /* the slot is the rest of a bad record */
	bool inside; /* an array: its '[' was seen */
	bool element; /* an array: a value must come next */
};

/* Parses one record at `at`, where no space stands. NULL with the fault when it
 * is bad, and then as if it had not been there. A fault without a reason ends the
 * walk: the parser has its own error. */
typedef char *json_record_fn(void *parser, char *at, uint64_t position, struct json_fault *fault);

void json_walk_start(struct json_walk *walk, struct block *block);
/* Up to `records_max` good records; the number met, 0 at the block's end. */
size_t json_walk_next(
	struct json_walk *walk, size_t records_max, json_record_fn *record, void *parser);
/* RESOURCE_EXHAUSTED when the walk gave up on a record for its size. */
enum status json_walk_check(const struct json_walk *walk, struct error *err) MUST_USE;
