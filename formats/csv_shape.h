#pragma once

#include "base/text.h"
#include "formats/window.h"

/* Shapes of values that most fields have, told by one load and few compares. Reads up
 * to CSV_VALUE_PADDING bytes from `at`, however long the text. */

/* What a text may be by its first byte: of numbers, dates and their like; of words that
 * are booleans; of spaces to be taken off; else a text. */
enum csv_first_byte { CSV_FIRST_OTHER, CSV_FIRST_NUMBER, CSV_FIRST_WORD, CSV_FIRST_SPACE };
extern const unsigned char csv_firsts[256];

static inline bool is_digit(char byte)
{
	return byte >= '0' && byte <= '9';
}

static inline unsigned two_digits(const char *at)
{
	return (unsigned)(at[0] - '0') * 10 + (unsigned)(at[1] - '0');
}

static inline unsigned month_days(unsigned year, unsigned month)
{
	static const unsigned char days[13] = {0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
	return days[month] + (month == 2 && leap);
}

enum { DATE_DIGITS = 0x36f, CLOCK_DIGITS = 0xdb };

/* dddd-dd-dd */
static inline bool has_date_shape(const char *at)
{
	return (window_digits_16(at) & 0x3ff) == DATE_DIGITS && at[4] == '-' && at[7] == '-';
}

/* A day of the calendar, from year 1; known to be of that shape. */
static inline bool is_day(const char *at)
{
	unsigned month = two_digits(at + 5);
	unsigned day = two_digits(at + 8);
	if (month - 1 >= 12 || day == 0 || memcmp(at, "0000", 4) == 0)
		return false;
	return day <= 28 || day <= month_days(two_digits(at) * 100 + two_digits(at + 2), month);
}

/* Days since 1970 in the proleptic Gregorian calendar, with years from March, so
 * that the leap day is a year's last. */
static inline int32_t days_of(const char *at)
{
	int year = (int)(two_digits(at) * 100 + two_digits(at + 2));
	int month = (int)two_digits(at + 5);
	int shifted = year - (month <= 2);
	int from_march = month > 2 ? month - 3 : month + 9;
	int of_year = (153 * from_march + 2) / 5 + (int)two_digits(at + 8) - 1;
	return shifted * 365 + shifted / 4 - shifted / 100 + shifted / 400 + of_year - 719468;
}

/* hh:mm:ss within a day. */
static inline bool is_clock(const char *at)
{
	return (window_digits_16(at) & 0xff) == CLOCK_DIGITS && at[2] == ':' && at[5] == ':' &&
	       two_digits(at) < 24 && two_digits(at + 3) < 60 && two_digits(at + 6) < 60;
}

/* yyyy-MM-dd[ T]HH:mm:ss[Z], what nearly all timestamps are. */
static inline bool has_plain_timestamp(struct text text)
{
	return (text.length == 19 || (text.length == 20 && text.at[19] == 'Z')) &&
	       has_date_shape(text.at) && (text.at[10] == 'T' || text.at[10] == ' ') &&
	       is_day(text.at) && is_clock(text.at + 11);
}

/* "00.5" and "-01.5" are codes, not numbers. */
static inline bool has_needless_zero(struct text text)
{
	size_t sign = text.at[0] == '-' || text.at[0] == '+';
	return text.length > sign + 1 && text.at[sign] == '0' && is_digit(text.at[sign + 1]);
}
