#pragma once

#include "base/hash.h"
#include "base/memory.h"
#include "formats/csv.h"
#include "formats/rejects.h"

#include <stdlib.h>

/* Everything that a reader gives, as one number that does not depend on the order of
 * rows, and counts. */
struct rows {
	uint64_t count, nulls, hash, bad_values, bad_records;
};

enum { ROWS_CELL_BYTES = 16, ROWS_COLUMNS_MAX = 64 };

struct rows_batch {
	struct vector vectors[ROWS_COLUMNS_MAX];
	size_t columns;
};

static inline void rows_batch_init(struct rows_batch *batch, const struct type *row,
	const size_t *projection, size_t projected)
{
	batch->columns = projected;
	for (size_t i = 0; i < projected; i++) {
		batch->vectors[i] = (struct vector){
			.type = row->fields[projection[i]].type,
			.data = memory_new_array(VECTOR_ROWS, ROWS_CELL_BYTES),
			.validity = memory_new_array(VECTOR_ROWS / 64, sizeof(uint64_t)),
			.capacity = VECTOR_ROWS,
		};
	}
}

static inline void rows_batch_clear(struct rows_batch *batch)
{
	for (size_t i = 0; i < batch->columns; i++) {
		memset(batch->vectors[i].validity, 0xff, VECTOR_ROWS / 8);
		memset(batch->vectors[i].data, 0, VECTOR_ROWS * ROWS_CELL_BYTES);
	}
}

static inline void rows_batch_done(struct rows_batch *batch)
{
	for (size_t i = 0; i < batch->columns; i++) {
		free(batch->vectors[i].data);
		free(batch->vectors[i].validity);
	}
}

static inline bool rows_is_null(const struct vector *vector, size_t row)
{
	return !(vector->validity[row / 64] >> (row % 64) & 1);
}

static inline struct text rows_string(const struct vector *vector, size_t row)
{
	const struct vector_string *string = (const struct vector_string *)vector->data + row;
	const char *at =
		string->length <= sizeof string->inlined ? string->inlined : string->pointer.at;
	return (struct text){at, string->length};
}

static inline struct text rows_cell(const struct vector *vector, size_t row)
{
	if (vector->type->kind == TYPE_STRING)
		return rows_string(vector, row);
	size_t size = vector->type->kind == TYPE_BOOLEAN ? 1
		      : vector->type->kind == TYPE_DATE	 ? 4
							 : 8;
	return (struct text){(const char *)vector->data + row * size, size};
}

static inline void rows_add(struct rows *rows, const struct rows_batch *batch, size_t count)
{
	for (size_t row = 0; row < count; row++) {
		uint64_t of_row = 17;
		for (size_t i = 0; i < batch->columns; i++) {
			const struct vector *vector = &batch->vectors[i];
			bool null = rows_is_null(vector, row);
			rows->nulls += null;
			uint64_t cell = null ? 99 : hash_of_64(rows_cell(vector, row));
			of_row = of_row * 1000003 + cell;
		}
		rows->hash += of_row;
	}
	rows->count += count;
}

static inline enum status rows_read(const struct csv_input *input, const struct dialect *dialect,
	const struct type *row, size_t projected, struct rows *rows_out, struct error *err)
{
	size_t projection[ROWS_COLUMNS_MAX];
	struct rows_batch batch;
	struct rows rows = {0};
	struct reader *reader = NULL;
	for (size_t i = 0; i < projected; i++)
		projection[i] = i;
	struct read_request request = {*dialect, row, projection, projected};
	TRY(csv_reader_open(input, &request, &reader, err));
	struct reader_state *state = reader->ops->state_new(reader);
	rows_batch_init(&batch, row, projection, projected);
	enum status status;
	size_t count = 0;
	do {
		rows_batch_clear(&batch);
		status = reader->ops->next(state, batch.vectors, &count, err);
		if (status == STATUS_OK)
			rows_add(&rows, &batch, count);
	} while (status == STATUS_OK && count);
	rows.bad_values = reader->bad_values;
	rows_batch_done(&batch);
	reader->ops->state_free(state);
	struct arena *arena = arena_new();
	struct bad_record *bad;
	rejects_list(reader->rejects, arena, &bad, &count);
	rows.bad_records = rejects_count(reader->rejects);
	arena_free(arena);
	reader->ops->free(reader);
	*rows_out = rows;
	return status;
}
