#include "formats/number.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

/* Powers of ten that a double holds exactly, and a long double with 64 bits. */
enum { EXACT_DOUBLE = 22, EXACT_LONG = 27, DIGITS_MAX = 19, EXPONENT_MAX = 9999 };

static const long double powers[EXACT_LONG + 1] = {1e0L, 1e1L, 1e2L, 1e3L, 1e4L, 1e5L, 1e6L, 1e7L,
	1e8L, 1e9L, 1e10L, 1e11L, 1e12L, 1e13L, 1e14L, 1e15L, 1e16L, 1e17L, 1e18L, 1e19L, 1e20L,
	1e21L, 1e22L, 1e23L, 1e24L, 1e25L, 1e26L, 1e27L};
static const double powers_double[EXACT_DOUBLE + 1] = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8,
	1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

/* mantissa · 10^exponent, as far as the mantissa's 19 digits tell. */
struct decimal {
	uint64_t mantissa;
	int exponent;
	bool negative;
	bool cut; /* more digits than the mantissa holds */
};

static bool is_digit(char byte)
{
	return byte >= '0' && byte <= '9';
}

/* Digits at text.at[i…] into the mantissa; how many. */
static size_t take_digits(struct text text, size_t i, bool fraction, struct decimal *decimal)
{
	size_t from = i;
	for (; i < text.length && is_digit(text.at[i]); i++) {
		if (decimal->mantissa >= UINT64_C(1000000000000000000)) {
			decimal->cut = true;
			decimal->exponent += !fraction;
			continue;
		}
		decimal->mantissa = decimal->mantissa * 10 + (uint64_t)(text.at[i] - '0');
		decimal->exponent -= fraction;
	}
	return i - from;
}

static size_t take_exponent(struct text text, size_t i, struct decimal *decimal)
{
	size_t from = i++;
	bool negative = i < text.length && text.at[i] == '-';
	i += i < text.length && (text.at[i] == '-' || text.at[i] == '+');
	size_t first = i;
	int exponent = 0;
	for (; i < text.length && is_digit(text.at[i]); i++) {
		if (exponent < EXPONENT_MAX)
			exponent = exponent * 10 + (text.at[i] - '0');
	}
	decimal->exponent += negative ? -exponent : exponent;
	return i == first ? 0 : i - from;
}

/* False when `text` is not one number. */
static bool scan(struct text text, char point, struct decimal *decimal)
{
	size_t i = 0;
	decimal->negative = text.length && text.at[0] == '-';
	i += text.length && (text.at[0] == '-' || text.at[0] == '+');
	size_t whole = take_digits(text, i, false, decimal);
	size_t fraction = 0;
	i += whole;
	if (i < text.length && text.at[i] == point) {
		fraction = take_digits(text, i + 1, true, decimal);
		i += 1 + fraction;
	}
	if (whole + fraction == 0)
		return false;
	if (i < text.length && (text.at[i] == 'e' || text.at[i] == 'E')) {
		size_t length = take_exponent(text, i, decimal);
		if (length == 0)
			return false;
		i += length;
	}
	return i == text.length;
}

/* W. Clinger, "How to Read Floating Point Numbers Accurately" (1990): both operands
 * exact, so one operation rounds once. */
static bool by_double(const struct decimal *decimal, double *value)
{
	if (decimal->mantissa > UINT64_C(1) << DBL_MANT_DIG)
		return false;
	double mantissa = (double)decimal->mantissa;
	if (decimal->exponent < 0 && decimal->exponent >= -EXACT_DOUBLE)
		*value = mantissa / powers_double[-decimal->exponent];
	else if (decimal->exponent >= 0 && decimal->exponent <= EXACT_DOUBLE)
		*value = mantissa * powers_double[decimal->exponent];
	else
		return false;
	return true;
}

/* The same with x87's 64 bits, then rounded to 53. Rounding twice differs from once
 * only when the first result lies exactly halfway between two doubles: not decided. */
static bool by_long_double(const struct decimal *decimal, double *value)
{
#if LDBL_MANT_DIG == 64
	long double mantissa = (long double)decimal->mantissa;
	long double exact;
	if (decimal->exponent < 0 && decimal->exponent >= -EXACT_LONG)
		exact = mantissa / powers[-decimal->exponent];
	else if (decimal->exponent >= 0 && decimal->exponent <= EXACT_LONG)
		exact = mantissa * powers[decimal->exponent];
	else
		return false;
	uint64_t bits;
	memcpy(&bits, &exact, sizeof bits);
	*value = (double)exact;
	return (bits & 0x7ff) != 0x400;
#else
	(void)decimal;
	(void)value;
	(void)powers;
	return false;
#endif
}

/* The grammar is known to hold. The programs never leave the C locale. */
static bool by_strtod(struct text text, char point, double *value)
{
	char copy[512];
	if (text.length >= sizeof copy)
		return false;
	memcpy(copy, text.at, text.length);
	copy[text.length] = 0;
	size_t at = text_find(text, point);
	if (at < text.length)
		copy[at] = '.';
	double parsed = strtod(copy, NULL);
	if (isinf(parsed))
		return false;
	*value = parsed;
	return true;
}

bool number_double(struct text text, char point, double *value_out)
{
	struct decimal decimal = {0};
	if (!scan(text, point, &decimal))
		return false;
	double value;
	if (decimal.cut || (!by_double(&decimal, &value) && !by_long_double(&decimal, &value)))
		return by_strtod(text, point, value_out);
	*value_out = decimal.negative ? -value : value;
	return true;
}
