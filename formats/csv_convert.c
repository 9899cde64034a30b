#include "formats/csv_convert.h"

#include "formats/csv_plain.h"
#include "formats/csv_value.h"
#include "schema/value.h"

/* An empty field, a missing one, and the null text without quotes are null. */
static inline bool is_null(const struct csv_convert *convert, struct csv_field field)
{
	if (field.length == 0 || (field.length & CSV_MISSING))
		return true;
	if (!convert->null_text || (field.length & CSV_QUOTED))
		return false;
	size_t length = csv_field_length(field);
	return strncmp(convert->null_text, convert->bytes + field.at, length) == 0 &&
	       convert->null_text[length] == 0;
}

static inline struct text text_at(const struct csv_convert *convert, struct csv_field field)
{
	return (struct text){convert->bytes + field.at, csv_field_length(field)};
}

static void set_bad(
	struct csv_convert *convert, struct vector *vector, size_t row, struct text text)
{
	/* A text of nothing but spaces is null where it cannot be a value. */
	convert->bad += csv_trimmed(text).length != 0;
	vector_set_null(vector, row);
}

/* One function per type: the same loop around another rule. */
#define EACH_VALUE(row, text)                                                                  \
	for (size_t row = 0; row < convert->parser->rows; row++)                               \
		if (is_null(convert, fields[row])) {                                           \
			vector_set_null(vector, row);                                          \
		} else                                                                         \
			for (struct text text = text_at(convert, fields[row]), *once_ = &text; \
				once_; once_ = NULL)

typedef void convert_fn(
	struct csv_convert *convert, const struct csv_field *fields, struct vector *vector);

static void to_boolean(
	struct csv_convert *convert, const struct csv_field *fields, struct vector *vector)
{
	uint8_t *to = vector->data;
	EACH_VALUE(row, text)
	{
		bool value = false;
		if (!value_is_boolean(csv_trimmed(text), &value))
			set_bad(convert, vector, row, text);
		to[row] = value;
	}
}

static void to_bigint(
	struct csv_convert *convert, const struct csv_field *fields, struct vector *vector)
{
	int64_t *to = vector->data;
	EACH_VALUE(row, text)
	{
		if (!plain_integer(text, &to[row]) && !csv_integer(text, &to[row]))
			set_bad(convert, vector, row, text);
	}
}

static inline bool small_integer(struct text text, int64_t least, int64_t most, int64_t *value)
{
	return (plain_integer(text, value) || csv_integer(text, value)) && *value >= least &&
	       *value <= most;
}

static void to_int(
	struct csv_convert *convert, const struct csv_field *fields, struct vector *vector)
{
	int32_t *to = vector->data;
	EACH_VALUE(row, text)
	{
		int64_t value = 0;
		if (!small_integer(text, INT32_MIN, INT32_MAX, &value))
			set_bad(convert, vector, row, text);
		to[row] = (int32_t)value;
	}
}

static void to_smallint(
	struct csv_convert *convert, const struct csv_field *fields, struct vector *vector)
{
	int16_t *to = vector->data;
	EACH_VALUE(row, text)
	{
		int64_t value = 0;
		if (!small_integer(text, INT16_MIN, INT16_MAX, &value))
			set_bad(convert, vector, row, text);
		to[row] = (int16_t)value;
	}
}

static void to_tinyint(
	struct csv_convert *convert, const struct csv_field *fields, struct vector *vector)
{
	int8_t *to = vector->data;
	EACH_VALUE(row, text)
	{
		int64_t value = 0;
		if (!small_integer(text, INT8_MIN, INT8_MAX, &value))
			set_bad(convert, vector, row, text);
		to[row] = (int8_t)value;
	}
}

static void to_double(
	struct csv_convert *convert, const struct csv_field *fields, struct vector *vector)
{
	double *to = vector->data;
	EACH_VALUE(row, text)
	{
		if (!plain_double(text, convert->comma, &to[row]) &&
			!csv_double(text, convert->comma, &to[row]))
			set_bad(convert, vector, row, text);
	}
}

static void to_float(
	struct csv_convert *convert, const struct csv_field *fields, struct vector *vector)
{
	float *to = vector->data;
	EACH_VALUE(row, text)
	{
		double value = 0;
		if (!plain_double(text, convert->comma, &value) &&
			!csv_double(text, convert->comma, &value))
			set_bad(convert, vector, row, text);
		to[row] = (float)value;
	}
}

static void to_date(
	struct csv_convert *convert, const struct csv_field *fields, struct vector *vector)
{
	int32_t *to = vector->data;
	EACH_VALUE(row, text)
	{
		if (!plain_date(text, &to[row]) && !csv_date(text, &to[row]))
			set_bad(convert, vector, row, text);
	}
}

static void to_timestamp(
	struct csv_convert *convert, const struct csv_field *fields, struct vector *vector)
{
	int64_t *to = vector->data;
	EACH_VALUE(row, text)
	{
		if (!csv_timestamp(text, &to[row]))
			set_bad(convert, vector, row, text);
	}
}

static void to_decimal(
	struct csv_convert *convert, const struct csv_field *fields, struct vector *vector)
{
	unsigned precision = vector->type->precision;
	EACH_VALUE(row, text)
	{
		__int128 value = 0;
		if (!csv_decimal(text, precision, vector->type->scale, &value))
			set_bad(convert, vector, row, text);
		if (precision <= 18)
			((int64_t *)vector->data)[row] = (int64_t)value;
		else
			((__int128 *)vector->data)[row] = value;
	}
}

/* Every byte that begins no well-formed character becomes U+FFFD. */
static struct text well_formed(struct arena *arena, struct text text)
{
	char *bytes = arena_alloc(arena, text.length * 3 + CSV_VALUE_PADDING);
	size_t length = 0;
	for (size_t i = 0; i < text.length;) {
		size_t size = 1;
		while (size <= 4 && size <= text.length - i &&
			!text_is_utf8((struct text){text.at + i, size}))
			size++;
		bool good = size <= 4 && size <= text.length - i;
		memcpy(bytes + length, good ? text.at + i : "\xef\xbf\xbd", good ? size : 3);
		length += good ? size : 3;
		i += good ? size : 1;
	}
	return (struct text){bytes, length};
}

static inline struct text string_at(struct csv_convert *convert, struct csv_field field)
{
	struct text text = text_at(convert, field);
	if (field.length & CSV_ESCAPED)
		text.length = csv_unescape(convert->bytes + field.at, text.length,
			convert->parser->quote, convert->parser->escape);
	return text;
}

/* vector_string_of for a text with padding behind it: one load instead of a copy of
 * unknown length. */
static inline struct vector_string padded_string(struct text text)
{
	struct vector_string string = {.length = (uint32_t)text.length};
	if (text.length > sizeof string.inlined) {
		memcpy(string.pointer.prefix, text.at, sizeof string.pointer.prefix);
		string.pointer.at = text.at;
		return string;
	}
	/* As a word of four bytes and one of eight, both cut by what stands at -length. */
	static const unsigned char ones[2 * sizeof string.inlined] = {
		255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255};
	const unsigned char *keep = ones + sizeof string.inlined - text.length;
	uint32_t first, first_kept;
	uint64_t rest, rest_kept;
	memcpy(&first, text.at, sizeof first);
	memcpy(&first_kept, keep, sizeof first);
	memcpy(&rest, text.at + sizeof first, sizeof rest);
	memcpy(&rest_kept, keep + sizeof first, sizeof rest);
	first &= first_kept;
	rest &= rest_kept;
	memcpy(string.inlined, &first, sizeof first);
	memcpy(string.inlined + sizeof first, &rest, sizeof rest);
	return string;
}

/* Unescaping changes the block: a column projected twice must not do it twice. */
static void to_string(
	struct csv_convert *convert, const struct csv_field *fields, struct vector *vector)
{
	struct vector_string *to = vector->data;
	const struct type *type = vector->type;
	bool limited = type->kind == TYPE_CHAR || type->kind == TYPE_VARCHAR;
	bool checked = convert->parser->ascii || type->kind == TYPE_BINARY;
	for (size_t row = 0; row < convert->parser->rows; row++) {
		if (is_null(convert, fields[row])) {
			to[row] = (struct vector_string){0};
			vector_set_null(vector, row);
			continue;
		}
		struct text text = string_at(convert, fields[row]);
		if (!checked && !text_is_utf8(text)) {
			text = well_formed(convert->scratch, text);
			convert->bad++;
		}
		if (limited && text_characters(text) > type->length) {
			convert->bad++;
			vector_set_null(vector, row);
			text.length = 0;
		}
		to[row] = padded_string(text);
	}
}

/* The arm that a text's own kind is, else the text arm, else -1. */
static int arm_for(const struct type *choice, struct text text, bool comma)
{
	static const enum type_kind kinds[CSV_KINDS_] = {
		[CSV_BLANK] = TYPE_STRING,
		[CSV_BOOLEAN] = TYPE_BOOLEAN,
		[CSV_LONG53] = TYPE_BIGINT,
		[CSV_BIGINT] = TYPE_BIGINT,
		[CSV_DOUBLE] = TYPE_DOUBLE,
		[CSV_DOUBLE_COMMA] = TYPE_STRING,
		[CSV_DATE] = TYPE_DATE,
		[CSV_TIMESTAMP] = TYPE_TIMESTAMP,
		[CSV_STRING] = TYPE_STRING,
	};
	enum type_kind kind = kinds[csv_kind_of(text, comma)];
	int strings = -1;
	for (size_t i = 0; i < choice->count; i++) {
		enum type_kind arm = choice->arms[i]->kind;
		bool same = arm == kind || (kind == TYPE_BIGINT && type_is_integer(arm));
		if (same)
			return (int)i;
		if (arm == TYPE_STRING)
			strings = (int)i;
	}
	return strings;
}

static void to_choice(
	struct csv_convert *convert, const struct csv_field *fields, struct vector *vector)
{
	uint8_t *tags = vector->children[0].data;
	to_string(convert, fields, &vector->children[1]);
	for (size_t row = 0; row < convert->parser->rows; row++) {
		int arm = -1;
		bool null = is_null(convert, fields[row]);
		if (!null)
			arm = arm_for(vector->type, text_at(convert, fields[row]), convert->comma);
		convert->bad += !null && arm < 0;
		tags[row] = (uint8_t)(arm < 0 ? 0 : arm);
		if (arm >= 0)
			continue;
		vector_set_null(vector, row);
		vector_set_null(&vector->children[0], row);
		vector_set_null(&vector->children[1], row);
	}
}

static void to_null(
	struct csv_convert *convert, const struct csv_field *fields, struct vector *vector)
{
	for (size_t row = 0; row < convert->parser->rows; row++) {
		convert->bad += !is_null(convert, fields[row]);
		vector_set_null(vector, row);
	}
}

static convert_fn *const converters[TYPE_KINDS_] = {
	[TYPE_NULL] = to_null,
	[TYPE_BOOLEAN] = to_boolean,
	[TYPE_TINYINT] = to_tinyint,
	[TYPE_SMALLINT] = to_smallint,
	[TYPE_INT] = to_int,
	[TYPE_LONG53] = to_bigint,
	[TYPE_BIGINT] = to_bigint,
	[TYPE_FLOAT] = to_float,
	[TYPE_DOUBLE] = to_double,
	[TYPE_DECIMAL] = to_decimal,
	[TYPE_STRING] = to_string,
	[TYPE_CHAR] = to_string,
	[TYPE_VARCHAR] = to_string,
	[TYPE_BINARY] = to_string,
	[TYPE_DATE] = to_date,
	[TYPE_TIMESTAMP] = to_timestamp,
	[TYPE_CHOICE] = to_choice,
};

bool csv_can_convert(const struct type *type)
{
	return converters[type->kind] != NULL;
}

void csv_convert(struct csv_convert *convert, const struct csv_field *fields, struct vector *vector)
{
	converters[vector->type->kind](convert, fields, vector);
}
