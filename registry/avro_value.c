#include "registry/avro.h"

#include <stdlib.h>

/* Defaults: which JSON stands for a value of which type (Apache Avro 1.12 specification,
 * "Complex Types", "Records", table "field default values"). */

static int symbol_compare(const void *key, const void *item)
{
	return text_compare(*(const struct text *)key, *(const struct text *)item);
}

bool avro_has_symbol(const struct avro *type, struct text symbol)
{
	return type->symbols.count && bsearch(&symbol, type->by_symbol, type->symbols.count,
					      sizeof *type->by_symbol, symbol_compare);
}

static int field_compare(const void *key, const void *item)
{
	const struct avro_field *const *field = item;
	return text_compare(*(const struct text *)key, (*field)->name);
}

const struct avro_field *avro_field(const struct avro *record, struct text name)
{
	if (record->field_count == 0)
		return NULL;
	const struct avro_field *const *found = bsearch(&name, record->by_name, record->field_count,
		sizeof(const struct avro_field *), field_compare);
	return found ? *found : NULL;
}

static bool text_fits(struct text text, uint64_t bytes)
{
	return text_characters(text) == bytes;
}

/* Each character of a default of bytes is one byte (U+0000 to U+00FF). */
static bool is_bytes(struct text text)
{
	for (size_t i = 0; i < text.length; i++) {
		if ((unsigned char)text.at[i] > 0xC3)
			return false;
	}
	return true;
}

static bool within(const struct document *value, const char *least, const char *most)
{
	return value->kind == DOCUMENT_NUMBER && number_is_whole(value->text) &&
	       number_compare(value->text, text_of(least)) >= 0 &&
	       number_compare(value->text, text_of(most)) <= 0;
}

static bool record_is(const struct avro *type, const struct document *value, unsigned *steps)
{
	if (value->kind != DOCUMENT_OBJECT)
		return false;
	for (size_t i = 0; i < type->field_count; i++) {
		const struct avro_field *field = &type->fields[i];
		const struct document *member = document_member(value, field->name);
		if (member ? !avro_value_is(field->type, member, steps) : !field->fallback)
			return false;
	}
	return true;
}

static bool items_are(const struct avro *type, const struct document *value,
	enum document_kind kind, unsigned *steps)
{
	if (value->kind != kind)
		return false;
	for (size_t i = 0; i < value->count; i++) {
		if (!avro_value_is(type->items, &value->items[i], steps))
			return false;
	}
	return true;
}

static bool branch_is(const struct avro *type, const struct document *value, unsigned *steps)
{
	for (size_t i = 0; i < type->branch_count; i++) {
		if (avro_value_is(type->branches[i], value, steps))
			return true;
	}
	return false;
}

bool avro_value_is(const struct avro *type, const struct document *value, unsigned *steps)
{
	if (*steps == 0)
		return false;
	--*steps;
	bool string = value->kind == DOCUMENT_STRING;
	switch (type->kind) {
	case AVRO_NULL:
		return value->kind == DOCUMENT_NULL;
	case AVRO_BOOLEAN:
		return value->kind == DOCUMENT_TRUE || value->kind == DOCUMENT_FALSE;
	case AVRO_INT:
		return within(value, "-2147483648", "2147483647");
	case AVRO_LONG:
		return within(value, "-9223372036854775808", "9223372036854775807");
	case AVRO_FLOAT:
	case AVRO_DOUBLE:
		return value->kind == DOCUMENT_NUMBER;
	case AVRO_BYTES:
		return string && is_bytes(value->text);
	case AVRO_STRING:
		return string;
	case AVRO_RECORD:
		return record_is(type, value, steps);
	case AVRO_ENUM:
		return string && avro_has_symbol(type, value->text);
	case AVRO_FIXED:
		return string && is_bytes(value->text) && text_fits(value->text, type->size);
	case AVRO_ARRAY:
		return items_are(type, value, DOCUMENT_LIST, steps);
	case AVRO_MAP:
		return items_are(type, value, DOCUMENT_OBJECT, steps);
	case AVRO_UNION:
		return branch_is(type, value, steps);
	case AVRO_KINDS_:
		break;
	}
	return false;
}
