#include "base/memory.h"
#include "formats/csv.h"
#include "formats/csv_convert.h"
#include "formats/rejects.h"

#include <stdatomic.h>
#include <stdlib.h>

/* blocks → records → the projected columns' vectors */

struct csv_reader {
	struct reader reader;
	struct arena *arena; /* names */
	struct csv_file file;
	size_t *columns; /* of the file, one per projected column; SIZE_MAX: it lacks it */
	size_t projected;
	size_t record_bytes_max;
	const char *null_text;
};

struct reader_state {
	struct csv_reader *csv;
	struct csv_parser parser;
	struct block block;
	bool in_block;
	struct arena *scratch; /* of the batch */
};

static void csv_reader_free(struct csv_reader *csv)
{
	if (!csv)
		return;
	csv_file_close(&csv->file);
	rejects_free(csv->reader.rejects);
	arena_free(csv->arena);
	free(csv->columns);
	free(csv);
}
OWNABLE(csv_reader);

static void reader_release(struct reader *reader)
{
	csv_reader_free((struct csv_reader *)reader);
}

static struct reader_state *state_new(struct reader *reader)
{
	struct csv_reader *csv = (struct csv_reader *)reader;
	struct reader_state *state = memory_new(sizeof *state);
	state->csv = csv;
	state->scratch = arena_new();
	csv_parser_init(&state->parser, &csv->file.dialect, csv->file.columns, csv->columns,
		csv->projected, VECTOR_ROWS, csv->record_bytes_max, reader->rejects);
	return state;
}

static void state_free(struct reader_state *state)
{
	if (!state)
		return;
	csv_parser_done(&state->parser);
	block_done(&state->block);
	arena_free(state->scratch);
	free(state);
}

/* The next block with records; false at the end. */
static enum status next_block(struct reader_state *state, bool *more_out, struct error *err)
{
	do {
		TRY(blocks_next(state->csv->file.blocks, &state->block, err));
	} while (state->block.length && state->block.position < state->csv->file.data_position);
	*more_out = state->block.length > 0;
	if (*more_out)
		csv_parser_begin(&state->parser, &state->block);
	return STATUS_OK;
}

static void convert_all(struct reader_state *state, struct vector *columns)
{
	struct csv_reader *csv = state->csv;
	struct csv_convert convert = {
		.parser = &state->parser,
		.bytes = state->block.bytes,
		.null_text = csv->null_text,
		.comma = csv->file.dialect.delimiter != ',',
		.scratch = state->scratch,
	};
	for (size_t i = 0; i < csv->projected; i++)
		csv_convert(&convert, csv_column(&state->parser, i), &columns[i]);
	if (convert.bad)
		(void)atomic_fetch_add(&csv->reader.bad_values, convert.bad);
}

static enum status next(
	struct reader_state *state, struct vector *columns, size_t *rows_out, struct error *err)
{
	arena_reset(state->scratch);
	for (;;) {
		if (!state->in_block) {
			TRY(next_block(state, &state->in_block, err));
			if (!state->in_block) {
				*rows_out = 0;
				return STATUS_OK;
			}
		}
		if (csv_parse(&state->parser))
			break;
		rejects_block(
			state->csv->reader.rejects, state->block.position, state->parser.records);
		state->in_block = false;
	}
	convert_all(state, columns);
	*rows_out = state->parser.rows;
	return STATUS_OK;
}

static uint64_t raw_position(struct reader *reader)
{
	return blocks_raw_position(((struct csv_reader *)reader)->file.blocks);
}

static const struct reader_ops csv_reader_ops = {
	.state_new = state_new,
	.state_free = state_free,
	.next = next,
	.free = reader_release,
	.raw_position = raw_position,
};

/* By name when the file names its columns, else by position. */
static size_t column_of(const struct csv_file *file, const struct type *row, size_t field)
{
	if (!file->dialect.header)
		return field < file->columns ? field : SIZE_MAX;
	for (size_t i = 0; i < file->columns; i++) {
		if (text_equal_folded(file->names[i], row->fields[field].name))
			return i;
	}
	return SIZE_MAX;
}

/* A header that names nothing of the table is another table's, or no header but a
 * record: all that could be read of the file is nulls. */
static enum status check_names(
	const struct csv_file *file, const struct type *row, struct error *err)
{
	if (!file->dialect.header || !file->columns || !row->count)
		return STATUS_OK;
	for (size_t i = 0; i < row->count; i++) {
		if (column_of(file, row, i) != SIZE_MAX)
			return STATUS_OK;
	}
	return fail(err, STATUS_DATA_LOSS,
		"its header, at byte 0, names none of the table's columns: it is another table's "
		"file, or has no header");
}

static enum status project(
	struct csv_reader *csv, const struct read_request *request, struct error *err)
{
	csv->projected = request->projected;
	csv->columns = memory_new_array(request->projected, sizeof *csv->columns);
	for (size_t i = 0; i < request->projected; i++) {
		const struct field *field = &request->row->fields[request->projection[i]];
		if (!csv_can_convert(field->type))
			return fail(err, STATUS_UNIMPLEMENTED,
				"column '%.*s': csv holds no arrays, maps or structs; read it as "
				"string",
				TEXT_ARG(field->name));
		size_t column = column_of(&csv->file, request->row, request->projection[i]);
		/* Unescaping changes the block, so each of its columns is read once. */
		for (size_t before = 0; before < i && column != SIZE_MAX; before++) {
			if (csv->columns[before] == column)
				return fail(err, STATUS_INVALID_ARGUMENT,
					"column '%.*s' is projected twice", TEXT_ARG(field->name));
		}
		csv->columns[i] = column;
	}
	return STATUS_OK;
}

enum status csv_reader_open(const struct csv_input *input, const struct read_request *request,
	struct reader **reader_out, struct error *err)
{
	OWNED(csv_reader) csv = memory_new(sizeof *csv);
	csv->reader.ops = &csv_reader_ops;
	csv->reader.rejects = rejects_new();
	csv->arena = arena_new();
	csv->record_bytes_max =
		input->record_bytes_max ? input->record_bytes_max : LIMIT_RECORD_BYTES;
	TRY(csv_file_open(input, &request->dialect, csv->arena, &csv->file, err));
	if (request->dialect.null_text)
		csv->null_text = arena_text(csv->arena, text_of(request->dialect.null_text));
	TRY(check_names(&csv->file, request->row, err));
	TRY(project(csv, request, err));
	*reader_out = &TAKE(csv)->reader;
	return STATUS_OK;
}
