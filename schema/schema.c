#include "schema/schema.h"

#include "base/buffer.h"
#include "base/memory.h"
#include "schema/notation.h"

#include <stdlib.h>

static void name_write(struct text name, struct buffer *out)
{
	char *at = buffer_reserve(out, name.length + 1);
	if (!at)
		return;
	for (size_t i = 0; i < name.length; i++)
		at[i] = text_lower(name.at[i]);
	at[name.length] = 0;
	out->length += name.length + 1;
}

static int fields_order(const void *a, const void *b)
{
	const struct field *const *left = a;
	const struct field *const *right = b;
	struct text one = (*left)->name;
	struct text other = (*right)->name;
	size_t shared = one.length < other.length ? one.length : other.length;
	for (size_t i = 0; i < shared; i++) {
		int order = (unsigned char)text_lower(one.at[i]) -
			    (unsigned char)text_lower(other.at[i]);
		if (order)
			return order;
	}
	return one.length < other.length ? -1 : one.length > other.length;
}

static void type_write(const struct type *type, struct buffer *out);

/* By name, so that types that are equal have one fingerprint. */
static void fields_write(const struct type *type, struct buffer *out)
{
	const struct field **sorted = memory_new_array(type->count + 1, sizeof *sorted);
	for (size_t i = 0; i < type->count; i++)
		sorted[i] = &type->fields[i];
	qsort(sorted, type->count, sizeof *sorted, fields_order);
	for (size_t i = 0; i < type->count; i++) {
		name_write(sorted[i]->name, out);
		type_write(sorted[i]->type, out);
	}
	free(sorted);
}

/* Fingerprints are stored: each number is its decimal digits, as it always was. */
enum { NUMBER_BYTES = 21 };

/* Where it ends. */
static char *number_write(size_t number, char end, char *at)
{
	char digits[NUMBER_BYTES];
	size_t from = sizeof digits;
	for (; number > 9; number /= 10)
		digits[--from] = (char)('0' + number % 10);
	*at++ = (char)('0' + number); /* of most it is the only digit */
	while (from < sizeof digits)
		*at++ = digits[from++];
	*at++ = end;
	return at;
}

static void type_write(const struct type *type, struct buffer *out)
{
	char head[5 * NUMBER_BYTES];
	enum type_kind kind = type->kind == TYPE_LONG53 ? TYPE_BIGINT : type->kind;
	char *end = number_write(kind, '.', head);
	end = number_write(type->precision, '.', end);
	end = number_write(type->scale, '.', end);
	end = number_write(type->length, '.', end);
	end = number_write(type->count, '(', end);
	buffer_add(out, head, (size_t)(end - head));
	if (kind == TYPE_STRUCT)
		fields_write(type, out);
	if (kind == TYPE_CHOICE) {
		for (size_t i = 0; i < type->count; i++)
			type_write(type->arms[i], out);
	}
	if (type->key)
		type_write(type->key, out);
	if (type->element)
		type_write(type->element, out);
	buffer_add_byte(out, ')');
}

static void columns_write(const struct column *columns, size_t count, struct buffer *out)
{
	char head[NUMBER_BYTES];
	buffer_add(out, head, (size_t)(number_write(count, ':', head) - head));
	for (size_t i = 0; i < count; i++) {
		name_write(columns[i].name, out);
		type_write(columns[i].type, out);
	}
}

struct hash schema_fingerprint(const struct schema *schema)
{
	struct buffer SCOPED_BUFFER out;
	buffer_init(&out, SIZE_MAX);
	columns_write(schema->columns, schema->column_count, &out);
	columns_write(schema->keys, schema->key_count, &out);
	return hash_of(buffer_text(&out));
}

static const struct column *column_find(
	const struct column *columns, size_t count, struct text name)
{
	for (size_t i = 0; i < count; i++) {
		if (text_equal_folded(columns[i].name, name))
			return &columns[i];
	}
	return NULL;
}

const struct column *schema_column(const struct schema *schema, struct text name)
{
	const struct column *column = column_find(schema->columns, schema->column_count, name);
	return column ? column : column_find(schema->keys, schema->key_count, name);
}

void schema_of_struct(struct arena *arena, const struct type *row, struct schema *schema_out)
{
	struct column *columns = arena_array(arena, row->count, sizeof *columns);
	for (size_t i = 0; i < row->count; i++) {
		columns[i].name = row->fields[i].name;
		columns[i].type = row->fields[i].type;
	}
	*schema_out = (struct schema){.columns = columns, .column_count = row->count};
}

const struct type *schema_row(struct arena *arena, const struct schema *schema)
{
	struct field *fields = arena_array(arena, schema->column_count, sizeof *fields);
	for (size_t i = 0; i < schema->column_count; i++) {
		fields[i].name = schema->columns[i].name;
		fields[i].type = schema->columns[i].type;
	}
	return type_struct(arena, fields, schema->column_count);
}
