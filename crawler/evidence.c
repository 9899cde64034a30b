#include "crawler/evidence.h"

#include "base/hash.h"
#include "base/memory.h"

#include <stdlib.h>

struct evidence_merge {
	struct arena *arena;
	Tenon__V1__ColumnEvidence **columns;
	size_t count, capacity;
	uint32_t *slots; /* by hash of the path: index + 1 */
	size_t slot_count;
};

struct evidence_merge *evidence_merge_new(struct arena *arena)
{
	struct evidence_merge *merge = memory_new(sizeof *merge);
	merge->arena = arena;
	merge->slot_count = 64;
	merge->slots = memory_new_array(merge->slot_count, sizeof *merge->slots);
	return merge;
}

void evidence_merge_free(struct evidence_merge *merge)
{
	if (!merge)
		return;
	free(merge->columns);
	free(merge->slots);
	free(merge);
}

static size_t slot_of(const struct evidence_merge *merge, const char *path)
{
	size_t slot = hash_of_64(text_of(path)) & (merge->slot_count - 1);
	while (merge->slots[slot] &&
		strcmp(merge->columns[merge->slots[slot] - 1]->path, path) != 0)
		slot = (slot + 1) & (merge->slot_count - 1);
	return slot;
}

static void grow_slots(struct evidence_merge *merge)
{
	free(merge->slots);
	merge->slot_count *= 2;
	merge->slots = memory_new_array(merge->slot_count, sizeof *merge->slots);
	for (size_t i = 0; i < merge->count; i++)
		merge->slots[slot_of(merge, merge->columns[i]->path)] = (uint32_t)i + 1;
}

/* `likely` first: objects of one table mostly list the same paths in one order. */
static Tenon__V1__ColumnEvidence *column_of(struct evidence_merge *merge, char *path, size_t likely)
{
	if (likely < merge->count && strcmp(merge->columns[likely]->path, path) == 0)
		return merge->columns[likely];
	size_t slot = slot_of(merge, path);
	if (merge->slots[slot])
		return merge->columns[merge->slots[slot] - 1];
	if (merge->count == merge->capacity) {
		merge->capacity = memory_grown(merge->capacity, merge->count + 1);
		merge->columns =
			memory_resize(merge->columns, merge->capacity, sizeof *merge->columns);
	}
	Tenon__V1__ColumnEvidence *column = arena_alloc(merge->arena, sizeof *column);
	tenon__v1__column_evidence__init(column);
	column->path = path;
	merge->columns[merge->count++] = column;
	merge->slots[slot] = (uint32_t)merge->count;
	if (merge->count * 2 > merge->slot_count)
		grow_slots(merge);
	return column;
}

static void add_type(struct evidence_merge *merge, Tenon__V1__ColumnEvidence *column, char *path,
	const Tenon__V1__TypeEvidence *seen)
{
	for (size_t i = 0; i < column->n_types; i++) {
		if (strcmp(column->types[i]->type, seen->type) == 0) {
			column->types[i]->values += seen->values;
			return;
		}
	}
	Tenon__V1__TypeEvidence *type = arena_alloc(merge->arena, sizeof *type);
	*type = *seen;
	if (!*type->file)
		type->file = path;
	column->types = arena_grow(merge->arena, column->types, column->n_types,
		column->n_types + 1, sizeof *column->types);
	column->types[column->n_types++] = type;
}

void evidence_merge_add(struct evidence_merge *merge, char *path,
	Tenon__V1__ColumnEvidence *const *columns, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		Tenon__V1__ColumnEvidence *column = column_of(merge, columns[i]->path, i);
		column->values += columns[i]->values;
		column->nulls += columns[i]->nulls;
		for (size_t type = 0; type < columns[i]->n_types; type++)
			add_type(merge, column, path, columns[i]->types[type]);
	}
}

Tenon__V1__ColumnEvidence **evidence_merge_columns(struct evidence_merge *merge, size_t *count_out)
{
	Tenon__V1__ColumnEvidence **columns =
		arena_array(merge->arena, merge->count, sizeof *columns);
	if (merge->count)
		memcpy(columns, merge->columns, merge->count * sizeof *columns);
	*count_out = merge->count;
	return columns;
}
