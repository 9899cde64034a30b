#include "schema/value.h"

/* Dates and times as text. */

static bool is_digit(char byte)
{
	return byte >= '0' && byte <= '9';
}

/* Exactly `count` digits at the front of `text`. */
static bool take_digits(struct text *text, size_t count, int32_t *number_out)
{
	int32_t number = 0;
	if (text->length < count)
		return false;
	for (size_t i = 0; i < count; i++) {
		if (!is_digit(text->at[i]))
			return false;
		number = number * 10 + (text->at[i] - '0');
	}
	*text = text_from(*text, count);
	*number_out = number;
	return true;
}

static bool take_byte(struct text *text, char byte)
{
	if (text->length == 0 || text->at[0] != byte)
		return false;
	*text = text_from(*text, 1);
	return true;
}

static bool is_leap(int32_t year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int32_t month_days(int32_t year, int32_t month)
{
	static const int32_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	return days[month - 1] + (month == 2 && is_leap(year));
}

/* Days since 1970-01-01, with years that start in March, so that the leap day
 * is a year's last. */
static int32_t days_since_epoch(int32_t year, int32_t month, int32_t day)
{
	int32_t shifted = year - (month <= 2);
	int32_t era = shifted / 400;
	int32_t of_era = shifted - era * 400;
	int32_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
	return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

static bool take_date(struct text *text, int32_t *days_out)
{
	int32_t year;
	int32_t month;
	int32_t day;
	if (!take_digits(text, 4, &year) || !take_byte(text, '-') ||
		!take_digits(text, 2, &month) || !take_byte(text, '-') ||
		!take_digits(text, 2, &day))
		return false;
	if (year < 1 || month < 1 || month > 12 || day < 1 || day > month_days(year, month))
		return false;
	*days_out = days_since_epoch(year, month, day);
	return true;
}

bool value_date(struct text text, int32_t *days_out)
{
	int32_t days;
	if (!take_date(&text, &days) || text.length)
		return false;
	*days_out = days;
	return true;
}

/* HH:mm:ss in seconds. */
static bool take_clock(struct text *text, int64_t *seconds_out)
{
	int32_t hour;
	int32_t minute;
	int32_t second;
	if (!take_digits(text, 2, &hour) || !take_byte(text, ':') ||
		!take_digits(text, 2, &minute) || !take_byte(text, ':') ||
		!take_digits(text, 2, &second))
		return false;
	*seconds_out = hour * 3600 + minute * 60 + second;
	return hour < 24 && minute < 60 && second < 60;
}

/* .f{1,9} in microseconds; without a point, none. */
static bool take_fraction(struct text *text, int64_t *micros_out)
{
	*micros_out = 0;
	if (!take_byte(text, '.'))
		return true;
	size_t count = 0;
	int64_t worth = 100000;
	while (text->length && is_digit(text->at[0])) {
		*micros_out += (text->at[0] - '0') * worth;
		worth /= 10;
		count++;
		*text = text_from(*text, 1);
	}
	return count >= 1 && count <= 9;
}

/* Z, ±hh:mm or nothing; ±18:00 at most, as ISO 8601 users do. */
static bool take_zone(struct text *text, int64_t *seconds_out)
{
	*seconds_out = 0;
	if (text->length == 0 || take_byte(text, 'Z'))
		return true;
	bool west = text->at[0] == '-';
	int32_t hours;
	int32_t minutes;
	if ((!take_byte(text, '-') && !take_byte(text, '+')) || !take_digits(text, 2, &hours) ||
		!take_byte(text, ':') || !take_digits(text, 2, &minutes))
		return false;
	int64_t seconds = hours * 3600 + minutes * 60;
	*seconds_out = west ? -seconds : seconds;
	return minutes < 60 && seconds <= 18 * 3600;
}

bool value_timestamp(struct text text, int64_t *micros_out)
{
	int32_t days;
	int64_t clock;
	int64_t fraction;
	int64_t zone;
	if (!take_date(&text, &days) || (!take_byte(&text, 'T') && !take_byte(&text, ' ')))
		return false;
	if (!take_clock(&text, &clock) || !take_fraction(&text, &fraction) ||
		!take_zone(&text, &zone) || text.length)
		return false;
	*micros_out = ((int64_t)days * 86400 + clock - zone) * 1000000 + fraction;
	return true;
}

bool value_is_boolean(struct text text, bool *value_out)
{
	bool truth = text_equal_folded(text, TEXT("true"));
	if (!truth && !text_equal_folded(text, TEXT("false")))
		return false;
	*value_out = truth;
	return true;
}
