#pragma once

#include "base/buffer.h"
#include "base/memory.h"
#include "formats/json.h"
#include "schema/vector.h"

#include <stdlib.h>

/* Vectors in plain memory, as an engine would hand them out: children of lists
 * start small and move when they grow. */

static size_t batch_width(const struct type *type)
{
	switch (type->kind) {
	case TYPE_BOOLEAN:
	case TYPE_TINYINT:
		return 1;
	case TYPE_SMALLINT:
		return 2;
	case TYPE_INT:
	case TYPE_FLOAT:
	case TYPE_DATE:
		return 4;
	case TYPE_LONG53:
	case TYPE_BIGINT:
	case TYPE_DOUBLE:
	case TYPE_TIMESTAMP:
		return 8;
	case TYPE_DECIMAL:
		return type->precision <= 18 ? 8 : 16;
	default:
		return 16;
	}
}

static void batch_resize(struct vector *vector, size_t rows)
{
	size_t old = (vector->capacity + 63) / 64;
	size_t words = (rows + 63) / 64;
	if (vector->type->kind != TYPE_STRUCT && vector->type->kind != TYPE_CHOICE)
		vector->data = memory_resize(vector->data, rows, batch_width(vector->type));
	vector->validity = memory_resize(vector->validity, words, sizeof(uint64_t));
	for (size_t i = old; i < words; i++)
		vector->validity[i] = UINT64_MAX;
	vector->capacity = rows;
	bool list = vector->type->kind == TYPE_ARRAY || vector->type->kind == TYPE_MAP;
	for (size_t i = 0; i < vector->child_count && !list; i++)
		batch_resize(&vector->children[i], rows);
}

static void batch_grow(struct vector *list, size_t rows)
{
	for (size_t i = 0; i < list->child_count; i++)
		batch_resize(&list->children[i], rows + 1);
}

static void batch_init(struct vector *vector, const struct type *type, size_t rows)
{
	static const struct type tag = {.kind = TYPE_TINYINT};
	const struct type *children[2] = {type->element, NULL};
	*vector = (struct vector){.type = type};
	bool list = type->kind == TYPE_ARRAY || type->kind == TYPE_MAP;
	if (type->kind == TYPE_MAP) {
		children[0] = type->key;
		children[1] = type->element;
	} else if (type->kind == TYPE_CHOICE) {
		children[0] = &tag;
		children[1] = type_simple(TYPE_STRING);
	}
	vector->child_count = type->kind == TYPE_STRUCT		  ? type->count
			      : type->kind == TYPE_ARRAY	  ? 1
			      : list || type->kind == TYPE_CHOICE ? 2
								  : 0;
	vector->children = memory_new_array(vector->child_count + 1, sizeof *vector);
	for (size_t i = 0; i < vector->child_count; i++)
		batch_init(&vector->children[i],
			type->kind == TYPE_STRUCT ? type->fields[i].type : children[i], 1);
	if (list)
		vector->grow = batch_grow;
	batch_resize(vector, rows);
}

static void batch_done(struct vector *vector)
{
	for (size_t i = 0; i < vector->child_count; i++)
		batch_done(&vector->children[i]);
	free(vector->children);
	free(vector->data);
	free(vector->validity);
}

static bool batch_valid(const struct vector *vector, size_t row)
{
	return vector->validity[row / 64] >> (row % 64) & 1;
}

static void batch_print(const struct vector *vector, size_t row, struct buffer *out);

static void batch_print_list(const struct vector *vector, size_t row, struct buffer *out)
{
	struct vector_list list = ((struct vector_list *)vector->data)[row];
	buffer_add_byte(out, vector->child_count == 2 ? '{' : '[');
	for (uint64_t i = list.offset; i < list.offset + list.length; i++) {
		buffer_add_string(out, i > list.offset ? "," : "");
		batch_print(&vector->children[0], i, out);
		if (vector->child_count == 2) {
			buffer_add_byte(out, ':');
			batch_print(&vector->children[1], i, out);
		}
	}
	buffer_add_byte(out, vector->child_count == 2 ? '}' : ']');
}

static void batch_print_nested(const struct vector *vector, size_t row, struct buffer *out)
{
	if (vector->type->kind == TYPE_CHOICE) {
		buffer_printf(out, "%d!", ((uint8_t *)vector->children[0].data)[row]);
		batch_print(&vector->children[1], row, out);
		return;
	}
	buffer_add_byte(out, '(');
	for (size_t i = 0; i < vector->child_count; i++) {
		buffer_add_string(out, i ? "," : "");
		batch_print(&vector->children[i], row, out);
	}
	buffer_add_byte(out, ')');
}

static void batch_print_number(const struct vector *vector, size_t row, struct buffer *out)
{
	const void *data = vector->data;
	switch (vector->type->kind) {
	case TYPE_BOOLEAN:
		buffer_add_string(out, ((const uint8_t *)data)[row] ? "true" : "false");
		return;
	case TYPE_TINYINT:
		buffer_printf(out, "%d", ((const int8_t *)data)[row]);
		return;
	case TYPE_SMALLINT:
		buffer_printf(out, "%d", ((const int16_t *)data)[row]);
		return;
	case TYPE_INT:
	case TYPE_DATE:
		buffer_printf(out, "%d", ((const int32_t *)data)[row]);
		return;
	case TYPE_FLOAT:
		buffer_printf(out, "%.9g", (double)((const float *)data)[row]);
		return;
	case TYPE_DOUBLE:
		buffer_printf(out, "%.17g", ((const double *)data)[row]);
		return;
	default:
		if (batch_width(vector->type) == 16) {
			__int128 wide;
			memcpy(&wide, (const char *)data + row * 16, 16);
			buffer_printf(out, "%lld", (long long)wide);
		} else {
			buffer_printf(out, "%lld", (long long)((const int64_t *)data)[row]);
		}
	}
}

static void batch_print(const struct vector *vector, size_t row, struct buffer *out)
{
	if (!batch_valid(vector, row)) {
		buffer_add_string(out, "null");
		return;
	}
	switch (vector->type->kind) {
	case TYPE_ARRAY:
	case TYPE_MAP:
		batch_print_list(vector, row, out);
		return;
	case TYPE_STRUCT:
	case TYPE_CHOICE:
		batch_print_nested(vector, row, out);
		return;
	case TYPE_NULL:
	case TYPE_STRING:
	case TYPE_CHAR:
	case TYPE_VARCHAR:
	case TYPE_BINARY: {
		const struct vector_string *string = &((struct vector_string *)vector->data)[row];
		buffer_printf(out, "'%.*s'", (int)string->length,
			string->length <= 12 ? string->inlined : string->pointer.at);
		return;
	}
	default:
		batch_print_number(vector, row, out);
	}
}

/* Reads on; each row as one line. */
static enum status batch_read(struct reader *reader, struct reader_state *state,
	const struct read_request *request, struct buffer *out, struct error *err)
{
	size_t rows = 1;
	while (rows > 0) {
		struct vector *columns = memory_new_array(request->projected + 1, sizeof *columns);
		for (size_t i = 0; i < request->projected; i++)
			batch_init(&columns[i], request->row->fields[request->projection[i]].type,
				VECTOR_ROWS);
		enum status status = reader->ops->next(state, columns, &rows, err);
		for (size_t row = 0; row < rows && status == STATUS_OK; row++) {
			for (size_t i = 0; i < request->projected; i++) {
				buffer_add_string(out, i ? " " : "");
				batch_print(&columns[i], row, out);
			}
			buffer_add_byte(out, '\n');
		}
		for (size_t i = 0; i < request->projected; i++)
			batch_done(&columns[i]);
		free(columns);
		TRY(status);
	}
	return STATUS_OK;
}
