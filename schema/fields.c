#include "schema/fields.h"

#include "base/memory.h"
#include "schema/join.h"

#include <stdlib.h>

/* Where each name of a struct stands: open addressing, slots hold index + 1. */
struct names {
	const struct type *record;
	uint32_t *slots;
	size_t mask;
};

enum { NAMES_WORTH_INDEXING = 16 };

static uint64_t folded_hash(struct text name)
{
	uint64_t hash = UINT64_C(14695981039346656037); /* FNV-1a */
	for (size_t i = 0; i < name.length; i++)
		hash = (hash ^ (unsigned char)text_lower(name.at[i])) * UINT64_C(1099511628211);
	return hash ^ hash >> 29;
}

static void names_init(struct names *names, const struct type *record)
{
	*names = (struct names){.record = record};
	if (record->count < NAMES_WORTH_INDEXING)
		return;
	size_t capacity = 32;
	while (capacity < record->count * 2)
		capacity *= 2;
	names->mask = capacity - 1;
	names->slots = memory_new_array(capacity, sizeof *names->slots);
	for (size_t i = 0; i < record->count; i++) {
		size_t slot = folded_hash(record->fields[i].name) & names->mask;
		while (names->slots[slot])
			slot = (slot + 1) & names->mask;
		names->slots[slot] = (uint32_t)i + 1;
	}
}

static void names_done(struct names *names)
{
	free(names->slots);
}

/* The field called `name`, looked for first where the other struct has it. */
static const struct field *names_find(const struct names *names, struct text name, size_t likely)
{
	const struct type *record = names->record;
	if (likely < record->count && text_equal_folded(record->fields[likely].name, name))
		return &record->fields[likely];
	if (!names->slots)
		return type_field(record, name);
	for (size_t slot = folded_hash(name) & names->mask; names->slots[slot];
		slot = (slot + 1) & names->mask) {
		const struct field *field = &record->fields[names->slots[slot] - 1];
		if (text_equal_folded(field->name, name))
			return field;
	}
	return NULL;
}

const struct type *fields_join(
	struct arena *arena, const struct type *left, const struct type *right)
{
	__attribute__((cleanup(names_done))) struct names lefts;
	__attribute__((cleanup(names_done))) struct names rights;
	names_init(&lefts, left);
	names_init(&rights, right);
	struct field *fields = memory_new_array(left->count + right->count + 1, sizeof *fields);
	size_t count = 0;
	bool changed = false;
	for (size_t i = 0; i < left->count; i++) {
		struct field field = left->fields[i];
		const struct field *other = names_find(&rights, field.name, i);
		const struct type *joined =
			other ? type_join(arena, field.type, other->type) : field.type;
		changed |= joined != field.type;
		fields[count++] = (struct field){field.name, joined};
	}
	for (size_t i = 0; i < right->count; i++) {
		if (!names_find(&lefts, right->fields[i].name, i))
			fields[count++] = right->fields[i];
	}
	/* Most joins change nothing: the left is shared, not copied. */
	const struct type *joined = left;
	if (changed || count > left->count)
		joined = count > LIMIT_FIELDS ? type_simple(TYPE_STRING)
					      : type_struct(arena, fields, count);
	free(fields);
	return joined;
}

const struct field *fields_duplicate(const struct type *record)
{
	__attribute__((cleanup(names_done))) struct names names;
	names_init(&names, record);
	for (size_t i = 0; i < record->count; i++) {
		/* A probe meets names in the order in which they were put in. */
		if (names_find(&names, record->fields[i].name, SIZE_MAX) != &record->fields[i])
			return &record->fields[i];
	}
	return NULL;
}
