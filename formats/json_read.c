#include "formats/json.h"

#include "base/memory.h"
#include "formats/json_fill.h"

#include <stdatomic.h>
#include <stdlib.h>

struct json_reader {
	struct reader reader; /* first */
	struct json_boundary boundary;
	struct blocks *blocks;
	struct json_shape shape;
	const struct type *row; /* borrowed from the request */
	size_t *projection;
	size_t projected;
};

struct reader_state {
	struct json_reader *reader;
	struct json_fill *fill;
	struct block block;
	struct json_walk walk;
	bool walking; /* in a block */
};

static struct reader_state *state_new(struct reader *base)
{
	struct json_reader *reader = (struct json_reader *)base;
	struct reader_state *state = memory_new(sizeof *state);
	state->reader = reader;
	state->fill = json_fill_new(
		reader->row, reader->projection, reader->projected, reader->shape.wrapped);
	state->walk = (struct json_walk){.shape = reader->shape, .rejects = base->rejects};
	return state;
}

static void state_free(struct reader_state *state)
{
	if (!state)
		return;
	json_fill_free(state->fill);
	block_done(&state->block);
	free(state);
}

/* The next block; false in *more_out at the end. */
static enum status block_next(struct reader_state *state, bool *more_out, struct error *err)
{
	TRY(blocks_next(state->reader->blocks, &state->block, err));
	*more_out = state->block.length > 0;
	state->walking = *more_out;
	if (*more_out)
		json_walk_start(&state->walk, &state->block);
	return STATUS_OK;
}

/* A batch holds rows of one block only: its texts stay where they are until the
 * next call. */
static enum status next(
	struct reader_state *state, struct vector *columns, size_t *rows_out, struct error *err)
{
	struct reader *reader = &state->reader->reader;
	for (;;) {
		bool more = true;
		if (!state->walking)
			TRY(block_next(state, &more, err));
		*rows_out = 0;
		if (!more)
			return STATUS_OK;
		json_fill_start(state->fill, columns, state->block.length);
		size_t rows =
			json_walk_next(&state->walk, VECTOR_ROWS, json_fill_record, state->fill);
		TRY(json_walk_check(&state->walk, err));
		if (rows > 0) {
			*rows_out = rows;
			atomic_fetch_add(&reader->bad_values, json_fill_bad_values(state->fill));
			return STATUS_OK;
		}
		rejects_block(reader->rejects, state->walk.position, state->walk.records);
		state->walking = false;
	}
}

static void reader_done(struct reader *base)
{
	struct json_reader *reader = (struct json_reader *)base;
	blocks_free(reader->blocks);
	rejects_free(base->rejects);
	free(reader->projection);
	free(reader);
}

static uint64_t raw_position(struct reader *base)
{
	return blocks_raw_position(((struct json_reader *)base)->blocks);
}

static const struct reader_ops ops = {
	.state_new = state_new,
	.state_free = state_free,
	.next = next,
	.free = reader_done,
	.raw_position = raw_position,
};

enum status json_read_source(struct source *source, struct json_shape shape, size_t block_bytes,
	const struct read_request *request, struct reader **reader_out, struct error *err)
{
	(void)err;
	struct json_reader *reader = memory_new(sizeof *reader);
	reader->reader.ops = &ops;
	reader->reader.rejects = rejects_new();
	json_boundary_init(&reader->boundary, shape.framing);
	reader->blocks =
		blocks_new(source, &reader->boundary.boundary, block_bytes, LIMIT_RECORD_BYTES);
	reader->shape = shape;
	reader->row = request->row;
	reader->projection = memory_new_array(request->projected + 1, sizeof(size_t));
	if (request->projected)
		memcpy(reader->projection, request->projection,
			request->projected * sizeof(size_t));
	reader->projected = request->projected;
	*reader_out = &reader->reader;
	return STATUS_OK;
}
