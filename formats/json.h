#pragma once

#include "formats/format.h"
#include "formats/json_walk.h"

/* The parts of format_json, for its own files and their tests. */

/* The shape of the file that `source` holds, at its start; from here on it gives
 * UTF-8. */
enum status json_shape_read(struct source *source, struct json_shape *shape_out,
	const char **encoding_out, struct error *err) MUST_USE;

/* Exact inference over `source`, which it takes over. */
struct json_inference {
	struct json_shape shape;
	struct text file; /* for the evidence */
	unsigned threads;
	size_t block_bytes;
	const volatile bool *stop;
};
enum status json_infer_source(struct source *source, const struct json_inference *how,
	struct arena *arena, struct inferred *inferred, struct error *err) MUST_USE;

/* A reader over `source`, which it takes over. */
enum status json_read_source(struct source *source, struct json_shape shape, size_t block_bytes,
	const struct read_request *request, struct reader **reader_out, struct error *err) MUST_USE;
