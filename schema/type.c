#include "schema/type.h"

#include <assert.h>

static const struct type simple[TYPE_KINDS_] = {
	[TYPE_NULL] = {.kind = TYPE_NULL},
	[TYPE_BOOLEAN] = {.kind = TYPE_BOOLEAN},
	[TYPE_TINYINT] = {.kind = TYPE_TINYINT},
	[TYPE_SMALLINT] = {.kind = TYPE_SMALLINT},
	[TYPE_INT] = {.kind = TYPE_INT},
	[TYPE_LONG53] = {.kind = TYPE_LONG53},
	[TYPE_BIGINT] = {.kind = TYPE_BIGINT},
	[TYPE_FLOAT] = {.kind = TYPE_FLOAT},
	[TYPE_DOUBLE] = {.kind = TYPE_DOUBLE},
	[TYPE_STRING] = {.kind = TYPE_STRING},
	[TYPE_BINARY] = {.kind = TYPE_BINARY},
	[TYPE_DATE] = {.kind = TYPE_DATE},
	[TYPE_TIMESTAMP] = {.kind = TYPE_TIMESTAMP},
};

const struct type *type_simple(enum type_kind kind)
{
	assert(simple[kind].kind == kind);
	return &simple[kind];
}

static const struct type *kept(struct arena *arena, struct type type)
{
	struct type *copy = arena_alloc(arena, sizeof *copy);
	*copy = type;
	return copy;
}

const struct type *type_decimal(struct arena *arena, uint16_t precision, uint16_t scale)
{
	assert(precision >= 1 && precision <= 38 && scale <= precision);
	return kept(
		arena, (struct type){.kind = TYPE_DECIMAL, .precision = precision, .scale = scale});
}

const struct type *type_char(struct arena *arena, enum type_kind kind, uint32_t length)
{
	assert(kind == TYPE_CHAR || kind == TYPE_VARCHAR);
	return kept(arena, (struct type){.kind = kind, .length = length});
}

const struct type *type_array(struct arena *arena, const struct type *element)
{
	return kept(arena, (struct type){.kind = TYPE_ARRAY, .element = element});
}

const struct type *type_map(struct arena *arena, const struct type *key, const struct type *value)
{
	return kept(arena, (struct type){.kind = TYPE_MAP, .key = key, .element = value});
}

const struct type *type_struct(struct arena *arena, const struct field *fields, size_t count)
{
	struct field *copy = arena_array(arena, count, sizeof *copy);
	if (count)
		memcpy(copy, fields, count * sizeof *copy);
	return kept(arena, (struct type){.kind = TYPE_STRUCT, .fields = copy, .count = count});
}

bool type_is_scalar(const struct type *type)
{
	return type->kind < TYPE_ARRAY;
}

bool type_is_integer(enum type_kind kind)
{
	return kind >= TYPE_TINYINT && kind <= TYPE_BIGINT;
}

const struct field *type_field(const struct type *type, struct text name)
{
	for (size_t i = 0; i < type->count; i++) {
		if (text_equal_folded(type->fields[i].name, name))
			return &type->fields[i];
	}
	return NULL;
}

static bool fields_equal(const struct type *a, const struct type *b)
{
	for (size_t i = 0; i < a->count; i++) {
		const struct field *field = &a->fields[i];
		/* Most often both have one order. */
		const struct field *other = text_equal_folded(field->name, b->fields[i].name)
						    ? &b->fields[i]
						    : type_field(b, field->name);
		if (!other || !type_equal(field->type, other->type))
			return false;
	}
	return true;
}

static bool arms_equal(const struct type *a, const struct type *b)
{
	for (size_t i = 0; i < a->count; i++) {
		if (!type_equal(a->arms[i], b->arms[i]))
			return false;
	}
	return true;
}

bool type_equal(const struct type *a, const struct type *b)
{
	if (a == b)
		return true;
	if (a->kind != b->kind || a->precision != b->precision || a->scale != b->scale ||
		a->length != b->length || a->count != b->count)
		return false;
	if (a->kind == TYPE_STRUCT)
		return fields_equal(a, b);
	if (a->kind == TYPE_CHOICE)
		return arms_equal(a, b);
	if (a->kind == TYPE_MAP && !type_equal(a->key, b->key))
		return false;
	return type_is_scalar(a) || type_equal(a->element, b->element);
}

const struct type *type_copy(struct arena *arena, const struct type *type)
{
	struct type copy = *type;
	if (type->key)
		copy.key = type_copy(arena, type->key);
	if (type->element)
		copy.element = type_copy(arena, type->element);
	if (type->kind == TYPE_STRUCT) {
		struct field *fields = arena_array(arena, type->count, sizeof *fields);
		for (size_t i = 0; i < type->count; i++) {
			fields[i].name = arena_copy(arena, type->fields[i].name);
			fields[i].type = type_copy(arena, type->fields[i].type);
		}
		copy.fields = fields;
	}
	if (type->kind == TYPE_CHOICE) {
		const struct type **arms = arena_array(arena, type->count, sizeof *arms);
		for (size_t i = 0; i < type->count; i++)
			arms[i] = type_copy(arena, type->arms[i]);
		copy.arms = arms;
	}
	return kept(arena, copy);
}
