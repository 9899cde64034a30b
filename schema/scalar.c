#include "schema/scalar.h"

#include <float.h>
#include <math.h>

static bool parse_integer(const struct type *type, struct text text, int64_t *value_out)
{
	static const int64_t most[TYPE_KINDS_] = {
		[TYPE_TINYINT] = INT8_MAX,
		[TYPE_SMALLINT] = INT16_MAX,
		[TYPE_INT] = INT32_MAX,
		[TYPE_LONG53] = INT64_C(1) << 53,
		[TYPE_BIGINT] = INT64_MAX,
	};
	int64_t least = type->kind == TYPE_LONG53 ? -most[TYPE_LONG53] : -most[type->kind] - 1;
	size_t taken = text_int64(text, value_out);
	return taken && taken == text.length && *value_out >= least &&
	       *value_out <= most[type->kind];
}

static bool parse_real(const struct type *type, struct text text, double *value_out)
{
	size_t taken = text_double(text, value_out);
	if (taken == 0 || taken != text.length || !isfinite(*value_out))
		return false;
	if (type->kind == TYPE_FLOAT) {
		if (fabs(*value_out) > (double)FLT_MAX)
			return false;
		*value_out = (double)(float)*value_out;
	}
	*value_out += 0.0; /* -0 sorts and compares as 0 */
	return true;
}

/* Digits of `text` before (or after) the point added to `unscaled`; at most
 * `room` of them count, and those past it must be zeros. */
static bool add_digits(struct text digits, unsigned room, __int128 *unscaled)
{
	for (size_t i = 0; i < digits.length; i++) {
		if (digits.at[i] < '0' || digits.at[i] > '9')
			return false;
		if (i < room)
			*unscaled = *unscaled * 10 + (digits.at[i] - '0');
		else if (digits.at[i] != '0')
			return false;
	}
	for (size_t i = digits.length; i < room; i++)
		*unscaled *= 10;
	return true;
}

static bool parse_decimal(const struct type *type, struct text text, __int128 *unscaled_out)
{
	bool negative = text.length && text.at[0] == '-';
	if (text.length && (text.at[0] == '-' || text.at[0] == '+'))
		text = text_from(text, 1);
	size_t point = text_find(text, '.');
	struct text whole = text_until(text, point);
	struct text fraction = text_from(text, point + 1);
	if (whole.length + fraction.length == 0)
		return false;
	while (whole.length && whole.at[0] == '0')
		whole = text_from(whole, 1);
	if (whole.length > (size_t)(type->precision - type->scale))
		return false;
	__int128 unscaled = 0;
	if (!add_digits(whole, (unsigned)whole.length, &unscaled) ||
		!add_digits(fraction, type->scale, &unscaled))
		return false;
	*unscaled_out = negative ? -unscaled : unscaled;
	return true;
}

static bool parse_whole(const struct type *type, struct text text, int64_t *whole_out)
{
	if (type_is_integer(type->kind))
		return parse_integer(type, text, whole_out);
	if (type->kind == TYPE_BOOLEAN) {
		bool truth = false;
		bool good = value_is_boolean(text, &truth);
		*whole_out = truth;
		return good;
	}
	int32_t days = 0;
	bool is_date = value_date(text, &days);
	if (type->kind == TYPE_TIMESTAMP) {
		*whole_out = (int64_t)days * 86400 * 1000000;
		return is_date || value_timestamp(text, whole_out);
	}
	*whole_out = days;
	return is_date;
}

static size_t characters(struct text text)
{
	size_t count = 0;
	for (size_t i = 0; i < text.length; i++)
		count += ((unsigned char)text.at[i] & 0xC0) != 0x80;
	return count;
}

bool scalar_is_text(enum type_kind kind)
{
	return kind == TYPE_STRING || kind == TYPE_CHAR || kind == TYPE_VARCHAR ||
	       kind == TYPE_BINARY;
}

bool scalar_is_null_text(struct text text)
{
	return text_equal(text, TEXT("__HIVE_DEFAULT_PARTITION__"));
}

bool scalar_parse(const struct type *type, struct text text, struct scalar *scalar_out)
{
	*scalar_out = (struct scalar){.type = type};
	if (scalar_is_text(type->kind)) {
		scalar_out->text = text;
		return !type->length || characters(text) <= type->length;
	}
	scalar_out->null = text.length == 0 || scalar_is_null_text(text);
	if (scalar_out->null || type->kind == TYPE_NULL)
		return scalar_out->null;
	if (type->kind == TYPE_DECIMAL)
		return parse_decimal(type, text, &scalar_out->unscaled);
	if (type->kind == TYPE_FLOAT || type->kind == TYPE_DOUBLE)
		return parse_real(type, text, &scalar_out->real);
	return type_is_scalar(type) && parse_whole(type, text, &scalar_out->whole);
}

int scalar_compare(const struct scalar *a, const struct scalar *b)
{
	if (a->null || b->null)
		return (int)b->null - (int)a->null;
	enum type_kind kind = a->type->kind;
	if (scalar_is_text(kind))
		return text_compare(a->text, b->text);
	if (kind == TYPE_DECIMAL)
		return (a->unscaled > b->unscaled) - (a->unscaled < b->unscaled);
	if (kind == TYPE_FLOAT || kind == TYPE_DOUBLE)
		return (a->real > b->real) - (a->real < b->real);
	return (a->whole > b->whole) - (a->whole < b->whole);
}
