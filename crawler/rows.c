#include "crawler/rows.h"

#include "base/hash.h"
#include "base/memory.h"
#include "schema/notation.h"

#include <stdlib.h>

/* Open addressing by the 128-bit hash of "name NUL type NUL …": never compared
 * further, as no two texts of one crawl will meet in 128 bits. */
struct slot {
	struct hash hash;
	const struct type *row; /* NULL: free */
};

struct rows {
	struct arena *arena;
	struct slot *slots;
	size_t capacity, count;
	struct buffer text;
};

struct rows *rows_new(struct arena *arena)
{
	struct rows *rows = memory_new(sizeof *rows);
	rows->arena = arena;
	rows->capacity = 64;
	rows->slots = memory_new_array(rows->capacity, sizeof *rows->slots);
	buffer_init(&rows->text, SIZE_MAX);
	return rows;
}

void rows_free(struct rows *rows)
{
	if (!rows)
		return;
	buffer_done(&rows->text);
	free(rows->slots);
	free(rows);
}

static struct slot *slot_of(struct slot *slots, size_t capacity, struct hash hash)
{
	size_t at = hash.low & (capacity - 1);
	while (slots[at].row &&
		(slots[at].hash.low != hash.low || slots[at].hash.high != hash.high))
		at = (at + 1) & (capacity - 1);
	return &slots[at];
}

static void add(struct rows *rows, struct hash hash, const struct type *row)
{
	if (++rows->count * 2 > rows->capacity) {
		size_t grown = rows->capacity * 2;
		struct slot *slots = memory_new_array(grown, sizeof *slots);
		for (size_t i = 0; i < rows->capacity; i++) {
			if (rows->slots[i].row)
				*slot_of(slots, grown, rows->slots[i].hash) = rows->slots[i];
		}
		free(rows->slots);
		rows->slots = slots;
		rows->capacity = grown;
	}
	*slot_of(rows->slots, rows->capacity, hash) = (struct slot){hash, row};
}

static enum status parse(struct rows *rows, const Tenon__V1__Inferred *inferred,
	const struct type **row_out, struct error *err)
{
	struct field *fields = arena_array(rows->arena, inferred->n_columns, sizeof *fields);
	for (size_t i = 0; i < inferred->n_columns; i++) {
		const Tenon__V1__NameType *column = inferred->columns[i];
		fields[i].name = arena_copy(rows->arena, text_of(column->name));
		if (type_parse(rows->arena, text_of(column->type), &fields[i].type, err) !=
			STATUS_OK)
			return fail_within(err, "column '%s'", column->name);
	}
	*row_out = type_struct(rows->arena, fields, inferred->n_columns);
	return STATUS_OK;
}

enum status rows_of_entry(struct rows *rows, const Tenon__V1__LedgerEntry *entry,
	const struct type **row_out, struct error *err)
{
	const Tenon__V1__Inferred *inferred = entry->inferred;
	buffer_clear(&rows->text);
	for (size_t i = 0; i < inferred->n_columns; i++) {
		buffer_add_string(&rows->text, inferred->columns[i]->name);
		buffer_add_byte(&rows->text, 0);
		buffer_add_string(&rows->text, inferred->columns[i]->type);
		buffer_add_byte(&rows->text, 0);
	}
	struct hash hash = hash_of(buffer_text(&rows->text));
	const struct type *row = slot_of(rows->slots, rows->capacity, hash)->row;
	if (!row) {
		TRY(parse(rows, inferred, &row, err));
		add(rows, hash, row);
	}
	*row_out = row;
	return STATUS_OK;
}

const struct type *rows_intern(struct rows *rows, const struct type *row)
{
	buffer_clear(&rows->text);
	for (size_t i = 0; i < row->count; i++) {
		buffer_add_text(&rows->text, row->fields[i].name);
		buffer_add_byte(&rows->text, 0);
		type_print_exact(row->fields[i].type, &rows->text);
		buffer_add_byte(&rows->text, 0);
	}
	struct hash hash = hash_of(buffer_text(&rows->text));
	const struct type *known = slot_of(rows->slots, rows->capacity, hash)->row;
	if (known)
		return known;
	add(rows, hash, row);
	return row;
}
