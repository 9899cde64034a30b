#include "registry/protobuf.h"

#include <stdlib.h>

/* What of a type can be told once all names are known: the types of fields, and whether
 * numbers and names stand once and are not reserved. */
struct resolving {
	struct arena *arena;
	const struct proto_file *file;
	const struct proto_names *names;
	struct error *err;
};

static enum status fail_line(const struct resolving *r, uint32_t line, const char *message)
{
	return fail(r->err, STATUS_INVALID_ARGUMENT, "line %u: %s", line, message);
}

static bool is_number(enum proto_kind kind)
{
	return kind != PROTO_STRING && kind != PROTO_BYTES && kind < PROTO_SCALARS_;
}

static enum status field_resolve(
	const struct resolving *r, struct proto_type *message, struct proto_field *field)
{
	if (field->kind == PROTO_GROUP)
		return STATUS_OK;
	if (field->map) {
		field->kind = PROTO_MESSAGE;
		return STATUS_OK;
	}
	field->kind = proto_kind_named(field->type_name);
	if (field->kind < PROTO_SCALARS_) {
		field->packed &= is_number(field->kind);
		return STATUS_OK;
	}
	field->type = proto_names_find(r->names, message, r->file->package, field->type_name);
	if (!field->type)
		return fail_line(r, field->line,
			arena_printf(r->arena, "no type '%.*s' is defined here%s",
				TEXT_ARG(text_until(field->type_name, 200)),
				text_starts(field->type_name, TEXT("google.protobuf."))
					? ": import the file of google/protobuf/ that has it"
					: ""));
	field->kind = field->type->is_enum ? PROTO_ENUM : PROTO_MESSAGE;
	field->packed &= field->type->is_enum;
	return STATUS_OK;
}

static int numbers_compare(const void *a, const void *b)
{
	const struct proto_field *left = a;
	const struct proto_field *right = b;
	return (left->number > right->number) - (left->number < right->number);
}

static int values_compare(const void *a, const void *b)
{
	const struct proto_value *left = a;
	const struct proto_value *right = b;
	return (left->number > right->number) - (left->number < right->number);
}

static int texts_compare(const void *a, const void *b)
{
	return text_compare(*(const struct text *)a, *(const struct text *)b);
}

static enum status names_check(const struct resolving *r, const struct proto_type *message)
{
	struct text *names = arena_array(r->arena, message->field_count, sizeof *names);
	for (size_t i = 0; i < message->field_count; i++) {
		names[i] = message->fields[i].name;
		if (proto_reserves_name(message, names[i]))
			return fail_line(r, message->fields[i].line,
				arena_printf(r->arena, "the name '%.*s' is reserved",
					TEXT_ARG(names[i])));
	}
	if (message->field_count)
		qsort(names, message->field_count, sizeof *names, texts_compare);
	for (size_t i = 1; i < message->field_count; i++) {
		if (text_equal(names[i - 1], names[i]))
			return fail(r->err, STATUS_INVALID_ARGUMENT,
				"field '%.*s' stands twice in message '%.*s'", TEXT_ARG(names[i]),
				TEXT_ARG(message->name));
	}
	return STATUS_OK;
}

static int ranges_compare(const void *a, const void *b)
{
	const struct proto_range *left = a;
	const struct proto_range *right = b;
	return (left->first > right->first) - (left->first < right->first);
}

/* Sorted, and those that meet made one: proto_reserves halves over them. */
static void reserved_sort(struct proto_type *type)
{
	size_t kept = 0;
	if (type->reserved_name_count)
		qsort(type->reserved_names, type->reserved_name_count, sizeof *type->reserved_names,
			texts_compare);
	if (type->reserved_count == 0)
		return;
	qsort(type->reserved, type->reserved_count, sizeof *type->reserved, ranges_compare);
	for (size_t i = 1; i < type->reserved_count; i++) {
		struct proto_range *last = &type->reserved[kept];
		if (type->reserved[i].first > last->last)
			type->reserved[++kept] = type->reserved[i];
		else if (type->reserved[i].last > last->last)
			last->last = type->reserved[i].last;
	}
	type->reserved_count = kept + 1;
}

static enum status message_finish(const struct resolving *r, struct proto_type *message)
{
	for (size_t i = 0; i < message->field_count; i++)
		TRY(field_resolve(r, message, &message->fields[i]));
	if (message->field_count)
		qsort(message->fields, message->field_count, sizeof *message->fields,
			numbers_compare);
	for (size_t i = 0; i < message->field_count; i++) {
		const struct proto_field *field = &message->fields[i];
		if (i && field[-1].number == field->number)
			return fail_line(r, field->line,
				arena_printf(r->arena, "number %u stands twice in message '%.*s'",
					field->number, TEXT_ARG(message->name)));
		if (proto_reserves(message, field->number))
			return fail_line(r, field->line,
				arena_printf(r->arena, "number %u is reserved", field->number));
	}
	return names_check(r, message);
}

static enum status enum_finish(const struct resolving *r, struct proto_type *type)
{
	qsort(type->values, type->value_count, sizeof *type->values, values_compare);
	for (size_t i = 0; i < type->value_count; i++) {
		const struct proto_value *value = &type->values[i];
		if (i && value[-1].number == value->number && !type->aliased)
			return fail(r->err, STATUS_INVALID_ARGUMENT,
				"value %d stands twice in enum '%.*s' without allow_alias",
				value->number, TEXT_ARG(type->name));
		if (proto_reserves(type, value->number))
			return fail(r->err, STATUS_INVALID_ARGUMENT,
				"value %d of enum '%.*s' is reserved", value->number,
				TEXT_ARG(type->name));
	}
	return STATUS_OK;
}

enum status proto_resolve(struct arena *arena, const struct proto_file *file,
	const struct proto_names *names, struct proto_type *type, struct error *err)
{
	const struct resolving r = {arena, file, names, err};
	reserved_sort(type);
	return type->is_enum ? enum_finish(&r, type) : message_finish(&r, type);
}
