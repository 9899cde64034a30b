#include "imports/decimal.h"

#include <string.h>

enum { BYTES_MAX = 32, DIGITS_MAX = 78, SCALE_MAX = 76 };

/* Divides by ten in place; the remainder. */
static unsigned divide(uint8_t *number, size_t length)
{
	unsigned rest = 0;
	for (size_t i = 0; i < length; i++) {
		unsigned value = rest * 256 + number[i];
		number[i] = (uint8_t)(value / 10);
		rest = value % 10;
	}
	return rest;
}

static void negate(uint8_t *number, size_t length)
{
	unsigned carry = 1;
	for (size_t i = length; i-- > 0;) {
		unsigned value = (unsigned)(uint8_t)~number[i] + carry;
		number[i] = (uint8_t)value;
		carry = value >> 8;
	}
}

static bool is_zero(const uint8_t *number, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		if (number[i])
			return false;
	}
	return true;
}

bool decimal_text(
	struct arena *arena, const uint8_t *bytes, size_t length, int64_t scale, char **text_out)
{
	uint8_t number[BYTES_MAX];
	char text[DIGITS_MAX + SCALE_MAX + 4];
	size_t at = sizeof text; /* written from the end */
	if (length == 0 || length > BYTES_MAX || scale < 0 || scale > SCALE_MAX)
		return false;
	memcpy(number, bytes, length);
	bool negative = bytes[0] & 0x80;
	if (negative)
		negate(number, length);
	for (int64_t digits = 0; digits <= scale || !is_zero(number, length); digits++) {
		if (digits == scale && scale > 0)
			text[--at] = '.';
		text[--at] = (char)('0' + divide(number, length));
	}
	if (negative)
		text[--at] = '-';
	*text_out = arena_text(arena, (struct text){text + at, sizeof text - at});
	return true;
}
