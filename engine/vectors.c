#include "base/memory.h"
#include "engine/internal.h"

#include <assert.h>
#include <stdlib.h>

static_assert(sizeof(struct vector_string) == sizeof(duckdb_string_t) &&
		      offsetof(struct vector_string, inlined) ==
			      offsetof(duckdb_string_t, value.inlined.inlined) &&
		      offsetof(struct vector_string, pointer.prefix) ==
			      offsetof(duckdb_string_t, value.pointer.prefix) &&
		      offsetof(struct vector_string, pointer.at) ==
			      offsetof(duckdb_string_t, value.pointer.ptr),
	"a string in a batch is the engine's own string");
static_assert(sizeof(struct vector_list) == sizeof(duckdb_list_entry) &&
		      offsetof(struct vector_list, length) == offsetof(duckdb_list_entry, length),
	"a list in a batch is the engine's own list");
static_assert(
	sizeof(duckdb_hugeint) == sizeof(__int128) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
	"a wide decimal is the engine's own");

/* The engine's side of one of our vectors. Nulls are noted in a mask of our own
 * and handed over only when there are any: a vector without a mask takes the
 * engine's quick paths, and allocating one for each vector of each batch is not
 * free. The mask is all ones between batches. */
struct bound {
	duckdb_vector target;
	uint64_t *mask;
	size_t mask_words;
	struct bound **children; /* one per child of the vector */
};

static size_t words_of(size_t rows)
{
	return (rows + 63) / 64;
}

static bool is_list(const struct type *type)
{
	return type->kind == TYPE_ARRAY || type->kind == TYPE_MAP;
}

static const struct type *child_type(const struct type *type, size_t index)
{
	switch (type->kind) {
	case TYPE_ARRAY:
		return type->element;
	case TYPE_MAP:
		return index ? type->element : type->key;
	case TYPE_STRUCT:
		return type->fields[index].type;
	default:
		return type_simple(index ? TYPE_STRING : TYPE_TINYINT) /* a choice */;
	}
}

static size_t children_of(const struct type *type)
{
	switch (type->kind) {
	case TYPE_ARRAY:
		return 1;
	case TYPE_MAP:
	case TYPE_CHOICE:
		return 2;
	case TYPE_STRUCT:
		return type->count;
	default:
		return 0;
	}
}

static void mask_grow(struct bound *bound, struct vector *vector, size_t rows)
{
	size_t words = words_of(rows);
	if (words > bound->mask_words) {
		bound->mask = memory_resize(bound->mask, words, sizeof *bound->mask);
		memset(bound->mask + bound->mask_words, 0xff,
			(words - bound->mask_words) * sizeof *bound->mask);
		bound->mask_words = words;
	}
	vector->validity = bound->mask;
}

static duckdb_vector child_target(const struct type *type, duckdb_vector target, size_t index)
{
	switch (type->kind) {
	case TYPE_ARRAY:
		return duckdb_list_vector_get_child(target);
	case TYPE_MAP:
		return duckdb_struct_vector_get_child(duckdb_list_vector_get_child(target), index);
	default:
		return duckdb_struct_vector_get_child(target, index);
	}
}

/* Point `vector` and what is below it at the engine's memory for `rows` rows.
 * Memory of children moves when a list grows. */
static void attach(struct bound *bound, struct vector *vector, duckdb_vector target, size_t rows)
{
	bound->target = target;
	vector->capacity = rows;
	mask_grow(bound, vector, rows);
	bool nested = vector->type->kind == TYPE_STRUCT || vector->type->kind == TYPE_CHOICE;
	vector->data = nested ? NULL : duckdb_vector_get_data(target);
	if (is_list(vector->type))
		return;
	for (size_t i = 0; i < vector->child_count; i++)
		attach(bound->children[i], &vector->children[i],
			child_target(vector->type, target, i), rows);
}

static void list_attach(struct bound *bound, struct vector *list, size_t rows)
{
	for (size_t i = 0; i < list->child_count; i++)
		attach(bound->children[i], &list->children[i],
			child_target(list->type, bound->target, i), rows);
}

static void list_start(struct bound *bound, struct vector *list);

/* Lists anywhere below a list's child: their own children as well. */
static void lists_below(struct bound *bound, struct vector *vector)
{
	if (is_list(vector->type)) {
		list_start(bound, vector);
		return;
	}
	for (size_t i = 0; i < vector->child_count; i++)
		lists_below(bound->children[i], &vector->children[i]);
}

static void list_grow(struct vector *list, size_t rows)
{
	struct bound *bound = list->owner;
	size_t room = list->children[0].capacity;
	if (rows <= room)
		return;
	rows = memory_grown(room, rows);
	duckdb_list_vector_reserve(bound->target, rows);
	list_attach(bound, list, rows);
}

static void list_start(struct bound *bound, struct vector *list)
{
	duckdb_list_vector_reserve(bound->target, VECTOR_ROWS);
	list->list_rows = 0;
	list_attach(bound, list, VECTOR_ROWS);
	for (size_t i = 0; i < list->child_count; i++)
		lists_below(bound->children[i], &list->children[i]);
}

struct bound *bound_new(const struct type *type, struct vector *vector)
{
	struct bound *bound = memory_new(sizeof *bound);
	*vector = (struct vector){.type = type, .child_count = children_of(type)};
	if (vector->child_count) {
		vector->children = memory_new_array(vector->child_count, sizeof *vector->children);
		bound->children = memory_new_array(vector->child_count, sizeof *bound->children);
		for (size_t i = 0; i < vector->child_count; i++)
			bound->children[i] = bound_new(child_type(type, i), &vector->children[i]);
	}
	if (is_list(type)) {
		vector->grow = list_grow;
		vector->owner = bound;
	}
	return bound;
}

void bound_free(struct bound *bound, struct vector *vector)
{
	if (!bound)
		return;
	for (size_t i = 0; i < vector->child_count; i++)
		bound_free(bound->children[i], &vector->children[i]);
	free(vector->children);
	free(bound->children);
	free(bound->mask);
	free(bound);
}

void bound_start(struct bound *bound, struct vector *vector, duckdb_vector target)
{
	attach(bound, vector, target, VECTOR_ROWS);
	lists_below(bound, vector);
}

static bool is_text(enum type_kind kind)
{
	return kind == TYPE_STRING || kind == TYPE_CHAR || kind == TYPE_VARCHAR ||
	       kind == TYPE_BINARY || kind == TYPE_NULL;
}

/* Replace each lent string by the engine's own copy. */
static void own_strings(struct bound *bound, struct vector *vector, size_t rows)
{
	struct vector_string *strings = vector->data;
	for (size_t row = 0; row < rows; row++) {
		bool valid = bound->mask[row / 64] >> (row % 64) & 1;
		if (valid && strings[row].length > sizeof strings[row].inlined)
			duckdb_vector_assign_string_element_len(
				bound->target, row, strings[row].pointer.at, strings[row].length);
	}
}

/* The engine reads a struct's members without looking at the struct's own nulls,
 * so a null struct has null members. */
static void push_nulls(const struct bound *parent, struct bound *child, size_t rows)
{
	for (size_t i = 0; i < words_of(rows); i++)
		child->mask[i] &= parent->mask[i];
}

static void hand_over_nulls(struct bound *bound, size_t rows)
{
	size_t words = words_of(rows);
	uint64_t all = UINT64_MAX;
	for (size_t i = 0; i < words; i++)
		all &= bound->mask[i];
	if (all == UINT64_MAX)
		return;
	duckdb_vector_ensure_validity_writable(bound->target);
	memcpy(duckdb_vector_get_validity(bound->target), bound->mask, words * sizeof *bound->mask);
	memset(bound->mask, 0xff, words * sizeof *bound->mask);
}

void bound_finish(struct bound *bound, struct vector *vector, size_t rows, bool copy_strings)
{
	if (is_list(vector->type))
		duckdb_list_vector_set_size(bound->target, vector->list_rows);
	size_t below = is_list(vector->type) ? vector->list_rows : rows;
	for (size_t i = 0; i < vector->child_count; i++) {
		if (!is_list(vector->type))
			push_nulls(bound, bound->children[i], rows);
		bound_finish(bound->children[i], &vector->children[i], below, copy_strings);
	}
	if (copy_strings && is_text(vector->type->kind))
		own_strings(bound, vector, rows);
	hand_over_nulls(bound, rows);
}
