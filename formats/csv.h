#pragma once

#include "formats/csv_parser.h"

/* One CSV object opened: what it is made of is known, its records are still to come. */
struct csv_input {
	struct store *store;
	const struct object *object;
	struct text memory; /* instead of an object, when memory.at is set: tests, fuzzing */
	size_t block_bytes; /* 0: BLOCK_BYTES_DEFAULT; no result depends on it */
	size_t record_bytes_max; /* 0: LIMIT_RECORD_BYTES */
};

struct csv_file {
	struct dialect dialect; /* known */
	size_t columns;
	const struct text *names; /* "col0"… without a header */
	uint64_t data_position; /* records start here; blocks before it hold the head */
	struct csv_boundary boundary; /* for the dispenser */
	struct blocks *blocks; /* owned */
};

/* `said` is kept where it says something; what is not known is detected. The file
 * must not move while its blocks are used. Names live in `arena`. */
enum status csv_file_open(const struct csv_input *input, const struct dialect *said,
	struct arena *arena, struct csv_file *file, struct error *err) MUST_USE;
void csv_file_close(struct csv_file *file);

/* format_infer and reader_open over any input. */
enum status csv_infer(const struct csv_input *input, unsigned threads, const volatile bool *stop,
	struct arena *arena, struct inferred *inferred, struct error *err) MUST_USE;
enum status csv_reader_open(const struct csv_input *input, const struct read_request *request,
	struct reader **reader_out, struct error *err) MUST_USE;
