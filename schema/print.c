#include "schema/kinds.h"
#include "schema/notation.h"

/* Type text out; notation.c reads it. */

static bool is_plain(struct text name)
{
	for (size_t i = 0; i < name.length; i++) {
		char byte = text_lower(name.at[i]);
		if ((byte < 'a' || byte > 'z') && (byte < '0' || byte > '9') && byte != '_')
			return false;
	}
	return name.length > 0;
}

static void name_print(struct text name, struct buffer *out)
{
	if (is_plain(name)) {
		buffer_add_text(out, name);
		return;
	}
	buffer_add_byte(out, '`');
	for (size_t i = 0; i < name.length; i++) {
		if (name.at[i] == '`')
			buffer_add_byte(out, '`');
		buffer_add_byte(out, name.at[i]);
	}
	buffer_add_byte(out, '`');
}

static void print(const struct type *type, bool exact, struct buffer *out);

static void fields_print(const struct type *type, bool exact, struct buffer *out)
{
	for (size_t i = 0; i < type->count; i++) {
		if (i)
			buffer_add_byte(out, ',');
		name_print(type->fields[i].name, out);
		buffer_add_byte(out, ':');
		print(type->fields[i].type, exact, out);
	}
}

static void arms_print(const struct type *type, bool exact, struct buffer *out)
{
	for (size_t i = 0; i < type->count; i++) {
		if (i)
			buffer_add_byte(out, ',');
		print(type->arms[i], exact, out);
	}
}

static void nested_print(const struct type *type, bool exact, struct buffer *out)
{
	buffer_add_byte(out, '<');
	if (type->kind == TYPE_STRUCT)
		fields_print(type, exact, out);
	if (type->kind == TYPE_CHOICE)
		arms_print(type, exact, out);
	if (type->kind == TYPE_MAP) {
		print(type->key, exact, out);
		buffer_add_byte(out, ',');
	}
	if (type->element)
		print(type->element, exact, out);
	buffer_add_byte(out, '>');
}

static void print(const struct type *type, bool exact, struct buffer *out)
{
	if (type->kind == TYPE_LONG53 && !exact)
		type = type_simple(TYPE_BIGINT);
	buffer_add_string(out, kind_name(type->kind));
	if (type->kind == TYPE_DECIMAL)
		buffer_printf(out, "(%u,%u)", type->precision, type->scale);
	else if (type->kind == TYPE_CHAR || type->kind == TYPE_VARCHAR)
		buffer_printf(out, "(%u)", type->length);
	else if (!type_is_scalar(type))
		nested_print(type, exact, out);
}

void type_print(const struct type *type, struct buffer *out)
{
	print(type, false, out);
}

void type_print_exact(const struct type *type, struct buffer *out)
{
	print(type, true, out);
}

/* Our own types stay far below this; text past it is cut, not refused. */
enum { TEXT_BYTES_MAX = 64 * 1024 * 1024 };

static const char *text_in(struct arena *arena, const struct type *type, bool exact)
{
	struct buffer SCOPED_BUFFER out;
	buffer_init(&out, TEXT_BYTES_MAX);
	print(type, exact, &out);
	return arena_text(arena, buffer_text(&out));
}

const char *type_text(struct arena *arena, const struct type *type)
{
	return type_is_scalar(type) && type->kind != TYPE_LONG53 && !type->precision &&
			       !type->length
		       ? kind_name(type->kind)
		       : text_in(arena, type, false);
}

const char *type_text_exact(struct arena *arena, const struct type *type)
{
	return text_in(arena, type, true);
}
