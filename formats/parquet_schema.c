#include "formats/parquet.h"

#include "base/hash.h"

enum physical { BOOLEAN, INT32, INT64, INT96, FLOAT, DOUBLE, BYTE_ARRAY, FIXED };
enum repetition { REQUIRED, OPTIONAL, REPEATED };

/* ConvertedType and LogicalType's fields, as parquet.thrift numbers them. */
enum converted {
	C_UTF8,
	C_MAP,
	C_MAP_KEY_VALUE,
	C_LIST,
	C_ENUM,
	C_DECIMAL,
	C_DATE,
	C_TIME_MILLIS,
	C_TIME_MICROS,
	C_TIMESTAMP_MILLIS,
	C_TIMESTAMP_MICROS,
	C_UINT_8,
	C_UINT_16,
	C_UINT_32,
	C_UINT_64,
	C_INT_8,
	C_INT_16,
	C_INT_32,
	C_INT_64,
	C_JSON,
	C_BSON,
	C_INTERVAL,
	CONVERTED_COUNT,
};
enum logical {
	L_STRING = 1,
	L_MAP,
	L_LIST,
	L_ENUM,
	L_DECIMAL,
	L_DATE,
	L_TIME,
	L_TIMESTAMP,
	L_INTEGER = 10,
	L_UNKNOWN,
	L_JSON,
	L_BSON,
	L_UUID,
	L_FLOAT16,
	LOGICAL_COUNT,
};

/* Unsigned integers take the next wider type. Times and intervals have no type in
 * Hive: they are texts. TYPE_NULL: the annotation says nothing about the type. */
static const enum type_kind by_converted[CONVERTED_COUNT] = {
	[C_UTF8] = TYPE_STRING,
	[C_ENUM] = TYPE_STRING,
	[C_DATE] = TYPE_DATE,
	[C_TIME_MILLIS] = TYPE_STRING,
	[C_TIME_MICROS] = TYPE_STRING,
	[C_TIMESTAMP_MILLIS] = TYPE_TIMESTAMP,
	[C_TIMESTAMP_MICROS] = TYPE_TIMESTAMP,
	[C_UINT_8] = TYPE_SMALLINT,
	[C_UINT_16] = TYPE_INT,
	[C_UINT_32] = TYPE_BIGINT,
	[C_INT_8] = TYPE_TINYINT,
	[C_INT_16] = TYPE_SMALLINT,
	[C_INT_32] = TYPE_INT,
	[C_INT_64] = TYPE_BIGINT,
	[C_JSON] = TYPE_STRING,
	[C_BSON] = TYPE_BINARY,
	[C_INTERVAL] = TYPE_STRING,
};
static const enum type_kind by_logical[LOGICAL_COUNT] = {
	[L_STRING] = TYPE_STRING,
	[L_ENUM] = TYPE_STRING,
	[L_DATE] = TYPE_DATE,
	[L_TIME] = TYPE_STRING,
	[L_TIMESTAMP] = TYPE_TIMESTAMP,
	[L_JSON] = TYPE_STRING,
	[L_BSON] = TYPE_BINARY,
	[L_UUID] = TYPE_STRING,
	[L_FLOAT16] = TYPE_FLOAT,
};
static const enum type_kind by_physical[] = {
	[BOOLEAN] = TYPE_BOOLEAN,
	[INT32] = TYPE_INT,
	[INT64] = TYPE_BIGINT,
	[INT96] = TYPE_TIMESTAMP,
	[FLOAT] = TYPE_FLOAT,
	[DOUBLE] = TYPE_DOUBLE,
	[BYTE_ARRAY] = TYPE_BINARY,
	[FIXED] = TYPE_BINARY,
};

/* The walk over the flat schema. */
struct walk {
	struct arena *arena;
	const struct parquet_footer *footer;
	size_t next;
	unsigned depth;
	struct error *err;
};

static enum status convert(struct walk *walk, const struct type **type_out);

static const struct type *integer_type(struct arena *arena, int bits, bool is_signed)
{
	if (bits == 64 && !is_signed)
		return type_decimal(arena, 20, 0);
	if (bits == 64)
		return type_simple(TYPE_BIGINT);
	if (bits == 32)
		return type_simple(is_signed ? TYPE_INT : TYPE_BIGINT);
	if (bits == 16)
		return type_simple(is_signed ? TYPE_SMALLINT : TYPE_INT);
	return type_simple(is_signed ? TYPE_TINYINT : TYPE_SMALLINT);
}

static enum status decimal_type(
	struct walk *walk, const struct parquet_element *element, const struct type **type_out)
{
	enum { DIGITS_MAX = 38 };
	if (element->precision < 1 || element->scale < 0 || element->scale > element->precision)
		return fail(walk->err, STATUS_DATA_LOSS, "column '%.*s' is a decimal(%lld,%lld)",
			TEXT_ARG(text_until(element->name, LIMIT_NAME_BYTES)),
			(long long)element->precision, (long long)element->scale);
	/* Wider ones fit no number of ours without loss. */
	*type_out = element->precision > DIGITS_MAX
			    ? type_simple(TYPE_STRING)
			    : type_decimal(walk->arena, (uint16_t)element->precision,
				      (uint16_t)element->scale);
	return STATUS_OK;
}

static enum status primitive_type(
	struct walk *walk, const struct parquet_element *element, const struct type **type_out)
{
	int logical = element->logical;
	int converted = element->converted;
	if (element->type < BOOLEAN || element->type > FIXED)
		return fail(walk->err, STATUS_DATA_LOSS, "column '%.*s' has an unknown type %d",
			TEXT_ARG(text_until(element->name, LIMIT_NAME_BYTES)), element->type);
	if (logical == L_DECIMAL || (logical == 0 && converted == C_DECIMAL))
		return decimal_type(walk, element, type_out);
	if (logical == L_INTEGER) {
		*type_out = integer_type(walk->arena, element->bits, element->is_signed);
		return STATUS_OK;
	}
	if (converted == C_UINT_64) {
		*type_out = integer_type(walk->arena, 64, false);
		return STATUS_OK;
	}
	enum type_kind kind = TYPE_NULL;
	if (logical > 0 && logical < LOGICAL_COUNT)
		kind = by_logical[logical];
	if (kind == TYPE_NULL && converted >= 0 && converted < CONVERTED_COUNT)
		kind = by_converted[converted];
	if (kind == TYPE_NULL && logical != L_UNKNOWN)
		kind = by_physical[element->type];
	*type_out = type_simple(kind);
	return STATUS_OK;
}

/* Column names as inferred ones are: folded; a name that comes again gets a number. */
static struct text fold(struct arena *arena, struct text name)
{
	if (name.length == 0)
		return TEXT("_");
	char *copy = arena_text(arena, name);
	for (size_t i = 0; i < name.length; i++)
		copy[i] = text_lower(copy[i]);
	return (struct text){copy, name.length};
}

static enum status check_name(struct text name, struct error *err)
{
	if (name.length > LIMIT_NAME_BYTES)
		return fail(err, STATUS_RESOURCE_EXHAUSTED,
			"a column's name has %zu bytes, more than %d", name.length,
			LIMIT_NAME_BYTES);
	if (!text_is_utf8(name))
		return fail(err, STATUS_DATA_LOSS, "a column's name is not UTF-8");
	return STATUS_OK;
}

struct names {
	const struct field *fields;
	uint32_t *slots;
	size_t slot_count;
};

static bool name_taken(struct names *names, struct text name, size_t index)
{
	size_t mask = names->slot_count - 1;
	size_t slot = (size_t)hash_of_64(name) & mask;
	for (; names->slots[slot]; slot = (slot + 1) & mask) {
		if (text_equal(names->fields[names->slots[slot] - 1].name, name))
			return true;
	}
	names->slots[slot] = (uint32_t)index + 1;
	return false;
}

static void make_unique(struct arena *arena, struct field *fields, size_t count)
{
	struct names names = {.fields = fields, .slot_count = 8};
	while (names.slot_count < 4 * count)
		names.slot_count *= 2;
	names.slots = arena_array(arena, names.slot_count, sizeof *names.slots);
	for (size_t i = 0; i < count; i++) {
		struct text name = fields[i].name;
		fields[i].name = (struct text){"", 0};
		struct text unique = name;
		/* The index makes it unique soon: other columns may have taken a few. */
		for (size_t n = i; name_taken(&names, unique, i); n++)
			unique = text_of(arena_printf(arena, "%.*s_%zu", TEXT_ARG(name), n));
		fields[i].name = unique;
	}
}

static enum status struct_type(
	struct walk *walk, const struct parquet_element *element, const struct type **type_out)
{
	if (element->children > LIMIT_COLUMNS)
		return fail(walk->err, STATUS_RESOURCE_EXHAUSTED,
			"'%.*s' has %zu columns, more than %u",
			TEXT_ARG(text_until(element->name, LIMIT_NAME_BYTES)), element->children,
			LIMIT_COLUMNS);
	if (element->children > walk->footer->count - walk->next)
		return fail(walk->err, STATUS_DATA_LOSS, "the schema ends too early");
	struct field *fields = arena_array(walk->arena, element->children, sizeof *fields);
	for (size_t i = 0; i < element->children; i++) {
		if (walk->next >= walk->footer->count)
			return fail(walk->err, STATUS_DATA_LOSS, "the schema ends too early");
		struct text name = walk->footer->elements[walk->next].name;
		TRY(check_name(name, walk->err));
		fields[i].name = fold(walk->arena, name);
		TRY(convert(walk, &fields[i].type));
	}
	make_unique(walk->arena, fields, element->children);
	*type_out = type_struct(walk->arena, fields, element->children);
	return STATUS_OK;
}

static const struct parquet_element *peek(const struct walk *walk, size_t ahead)
{
	size_t at = walk->next + ahead;
	return at < walk->footer->count ? &walk->footer->elements[at] : NULL;
}

/* Is the repeated field below a LIST the element itself, as old writers had it?
 * (parquet-format, LogicalTypes.md, "Backward-compatibility rules" of lists.) */
static bool is_element(struct arena *arena, const struct parquet_element *list,
	const struct parquet_element *repeated)
{
	if (repeated->type >= 0 || repeated->children != 1)
		return true;
	struct text tuple = text_of(arena_printf(arena, "%.*s_tuple", TEXT_ARG(list->name)));
	return text_equal(repeated->name, TEXT("array")) || text_equal(repeated->name, tuple);
}

/* The type of the next element without its own repetition. */
static enum status convert_once(struct walk *walk, const struct type **type_out);

static enum status list_type(
	struct walk *walk, const struct parquet_element *list, const struct type **type_out)
{
	const struct type *element = NULL;
	if (is_element(walk->arena, list, peek(walk, 0))) {
		TRY(convert_once(walk, &element));
	} else {
		walk->next++;
		if (!peek(walk, 0))
			return fail(walk->err, STATUS_DATA_LOSS, "the schema ends too early");
		TRY(convert(walk, &element));
	}
	*type_out = type_array(walk->arena, element);
	return STATUS_OK;
}

static enum status map_type(struct walk *walk, const struct type **type_out)
{
	const struct type *key = NULL;
	const struct type *value = NULL;
	walk->next++;
	if (!peek(walk, 1))
		return fail(walk->err, STATUS_DATA_LOSS, "the schema ends too early");
	TRY(convert(walk, &key));
	if (!peek(walk, 0))
		return fail(walk->err, STATUS_DATA_LOSS, "the schema ends too early");
	TRY(convert(walk, &value));
	*type_out = type_map(walk->arena, key, value);
	return STATUS_OK;
}

static enum status group_type(
	struct walk *walk, const struct parquet_element *group, const struct type **type_out)
{
	const struct parquet_element *child = peek(walk, 0);
	bool one_repeated = group->children == 1 && child && child->repetition == REPEATED;
	bool list = group->logical == L_LIST || group->converted == C_LIST;
	bool map = group->logical == L_MAP || group->converted == C_MAP ||
		   group->converted == C_MAP_KEY_VALUE;
	if (list && one_repeated)
		return list_type(walk, group, type_out);
	if (map && one_repeated && child->type < 0 && child->children == 2)
		return map_type(walk, type_out);
	return struct_type(walk, group, type_out);
}

static enum status convert_once(struct walk *walk, const struct type **type_out)
{
	/* A list or map takes two levels of the file and one of ours. */
	if (walk->depth >= LIMIT_TYPE_DEPTH - 2)
		return fail(walk->err, STATUS_RESOURCE_EXHAUSTED,
			"the schema nests deeper than %d levels", LIMIT_TYPE_DEPTH);
	const struct parquet_element *element = &walk->footer->elements[walk->next++];
	walk->depth++;
	if (element->type >= 0)
		TRY(primitive_type(walk, element, type_out));
	else
		TRY(group_type(walk, element, type_out));
	walk->depth--;
	return STATUS_OK;
}

/* A repeated field that no LIST or MAP explains is an array of what it is. */
static enum status convert(struct walk *walk, const struct type **type_out)
{
	const struct parquet_element *element = &walk->footer->elements[walk->next];
	const struct type *type = NULL;
	walk->depth += element->repetition == REPEATED;
	TRY(convert_once(walk, &type));
	walk->depth -= element->repetition == REPEATED;
	*type_out = element->repetition == REPEATED ? type_array(walk->arena, type) : type;
	return STATUS_OK;
}

enum status parquet_row(struct arena *arena, const struct parquet_footer *footer,
	const struct type **row_out, struct error *err)
{
	struct walk walk = {.arena = arena, .footer = footer, .next = 1, .err = err};
	const struct type *row = NULL;
	TRY(struct_type(&walk, &footer->elements[0], &row));
	if (walk.next != footer->count)
		return fail(err, STATUS_DATA_LOSS, "the schema has %zu fields that belong nowhere",
			footer->count - walk.next);
	*row_out = row;
	return STATUS_OK;
}
