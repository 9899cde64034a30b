#include "base/text.h"

#include <errno.h>
#include <locale.h>
#include <stdlib.h>

bool text_equal_folded(struct text a, struct text b)
{
	if (a.length != b.length)
		return false;
	for (size_t i = 0; i < a.length; i++) {
		if (text_lower(a.at[i]) != text_lower(b.at[i]))
			return false;
	}
	return true;
}

int text_compare(struct text a, struct text b)
{
	size_t shared = a.length < b.length ? a.length : b.length;
	int order = shared ? memcmp(a.at, b.at, shared) : 0;
	if (order != 0)
		return order;
	return a.length < b.length ? -1 : a.length > b.length;
}

bool text_starts(struct text text, struct text prefix)
{
	return text.length >= prefix.length && text_equal(text_until(text, prefix.length), prefix);
}

bool text_ends(struct text text, struct text suffix)
{
	return text.length >= suffix.length &&
	       text_equal(text_from(text, text.length - suffix.length), suffix);
}

static bool is_space(char byte)
{
	return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}

struct text text_trimmed(struct text text)
{
	while (text.length && is_space(text.at[0])) {
		text.at++;
		text.length--;
	}
	while (text.length && is_space(text.at[text.length - 1]))
		text.length--;
	return text;
}

size_t text_find(struct text text, char byte)
{
	const char *found = text.length ? memchr(text.at, byte, text.length) : NULL;
	return found ? (size_t)(found - text.at) : text.length;
}

size_t text_find_last(struct text text, char byte)
{
	const char *found = text.length ? memrchr(text.at, byte, text.length) : NULL;
	return found ? (size_t)(found - text.at) : SIZE_MAX;
}

bool text_split(struct text *rest, bool *more, char separator, struct text *piece_out)
{
	if (!*more)
		return false;
	size_t at = text_find(*rest, separator);
	*piece_out = text_until(*rest, at);
	*more = at < rest->length;
	*rest = text_from(*rest, at + 1);
	return true;
}

size_t text_uint64(struct text text, uint64_t *value_out)
{
	uint64_t value = 0;
	size_t at = 0;
	for (; at < text.length && text.at[at] >= '0' && text.at[at] <= '9'; at++) {
		if (__builtin_mul_overflow(value, 10, &value) ||
			__builtin_add_overflow(value, (uint64_t)(text.at[at] - '0'), &value))
			return 0;
	}
	if (at > 0)
		*value_out = value;
	return at;
}

size_t text_int64(struct text text, int64_t *value_out)
{
	bool negative = text.length && text.at[0] == '-';
	size_t sign = text.length && (text.at[0] == '-' || text.at[0] == '+');
	uint64_t magnitude = 0;
	size_t digits = text_uint64(text_from(text, sign), &magnitude);
	if (digits == 0 || magnitude > (uint64_t)INT64_MAX + negative)
		return 0;
	*value_out = negative ? (int64_t)(0 - magnitude) : (int64_t)magnitude;
	return sign + digits;
}

/* Length of [+-]digits[.digits][e[+-]digits]; at least one digit before e. */
static size_t number_length(struct text text)
{
	size_t at = text.length && (text.at[0] == '-' || text.at[0] == '+');
	size_t digits = 0;
	for (; at < text.length && text.at[at] >= '0' && text.at[at] <= '9'; at++)
		digits++;
	if (at < text.length && text.at[at] == '.') {
		size_t point = at++;
		for (; at < text.length && text.at[at] >= '0' && text.at[at] <= '9'; at++)
			digits++;
		if (digits == 0)
			return 0;
		(void)point;
	}
	if (digits == 0)
		return 0;
	if (at < text.length && (text.at[at] == 'e' || text.at[at] == 'E')) {
		size_t exponent = at + 1;
		if (exponent < text.length &&
			(text.at[exponent] == '-' || text.at[exponent] == '+'))
			exponent++;
		size_t first = exponent;
		while (exponent < text.length && text.at[exponent] >= '0' &&
			text.at[exponent] <= '9')
			exponent++;
		if (exponent > first)
			at = exponent;
	}
	return at;
}

size_t text_double(struct text text, double *value_out)
{
	enum {
		NUMBER_BYTES_MAX = 400
	}; /* a double's shortest exact text is under 1,100; 17 digits suffice */
	char copy[NUMBER_BYTES_MAX + 1];
	size_t length = number_length(text);
	if (length == 0 || length > NUMBER_BYTES_MAX)
		return 0;
	memcpy(copy, text.at, length);
	copy[length] = 0;
	char *end = NULL;
	double value = strtod(copy, &end); /* The programs never leave the C locale. */
	if (end != copy + length)
		return 0;
	*value_out = value;
	return length;
}

/* Bytes of the well-formed sequence that starts at `at`, or 0. */
static size_t utf8_sequence(const unsigned char *at, size_t left)
{
	unsigned char first = at[0];
	if (first < 0x80)
		return 1;
	size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
	if (first < 0xC2 || first > 0xF4 || left < length)
		return 0;
	unsigned char low = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
	unsigned char high = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
	if (at[1] < low || at[1] > high)
		return 0;
	for (size_t i = 2; i < length; i++) {
		if ((at[i] & 0xC0) != 0x80)
			return 0;
	}
	return length;
}

bool text_is_utf8(struct text text)
{
	const unsigned char *at = (const unsigned char *)text.at;
	size_t i = 0;
	while (i < text.length) {
		uint64_t eight;
		while (i + 8 <= text.length) {
			memcpy(&eight, at + i, 8);
			if (eight & 0x8080808080808080u)
				break;
			i += 8;
		}
		if (i == text.length)
			break;
		size_t length = utf8_sequence(at + i, text.length - i);
		if (length == 0)
			return false;
		i += length;
	}
	return true;
}

size_t text_characters(struct text text)
{
	size_t count = 0;
	for (size_t i = 0; i < text.length; i++)
		count += ((unsigned char)text.at[i] & 0xc0) != 0x80;
	return count;
}

bool text_is_printable(struct text text)
{
	const uint64_t each = 0x0101010101010101;
	const uint64_t high = 0x80 * each;
	uint64_t eight;
	uint64_t odd = 0;
	size_t at = 0;
	for (; at + sizeof eight <= text.length; at += sizeof eight) {
		memcpy(&eight, text.at + at, sizeof eight);
		odd |= ((eight - ' ' * each) & ~eight) | (eight + each) | eight;
	}
	for (; at < text.length; at++)
		odd |= text.at[at] < ' ' || text.at[at] > '~' ? high : 0;
	return (odd & high) == 0;
}
