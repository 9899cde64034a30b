#include "registry/protobuf.h"

#include <stdlib.h>

/* Lookups in sorted parts of a type, and the row of protobuf in the table of formats. */

const struct proto_field *proto_field(const struct proto_type *message, uint32_t number)
{
	size_t low = 0;
	size_t high = message->field_count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct proto_field *field = &message->fields[middle];
		if (field->number == number)
			return field;
		if (field->number < number)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

const struct proto_value *proto_value(const struct proto_type *type, int32_t number)
{
	size_t low = 0;
	size_t high = type->value_count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct proto_value *value = &type->values[middle];
		if (value->number == number)
			return value;
		if (value->number < number)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

bool proto_reserves(const struct proto_type *type, int64_t number)
{
	size_t low = 0;
	size_t high = type->reserved_count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct proto_range *range = &type->reserved[middle];
		if (number >= range->first && number <= range->last)
			return true;
		if (range->last < number)
			low = middle + 1;
		else
			high = middle;
	}
	return false;
}

static int name_compare(const void *key, const void *item)
{
	return text_compare(*(const struct text *)key, *(const struct text *)item);
}

bool proto_reserves_name(const struct proto_type *type, struct text name)
{
	return type->reserved_name_count &&
	       bsearch(&name, type->reserved_names, type->reserved_name_count,
		       sizeof *type->reserved_names, name_compare);
}

const struct format format_protobuf = {TENON__V1__DATA_FORMAT__DATA_FORMAT_PROTOBUF, "PROTOBUF",
	protobuf_parse, protobuf_print, protobuf_reads, protobuf_columns};
