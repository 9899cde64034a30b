#include "formats/parquet.h"
#include "formats/thrift.h"

/* DecimalType {1: scale, 2: precision}, IntType {1: bitWidth, 2: isSigned}. */
static void logical_details(struct thrift *thrift, struct parquet_element *element)
{
	enum { DECIMAL = 5, INTEGER = 10 };
	struct thrift_field field = {0};
	thrift_enter(thrift);
	while (thrift_next(thrift, &field)) {
		if (element->logical == DECIMAL && field.type == THRIFT_I32 && field.id == 1)
			element->scale = thrift_integer(thrift);
		else if (element->logical == DECIMAL && field.type == THRIFT_I32 && field.id == 2)
			element->precision = thrift_integer(thrift);
		else if (element->logical == INTEGER && field.type == THRIFT_BYTE && field.id == 1)
			element->bits = (unsigned char)thrift_byte(thrift);
		else if (element->logical == INTEGER && field.id == 2 && field.type <= THRIFT_FALSE)
			element->is_signed = field.type == THRIFT_TRUE;
		else
			thrift_skip(thrift, field.type);
	}
}

static void logical_type(struct thrift *thrift, struct parquet_element *element)
{
	struct thrift_field field = {0};
	thrift_enter(thrift);
	while (thrift_next(thrift, &field)) {
		element->logical = field.id;
		if (field.type == THRIFT_STRUCT)
			logical_details(thrift, element);
		else
			thrift_skip(thrift, field.type);
	}
}

static void element_number(struct parquet_element *element, int16_t id, int64_t value)
{
	int small = value >= -1 && value < 1000 ? (int)value : 1000;
	switch (id) {
	case 1:
		element->type = small;
		break;
	case 3:
		element->repetition = small;
		break;
	case 5:
		element->children = value > 0 ? (size_t)value : 0;
		break;
	case 6:
		element->converted = small;
		break;
	case 7:
		element->scale = value;
		break;
	case 8:
		element->precision = value;
		break;
	default:
		break;
	}
}

static void schema_element(struct thrift *thrift, struct parquet_element *element)
{
	*element = (struct parquet_element){.type = -1, .converted = -1, .name = {"", 0}};
	struct thrift_field field = {0};
	thrift_enter(thrift);
	while (thrift_next(thrift, &field)) {
		if (field.type == THRIFT_I32)
			element_number(element, field.id, thrift_integer(thrift));
		else if (field.id == 4 && field.type == THRIFT_BINARY)
			element->name = thrift_binary(thrift);
		else if (field.id == 10 && field.type == THRIFT_STRUCT)
			logical_type(thrift, element);
		else
			thrift_skip(thrift, field.type);
	}
}

static enum status schema_list(struct thrift *thrift, struct arena *arena,
	struct parquet_footer *footer, struct error *err)
{
	enum thrift_type type;
	size_t count = thrift_list(thrift, &type);
	if (count > LIMIT_FIELDS)
		return fail(err, STATUS_RESOURCE_EXHAUSTED,
			"the schema has %zu fields, more than %u", count, LIMIT_FIELDS);
	if (type != THRIFT_STRUCT && count > 0)
		return fail(err, STATUS_DATA_LOSS, "the schema is not a list of structs");
	footer->elements = arena_array(arena, count, sizeof *footer->elements);
	footer->count = count;
	for (size_t i = 0; i < count && !thrift->fault; i++)
		schema_element(thrift, &footer->elements[i]);
	return thrift_check(thrift, err);
}

/* FileMetaData {2: schema, 3: num_rows}; the rest is passed over. */
enum status parquet_footer_parse(struct text bytes, struct arena *arena,
	struct parquet_footer *footer_out, struct error *err)
{
	struct thrift thrift;
	struct thrift_field field = {0};
	struct parquet_footer footer = {.rows = -1};
	thrift_init(&thrift, bytes);
	thrift_enter(&thrift);
	while (thrift_next(&thrift, &field)) {
		if (field.id == 2 && field.type == THRIFT_LIST)
			TRY(schema_list(&thrift, arena, &footer, err));
		else if (field.id == 3 && field.type == THRIFT_I64)
			footer.rows = thrift_integer(&thrift);
		else
			thrift_skip(&thrift, field.type);
	}
	TRY(thrift_check(&thrift, err));
	if (footer.count == 0)
		return fail(err, STATUS_DATA_LOSS, "the metadata has no schema");
	if (footer.rows < 0)
		return fail(err, STATUS_DATA_LOSS, "the metadata has no number of rows");
	*footer_out = footer;
	return STATUS_OK;
}
