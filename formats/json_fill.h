#pragma once

#include "formats/json_key.h"
#include "schema/vector.h"

/* Fills vectors from JSON records: one tree of columns, made once per thread from
 * the table's row type, beside the tree of vectors of each batch. Keys match
 * without regard to case, the last of repeated ones wins, unknown ones are checked
 * and skipped. A value that is not one of its column's type becomes null and is
 * counted; a text column takes any value: scalars as written, arrays and objects
 * as their JSON. A bad record leaves nothing behind, at any depth. */
struct json_fill;

/* `projection` names the fields of `row` to fill, in the order of the vectors.
 * Both borrowed. */
struct json_fill *json_fill_new(
	const struct type *row, const size_t *projection, size_t projected, bool wrapped);
void json_fill_free(struct json_fill *fill);
OWNABLE(json_fill);

/* A batch into `columns` begins; texts of the last one are no longer needed.
 * Escaped texts need at most `block_bytes` bytes. */
void json_fill_start(struct json_fill *fill, struct vector *columns, size_t block_bytes);
/* A json_record_fn; `fill` is a struct json_fill. The next row. */
char *json_fill_record(void *fill, char *at, uint64_t position, struct json_fault *fault);
uint64_t json_fill_bad_values(const struct json_fill *fill); /* of this batch */
