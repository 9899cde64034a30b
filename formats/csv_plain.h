#pragma once

#include "formats/csv_shape.h"

/* Values whose text is as plain as nearly all are, without a loop over digits: false
 * for the rest, which csv_value.h reads. CSV_VALUE_PADDING bytes behind the text must
 * be readable. */

enum { PLAIN_DIGITS = 16 };

static inline uint64_t digits_load(const char *at)
{
	uint64_t word;
	memcpy(&word, at, sizeof word);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	word = __builtin_bswap64(word);
#endif
	return word & UINT64_C(0x0f0f0f0f0f0f0f0f);
}

/* Eight digits, the first in the lowest byte: pairs, then pairs of pairs, then all. */
static inline uint64_t digits_8(uint64_t digits)
{
	digits = digits * 10 + (digits >> 8);
	uint64_t outer = (digits & UINT64_C(0xff000000ff)) * (100 + (UINT64_C(1000000) << 32));
	uint64_t inner = (digits >> 16 & UINT64_C(0xff000000ff)) * (1 + (UINT64_C(10000) << 32));
	return (outer + inner) >> 32;
}

/* at[0, count) without at[point] (SIZE_MAX: all of them) as one number of 1 to 16
 * digits. Shifted so that the last one is the top byte, and zeros stand before them. */
static inline uint64_t digits_value(const char *at, size_t count, size_t point)
{
	bool pointed = point < count;
	if (count <= 8) {
		uint64_t low = digits_load(at);
		if (pointed) {
			uint64_t before = low & ((UINT64_C(1) << 8 * point) - 1);
			low = before | low >> 8 * point >> 8 << 8 * point;
		}
		return digits_8(low << 8 * (8 + pointed - count));
	}
	unsigned __int128 all = (unsigned __int128)digits_load(at + 8) << 64 | digits_load(at);
	if (pointed) {
		unsigned __int128 before = all & (((unsigned __int128)1 << 8 * point) - 1);
		all = before | all >> 8 * point >> 8 << 8 * point;
	}
	all <<= 8 * (16 + pointed - count);
	return digits_8((uint64_t)all) * 100000000 + digits_8((uint64_t)(all >> 64));
}

/* At most 16 digits. */
static inline bool plain_integer(struct text text, int64_t *value_out)
{
	size_t sign = text.length && text.at[0] == '-';
	size_t count = text.length - sign;
	if (count - 1 >= PLAIN_DIGITS ||
		(~window_digits_16(text.at + sign) & ((1u << count) - 1)) != 0)
		return false;
	int64_t value = (int64_t)digits_value(text.at + sign, count, SIZE_MAX);
	*value_out = sign ? -value : value;
	return true;
}

/* At most 16 digits, or 15 and a point. Digits and power of ten are exact as doubles, so
 * that one division rounds once (number.c); so does the conversion of 16 digits. */
static inline bool plain_double(struct text text, bool comma, double *value_out)
{
	static const double powers[PLAIN_DIGITS] = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8,
		1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
	size_t sign = text.length && text.at[0] == '-';
	size_t count = text.length - sign;
	const char *at = text.at + sign;
	if (count - 1 >= PLAIN_DIGITS)
		return false;
	uint32_t others = ~window_digits_16(at) & ((1u << count) - 1);
	double value;
	if (others == 0) {
		value = (double)(int64_t)digits_value(at, count, SIZE_MAX);
	} else {
		size_t point = (size_t)__builtin_ctz(others);
		if ((others & (others - 1)) != 0 || count == 1 ||
			(at[point] != '.' && !(comma && at[point] == ',')))
			return false;
		value = (double)(int64_t)digits_value(at, count, point) / powers[count - 1 - point];
	}
	*value_out = sign ? -value : value;
	return true;
}

static inline bool plain_date(struct text text, int32_t *days_out)
{
	if (text.length != 10 || !has_date_shape(text.at) || !is_day(text.at))
		return false;
	*days_out = days_of(text.at);
	return true;
}
