#include "formats/csv_value.h"

#include "formats/number.h"
#include "formats/window.h"
#include "schema/value.h"

/* Most fields are told by one load: which of the first 16 bytes are digits, and
 * what the few others are. */

enum { INTEGER_DIGITS_MAX = 18, LONG53_DIGITS = 16 };

static bool is_digit(char byte)
{
	return byte >= '0' && byte <= '9';
}

static unsigned two_digits(const char *at)
{
	return (unsigned)(at[0] - '0') * 10 + (unsigned)(at[1] - '0');
}

static unsigned month_days(unsigned year, unsigned month)
{
	static const unsigned char days[13] = {0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
	return days[month] + (month == 2 && leap);
}

/* dddd-dd-dd, known to be of that shape. */
static bool is_day(const char *at)
{
	unsigned year = two_digits(at) * 100 + two_digits(at + 2);
	unsigned month = two_digits(at + 5);
	unsigned day = two_digits(at + 8);
	return year >= 1 && month >= 1 && month <= 12 && day >= 1 && day <= month_days(year, month);
}

/* Days since 1970 in the proleptic Gregorian calendar, with years from March, so
 * that the leap day is a year's last. */
static int32_t days_of(const char *at)
{
	int year = (int)(two_digits(at) * 100 + two_digits(at + 2));
	int month = (int)two_digits(at + 5);
	int shifted = year - (month <= 2);
	int from_march = (month + 9) % 12;
	int of_year = (153 * from_march + 2) / 5 + (int)two_digits(at + 8) - 1;
	return shifted * 365 + shifted / 4 - shifted / 100 + shifted / 400 + of_year - 719468;
}

enum { DATE_DIGITS = 0x36f, CLOCK_DIGITS = 0xdb };

static bool has_date_shape(const char *at)
{
	return (window_digits_16(at) & 0x3ff) == DATE_DIGITS && at[4] == '-' && at[7] == '-';
}

/* hh:mm:ss within a day. */
static bool is_clock(const char *at)
{
	return (window_digits_16(at) & 0xff) == CLOCK_DIGITS && at[2] == ':' && at[5] == ':' &&
	       two_digits(at) < 24 && two_digits(at + 3) < 60 && two_digits(at + 6) < 60;
}

/* yyyy-MM-dd[ T]HH:mm:ss[Z], what nearly all timestamps are. */
static bool has_plain_timestamp(struct text text)
{
	return (text.length == 19 || (text.length == 20 && text.at[19] == 'Z')) &&
	       has_date_shape(text.at) && (text.at[10] == 'T' || text.at[10] == ' ') &&
	       is_day(text.at) && is_clock(text.at + 11);
}

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

/* "00.5" and "-01.5" are codes, not numbers. */
static bool has_needless_zero(struct text text)
{
	size_t sign = text.at[0] == '-' || text.at[0] == '+';
	return text.length > sign + 1 && text.at[sign] == '0' && is_digit(text.at[sign + 1]);
}

static enum csv_kind fraction_kind(struct text text, bool comma)
{
	double value;
	bool whole = true; /* "+5": a sign, or a phone number */
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

enum first { FIRST_OTHER, FIRST_NUMBER, FIRST_WORD, FIRST_SPACE };
static const unsigned char firsts[256] = {['0'] = FIRST_NUMBER,
	['1'] = FIRST_NUMBER,
	['2'] = FIRST_NUMBER,
	['3'] = FIRST_NUMBER,
	['4'] = FIRST_NUMBER,
	['5'] = FIRST_NUMBER,
	['6'] = FIRST_NUMBER,
	['7'] = FIRST_NUMBER,
	['8'] = FIRST_NUMBER,
	['9'] = FIRST_NUMBER,
	['-'] = FIRST_NUMBER,
	['+'] = FIRST_NUMBER,
	['.'] = FIRST_NUMBER,
	[','] = FIRST_NUMBER,
	['t'] = FIRST_WORD,
	['T'] = FIRST_WORD,
	['f'] = FIRST_WORD,
	['F'] = FIRST_WORD,
	[' '] = FIRST_SPACE,
	['\t'] = FIRST_SPACE};

static enum csv_kind number_kind(struct text text, bool comma)
{
	bool negative = text.at[0] == '-';
	if (text.length > 16) {
		if (text.length >= 19 && text.at[4] == '-' && is_timestamp(text))
			return CSV_TIMESTAMP;
		bool whole = true;
		for (size_t i = negative; i < text.length && whole; i++)
			whole = is_digit(text.at[i]);
		return whole ? integer_kind(text, negative) : fraction_kind(text, comma);
	}
	uint32_t others =
		~window_digits_16(text.at) & ((1u << text.length) - 1) & ~(uint32_t)negative;
	if (others == 0)
		return integer_kind(text, negative);
	if ((others & (others - 1)) == 0 && text.at[0] != '+')
		return one_other(text, (size_t)__builtin_ctz(others), negative, comma);
	if (text.length == 10 && has_date_shape(text.at))
		return is_day(text.at) ? CSV_DATE : CSV_STRING;
	return fraction_kind(text, comma);
}

enum csv_kind csv_kind_of(struct text text, bool comma)
{
	if (text.length == 0)
		return CSV_BLANK;
	enum first first = firsts[(unsigned char)text.at[0]];
	if (first == FIRST_OTHER)
		return CSV_STRING;
	char last = text.at[text.length - 1];
	if (first == FIRST_SPACE || last == ' ' || last == '\t') {
		text = csv_trimmed(text);
		return text.length ? csv_kind_of(text, comma) : CSV_BLANK;
	}
	return first == FIRST_NUMBER ? number_kind(text, comma) : word_kind(text);
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
