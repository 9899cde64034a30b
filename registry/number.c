#include "registry/document.h"

/* Decimal numbers as JSON writes them, compared digit by digit: a schema's limits are
 * not rounded to doubles. */

struct number {
	bool negative;
	struct text digits; /* as written: with a point perhaps, without outer zeros */
	int64_t magnitude; /* the value is 0.digits times ten to this; of 0: no digits */
};

/* Beyond any that a text can hold; as exponents go, infinite. */
#define FAR_AWAY (INT64_MAX / 4)

static int64_t exponent_of(struct text text)
{
	int64_t exponent;
	bool negative = text.length && text.at[0] == '-';
	if (text.length && text.at[0] == '+')
		text = text_from(text, 1);
	if (text_int64(text, &exponent) == text.length && exponent < FAR_AWAY &&
		exponent > -FAR_AWAY)
		return exponent;
	return negative ? -FAR_AWAY : FAR_AWAY;
}

static struct number number_of(struct text text)
{
	struct number number = {0};
	if (text.length && text.at[0] == '-') {
		number.negative = true;
		text = text_from(text, 1);
	}
	size_t e = 0;
	while (e < text.length && text_lower(text.at[e]) != 'e')
		e++;
	struct text digits = text_until(text, e);
	size_t point = text_find(digits, '.');
	size_t first = 0;
	while (first < digits.length && (digits.at[first] == '0' || digits.at[first] == '.'))
		first++;
	size_t end = digits.length;
	while (end > first && (digits.at[end - 1] == '0' || digits.at[end - 1] == '.'))
		end--;
	/* Zeros before the point were not digits of a fraction, nor was the point. */
	number.digits = (struct text){digits.at + first, end - first};
	if (end == first)
		return (struct number){.digits = {"", 0}};
	number.magnitude = first < point ? (int64_t)(point - first) : -(int64_t)(first - point - 1);
	if (e < text.length)
		number.magnitude += exponent_of(text_from(text, e + 1));
	return number;
}

static int digits_compare(struct text a, struct text b)
{
	size_t i = 0;
	size_t k = 0;
	for (;;) {
		i += i < a.length && a.at[i] == '.';
		k += k < b.length && b.at[k] == '.';
		int left = i < a.length ? a.at[i++] : '0';
		int right = k < b.length ? b.at[k++] : '0';
		if (left != right)
			return left < right ? -1 : 1;
		if (i >= a.length && k >= b.length)
			return 0;
	}
}

int number_compare(struct text a, struct text b)
{
	struct number left = number_of(a);
	struct number right = number_of(b);
	int left_sign = left.digits.length ? (left.negative ? -1 : 1) : 0;
	int right_sign = right.digits.length ? (right.negative ? -1 : 1) : 0;
	if (left_sign != right_sign)
		return left_sign < right_sign ? -1 : 1;
	if (left_sign == 0)
		return 0;
	int order = left.magnitude != right.magnitude ? (left.magnitude < right.magnitude ? -1 : 1)
						      : digits_compare(left.digits, right.digits);
	return order * left_sign;
}

bool number_is_whole(struct text text)
{
	struct number number = number_of(text);
	int64_t count = (int64_t)number.digits.length;
	count -= text_find(number.digits, '.') < number.digits.length;
	return number.digits.length == 0 || number.magnitude >= count;
}
