#include "schema/resolve.h"

/* Glue's own rules for what its crawler cannot widen (glue-behaviour 2.8). */
static const struct type *glue_resolved(const struct type *choice)
{
	for (size_t i = 0; i < choice->count; i++) {
		enum type_kind kind = choice->arms[i]->kind;
		if (!type_is_integer(kind) && kind != TYPE_FLOAT && kind != TYPE_DOUBLE)
			return type_simple(TYPE_STRING);
	}
	return type_simple(TYPE_DOUBLE);
}

static const struct type *struct_resolved(
	struct arena *arena, const struct type *type, enum resolve_policy policy)
{
	struct field *fields = arena_array(arena, type->count, sizeof *fields);
	for (size_t i = 0; i < type->count; i++) {
		fields[i].name = type->fields[i].name;
		fields[i].type = type_resolved(arena, type->fields[i].type, policy);
	}
	return type_struct(arena, fields, type->count);
}

static const struct type *choice_resolved(
	struct arena *arena, const struct type *type, enum resolve_policy policy)
{
	if (policy == RESOLVE_STRING)
		return type_simple(TYPE_STRING);
	if (policy == RESOLVE_GLUE)
		return glue_resolved(type);
	const struct type **arms = arena_array(arena, type->count, sizeof *arms);
	for (size_t i = 0; i < type->count; i++)
		arms[i] = type_resolved(arena, type->arms[i], policy);
	struct type *choice = arena_alloc(arena, sizeof *choice);
	*choice = (struct type){.kind = TYPE_CHOICE, .arms = arms, .count = type->count};
	return choice;
}

const struct type *type_resolved(
	struct arena *arena, const struct type *type, enum resolve_policy policy)
{
	switch (type->kind) {
	case TYPE_NULL:
		return type_simple(TYPE_STRING);
	case TYPE_LONG53:
		return type_simple(TYPE_BIGINT);
	case TYPE_ARRAY:
		return type_array(arena, type_resolved(arena, type->element, policy));
	case TYPE_MAP:
		return type_map(arena, type_resolved(arena, type->key, policy),
			type_resolved(arena, type->element, policy));
	case TYPE_STRUCT:
		return struct_resolved(arena, type, policy);
	case TYPE_CHOICE:
		return choice_resolved(arena, type, policy);
	case TYPE_BOOLEAN:
	case TYPE_TINYINT:
	case TYPE_SMALLINT:
	case TYPE_INT:
	case TYPE_BIGINT:
	case TYPE_FLOAT:
	case TYPE_DOUBLE:
	case TYPE_DECIMAL:
	case TYPE_STRING:
	case TYPE_CHAR:
	case TYPE_VARCHAR:
	case TYPE_BINARY:
	case TYPE_DATE:
	case TYPE_TIMESTAMP:
	case TYPE_KINDS_:
		break;
	}
	return type;
}
