#include "base/buffer.h"
#include "schema/notation.h"
#include "schema/scalar.h"

#include <stdio.h>
#include <stdlib.h>

/* Values as bytes that sort as they do:
 *
 *   00                  null
 *   01 payload          whole numbers and decimals: 8 or 16 bytes, high first, sign bit
 *                       flipped; real: IEEE bits, high first, flipped so that they sort;
 *                       text: its bytes, 00 written 00 FF, ended by 00 01
 */
enum { DAYS_MAX = 4000000 }; /* past year 9999 */
enum { TAG_NULL = 0, TAG_VALUE = 1, ESCAPED = 0xFF, END = 1 };

static size_t payload_bytes(enum type_kind kind)
{
	return kind == TYPE_DECIMAL ? 16 : 8;
}

/* Order-preserving bits of a number: unsigned order is the numbers' order. */
static unsigned __int128 sortable(const struct scalar *scalar)
{
	const uint64_t sign = UINT64_C(1) << 63;
	if (scalar->type->kind == TYPE_DECIMAL)
		return (unsigned __int128)scalar->unscaled ^ (unsigned __int128)sign << 64;
	if (scalar->type->kind == TYPE_FLOAT || scalar->type->kind == TYPE_DOUBLE) {
		uint64_t bits;
		memcpy(&bits, &scalar->real, sizeof bits);
		return bits & sign ? ~bits : bits | sign;
	}
	return (uint64_t)scalar->whole ^ sign;
}

static void unsort(unsigned __int128 bits, struct scalar *scalar)
{
	const uint64_t sign = UINT64_C(1) << 63;
	if (scalar->type->kind == TYPE_DECIMAL) {
		scalar->unscaled = (__int128)(bits ^ (unsigned __int128)sign << 64);
	} else if (scalar->type->kind == TYPE_FLOAT || scalar->type->kind == TYPE_DOUBLE) {
		uint64_t half = (uint64_t)bits;
		half = half & sign ? half & ~sign : ~half;
		memcpy(&scalar->real, &half, sizeof half);
	} else {
		scalar->whole = (int64_t)((uint64_t)bits ^ sign);
	}
}

static void text_encode(struct text text, struct buffer *out)
{
	for (size_t i = 0; i < text.length; i++) {
		buffer_add_byte(out, text.at[i]);
		if (text.at[i] == 0)
			buffer_add_byte(out, (char)ESCAPED);
	}
	buffer_add_byte(out, 0);
	buffer_add_byte(out, END);
}

static enum status not_a_value(const struct type *type, struct text text, struct error *err)
{
	OWNED(arena) arena = arena_new();
	return fail(err, STATUS_INVALID_ARGUMENT, "'%.*s' is not a value of %s",
		TEXT_ARG(text_until(text, 64)), type_text(arena, type));
}

enum status value_encode(
	const struct type *type, struct text text, struct buffer *out, struct error *err)
{
	struct scalar scalar;
	if (!scalar_parse(type, text, &scalar))
		return not_a_value(type, text, err);
	buffer_add_byte(out, scalar.null ? TAG_NULL : TAG_VALUE);
	if (!scalar.null && scalar_is_text(type->kind)) {
		text_encode(scalar.text, out);
	} else if (!scalar.null) {
		unsigned __int128 bits = sortable(&scalar);
		for (size_t i = payload_bytes(type->kind); i-- > 0;)
			buffer_add_byte(out, (char)(unsigned char)(bits >> (8 * i)));
	}
	return buffer_check(out, "encoded values", err);
}

/* Gregorian date of days since 1970; the inverse of moment.c's. */
static const char *date_text(struct arena *arena, int64_t days)
{
	int64_t shifted = days + 719468;
	int64_t era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
	int64_t of_era = shifted - era * 146097;
	int64_t year_of_era = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	int64_t of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	int64_t shifted_month = (5 * of_year + 2) / 153;
	int64_t day = of_year - (153 * shifted_month + 2) / 5 + 1;
	int64_t month = shifted_month < 10 ? shifted_month + 3 : shifted_month - 9;
	int64_t year = year_of_era + era * 400 + (month <= 2);
	return arena_printf(arena, "%04d-%02d-%02d", (int)year, (int)month, (int)day);
}

static const char *timestamp_text(struct arena *arena, int64_t micros)
{
	const int64_t a_day = INT64_C(86400) * 1000000;
	int64_t days = micros / a_day - (micros % a_day < 0);
	int64_t rest = micros % a_day + (micros % a_day < 0 ? a_day : 0);
	int seconds = (int)(rest / 1000000);
	int fraction = (int)(rest % 1000000);
	const char *text = arena_printf(arena, "%s %02d:%02d:%02d", date_text(arena, days),
		seconds / 3600, seconds / 60 % 60, seconds % 60);
	return fraction ? arena_printf(arena, "%s.%06d", text, fraction) : text;
}

static const char *decimal_text(struct arena *arena, __int128 unscaled, unsigned scale)
{
	char digits[48]; /* the last one first */
	size_t count = 0;
	unsigned __int128 rest =
		unscaled < 0 ? -(unsigned __int128)unscaled : (unsigned __int128)unscaled;
	for (; rest || count <= scale; rest /= 10)
		digits[count++] = (char)('0' + (int)(rest % 10));
	char *text = arena_alloc(arena, count + 3);
	size_t at = 0;
	if (unscaled < 0)
		text[at++] = '-';
	while (count-- > 0) {
		text[at++] = digits[count];
		if (count == scale && scale)
			text[at++] = '.';
	}
	return text;
}

/* The shortest digits that read back as the same number. */
static const char *real_text(struct arena *arena, double real, bool single)
{
	char text[40];
	for (int digits = single ? 6 : 15;; digits++) {
		(void)snprintf(text, sizeof text, "%.*g", digits, real);
		double again = strtod(text, NULL);
		bool same = single ? (float)again == (float)real : again == real;
		if (same || digits >= 17)
			return arena_text(arena, text_of(text));
	}
}

static struct text scalar_text(struct arena *arena, const struct scalar *scalar)
{
	enum type_kind kind = scalar->type->kind;
	if (kind == TYPE_BOOLEAN)
		return scalar->whole ? TEXT("true") : TEXT("false");
	if (kind == TYPE_DECIMAL)
		return text_of(decimal_text(arena, scalar->unscaled, scalar->type->scale));
	if (kind == TYPE_FLOAT || kind == TYPE_DOUBLE)
		return text_of(real_text(arena, scalar->real, kind == TYPE_FLOAT));
	if (kind == TYPE_DATE)
		return text_of(date_text(arena, scalar->whole));
	if (kind == TYPE_TIMESTAMP)
		return text_of(timestamp_text(arena, scalar->whole));
	return text_of(arena_printf(arena, "%lld", (long long)scalar->whole));
}

static enum status cut_short(const struct type *type, struct error *err)
{
	OWNED(arena) arena = arena_new();
	return fail(err, STATUS_DATA_LOSS, "encoded %s is cut short or damaged",
		type_text(arena, type));
}

static bool text_decode(struct arena *arena, struct text *encoded, struct text *text_out)
{
	char *text = arena_alloc(arena, encoded->length + 1);
	size_t length = 0;
	for (size_t i = 0; i < encoded->length; i++) {
		if (encoded->at[i] == 0) {
			if (i + 1 == encoded->length)
				return false;
			unsigned char next = (unsigned char)encoded->at[++i];
			if (next == END) {
				*text_out = (struct text){text, length};
				*encoded = text_from(*encoded, i + 1);
				return true;
			}
			if (next != ESCAPED)
				return false;
			text[length++] = 0;
		} else {
			text[length++] = encoded->at[i];
		}
	}
	return false;
}

enum status value_decode(struct arena *arena, const struct type *type, struct text *encoded,
	struct text *text_out, struct error *err)
{
	if (encoded->length == 0 || (unsigned char)encoded->at[0] > TAG_VALUE)
		return cut_short(type, err);
	bool null = encoded->at[0] == TAG_NULL;
	struct text rest = text_from(*encoded, 1);
	if (null) {
		*text_out = TEXT("__HIVE_DEFAULT_PARTITION__");
	} else if (scalar_is_text(type->kind)) {
		if (!text_decode(arena, &rest, text_out))
			return cut_short(type, err);
	} else {
		size_t bytes = payload_bytes(type->kind);
		if (rest.length < bytes)
			return cut_short(type, err);
		unsigned __int128 bits = 0;
		for (size_t i = 0; i < bytes; i++)
			bits = bits << 8 | (unsigned char)rest.at[i];
		struct scalar scalar = {.type = type};
		unsort(bits, &scalar);
		if (type->kind == TYPE_DATE &&
			(scalar.whole > DAYS_MAX || scalar.whole < -DAYS_MAX))
			return cut_short(type, err);
		*text_out = scalar_text(arena, &scalar);
		rest = text_from(rest, bytes);
	}
	*encoded = rest;
	return STATUS_OK;
}

/* Where the end mark of an encoded text ends; 0: nowhere. */
static size_t text_bytes(struct text encoded)
{
	for (size_t i = 1; i + 1 < encoded.length; i++) {
		if (encoded.at[i] != 0)
			continue;
		if (encoded.at[++i] == END)
			return i + 1;
	}
	return 0;
}

bool value_take(const struct type *type, struct text *encoded, struct text *value_out)
{
	if (encoded->length == 0 || (unsigned char)encoded->at[0] > TAG_VALUE)
		return false;
	size_t bytes = 1;
	if (encoded->at[0] == TAG_VALUE)
		bytes = scalar_is_text(type->kind) ? text_bytes(*encoded)
						   : 1 + payload_bytes(type->kind);
	if (bytes == 0 || bytes > encoded->length)
		return false;
	*value_out = text_until(*encoded, bytes);
	*encoded = text_from(*encoded, bytes);
	return true;
}
