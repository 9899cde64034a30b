#include "formats/csv_value.h"

#include "formats/csv_shape.h"
#include "formats/number.h"
#include "schema/value.h"

/* Most fields are told by one load: which of the first 16 bytes are digits, and
 * what the few others are. */

enum { INTEGER_DIGITS_MAX = 18, LONG53_DIGITS = 16 };

static bool is_timestamp(struct text text)
{
	int64_t micros;
	return has_plain_timestamp(text) || value_timestamp(text, &micros);
}

static enum csv_kind integer_kind(struct text text, bool negative)
{
	const char *digits = text.at + negative;
	size_t count = text.length - negative;
	if (count == 0 || count > INTEGER_DIGITS_MAX || (digits[0] == '0' && count > 1))
		return CSV_STRING;
	if (count < LONG53_DIGITS)
		return CSV_LONG53;
	int64_t value = 0;
	(void)text_int64(text, &value);
	int64_t largest = INT64_C(1) << 53;
	return value <= largest && value >= -largest ? CSV_LONG53 : CSV_BIGINT;
}

static enum csv_kind fraction_kind(struct text text, bool comma)
{
	double value;
	bool whole = text.at[0] == '+'; /* "+5": a sign, or a phone number */
	for (size_t i = 1; i < text.length && whole; i++)
		whole = is_digit(text.at[i]);
	if (whole || has_needless_zero(text))
		return CSV_STRING;
	if (number_double(text, '.', &value))
		return CSV_DOUBLE;
	return comma && number_double(text, ',', &value) ? CSV_DOUBLE_COMMA : CSV_STRING;
}

/* Digits but for one byte at `at`. */
static enum csv_kind one_other(struct text text, size_t at, bool negative, bool comma)
{
	size_t digits = text.length - negative - 1;
	if (digits == 0 || has_needless_zero(text))
		return CSV_STRING;
	if (text.at[at] == '.')
		return CSV_DOUBLE;
	if (text.at[at] == ',' && comma)
		return CSV_DOUBLE_COMMA;
	return text.at[at] == 'e' || text.at[at] == 'E' ? fraction_kind(text, comma) : CSV_STRING;
}

static enum csv_kind word_kind(struct text text)
{
	bool value;
	return (text.length == 4 || text.length == 5) && value_is_boolean(text, &value)
		       ? CSV_BOOLEAN
		       : CSV_STRING;
}

const unsigned char csv_firsts[256] = {['0' ... '9'] = CSV_FIRST_NUMBER,
	['-'] = CSV_FIRST_NUMBER,
	['+'] = CSV_FIRST_NUMBER,
	['.'] = CSV_FIRST_NUMBER,
	[','] = CSV_FIRST_NUMBER,
	['t'] = CSV_FIRST_WORD,
	['T'] = CSV_FIRST_WORD,
	['f'] = CSV_FIRST_WORD,
	['F'] = CSV_FIRST_WORD,
	[' '] = CSV_FIRST_SPACE,
	['\t'] = CSV_FIRST_SPACE};

/* Behind its sign and first digits, a number has a point or an exponent. `others` are
 * the bytes that are no digits, of the first 16. */
static bool may_be_number(struct text text, uint32_t others, bool comma)
{
	others &= ~(uint32_t)(text.at[0] == '-' || text.at[0] == '+');
	if (others == 0)
		return true;
	char other = text.at[__builtin_ctz(others)];
	return other == '.' || other == 'e' || other == 'E' || (other == ',' && comma);
}

static enum csv_kind long_number_kind(struct text text, bool comma)
{
	bool negative = text.at[0] == '-';
	if (text.length >= 19 && text.at[4] == '-' && is_timestamp(text))
		return CSV_TIMESTAMP;
	if (!may_be_number(text, ~window_digits_16(text.at) & 0xffff, comma))
		return CSV_STRING;
	bool whole = true;
	for (size_t i = negative; i < text.length && whole; i++)
		whole = is_digit(text.at[i]);
	return whole ? integer_kind(text, negative) : fraction_kind(text, comma);
}

static enum csv_kind number_kind(struct text text, bool comma)
{
	if (text.length > 16)
		return long_number_kind(text, comma);
	bool negative = text.at[0] == '-';
	uint32_t others =
		~window_digits_16(text.at) & ((1u << text.length) - 1) & ~(uint32_t)negative;
	if (others == 0)
		return integer_kind(text, negative);
	if ((others & (others - 1)) == 0 && text.at[0] != '+')
		return one_other(text, (size_t)__builtin_ctz(others), negative, comma);
	if (text.length == 10 && has_date_shape(text.at))
		return is_day(text.at) ? CSV_DATE : CSV_STRING;
	return may_be_number(text, others, comma) ? fraction_kind(text, comma) : CSV_STRING;
}

enum csv_kind csv_kind_of(struct text text, bool comma)
{
	if (text.length == 0)
		return CSV_BLANK;
	unsigned char first = csv_firsts[(unsigned char)text.at[0]];
	if (first == CSV_FIRST_OTHER)
		return CSV_STRING;
	char last = text.at[text.length - 1];
	if (first == CSV_FIRST_SPACE || last == ' ' || last == '\t') {
		text = csv_trimmed(text);
		return text.length ? csv_kind_of(text, comma) : CSV_BLANK;
	}
	return first == CSV_FIRST_NUMBER ? number_kind(text, comma) : word_kind(text);
}

bool csv_integer(struct text text, int64_t *value_out)
{
	text = csv_trimmed(text);
	text = text_from(text, text.length > 1 && text.at[0] == '+' && text.at[1] != '-');
	if (text.length == 0)
		return false;
	bool negative = text.at[0] == '-';
	size_t digits = text.length - negative;
	if (digits == 0 || digits > INTEGER_DIGITS_MAX)
		return digits && text_int64(text, value_out) == text.length;
	int64_t value = 0;
	for (size_t i = negative; i < text.length; i++) {
		unsigned digit = (unsigned char)text.at[i] - (unsigned)'0';
		if (digit > 9)
			return false;
		value = value * 10 + (int64_t)digit;
	}
	*value_out = negative ? -value : value;
	return true;
}

bool csv_double(struct text text, bool comma, double *value_out)
{
	text = csv_trimmed(text);
	return number_double(text, '.', value_out) ||
	       (comma && number_double(text, ',', value_out));
}

bool csv_date(struct text text, int32_t *days_out)
{
	text = csv_trimmed(text);
	if (text.length != 10 || !has_date_shape(text.at) || !is_day(text.at))
		return false;
	*days_out = days_of(text.at);
	return true;
}

bool csv_timestamp(struct text text, int64_t *micros_out)
{
	static const int64_t day = INT64_C(86400) * 1000000;
	int32_t days;
	text = csv_trimmed(text);
	if (has_plain_timestamp(text)) {
		const char *clock = text.at + 11;
		int64_t seconds = (int64_t)two_digits(clock) * 3600 +
				  (int64_t)two_digits(clock + 3) * 60 + two_digits(clock + 6);
		*micros_out = days_of(text.at) * day + seconds * 1000000;
		return true;
	}
	if (csv_date(text, &days)) {
		*micros_out = days * day;
		return true;
	}
	return value_timestamp(text, micros_out);
}

/* Appends a digit to *value; false past 38 digits. */
static bool add_digit(__int128 *value, char digit)
{
	__int128 limit =
		(__int128)INT64_C(1000000000000000000) * INT64_C(1000000000000000000) * 100;
	if (*value >= limit / 10)
		return false;
	*value = *value * 10 + (digit - '0');
	return true;
}

bool csv_decimal(struct text text, unsigned precision, unsigned scale, __int128 *unscaled_out)
{
	text = csv_trimmed(text);
	bool negative = text.length && text.at[0] == '-';
	size_t i = text.length && (negative || text.at[0] == '+');
	__int128 value = 0;
	size_t digits = 0;
	unsigned fraction = 0;
	bool point = false;
	for (; i < text.length; i++) {
		if (text.at[i] == '.' && !point) {
			point = true;
			continue;
		}
		if (!is_digit(text.at[i]))
			return false;
		digits++;
		if (point && fraction == scale) {
			if (text.at[i] != '0')
				return false;
			continue;
		}
		fraction += point;
		if (!add_digit(&value, text.at[i]))
			return false;
	}
	for (; fraction < scale; fraction++) {
		if (!add_digit(&value, '0'))
			return false;
	}
	__int128 limit = 1;
	for (unsigned p = 0; p < precision; p++)
		limit *= 10;
	if (digits == 0 || value >= limit)
		return false;
	*unscaled_out = negative ? -value : value;
	return true;
}
