#include "clients/cli/moment.h"

#include "base/text.h"

#include <stdlib.h>
#include <time.h>

/* `count` digits from *at on, as a number not above `most`. */
static bool digits(const char **at, int count, int most, int *value_out)
{
	int value = 0;
	for (int i = 0; i < count; i++) {
		if ((*at)[i] < '0' || (*at)[i] > '9')
			return false;
		value = value * 10 + ((*at)[i] - '0');
	}
	*at += count;
	*value_out = value;
	return value <= most;
}

static bool mark(const char **at, const char *any)
{
	if (!**at || !strchr(any, **at))
		return false;
	++*at;
	return true;
}

static bool fraction(const char **at, int64_t *micros_out)
{
	int64_t unit = 1000000;
	*micros_out = 0;
	if (!mark(at, "."))
		return true;
	const char *first = *at;
	for (; **at >= '0' && **at <= '9'; ++*at) {
		unit /= 10;
		*micros_out += (**at - '0') * unit;
	}
	return *at > first;
}

static bool zone(const char **at, int *seconds_out)
{
	int hours;
	int minutes;
	*seconds_out = 0;
	if (mark(at, "Zz"))
		return true;
	int sign = **at == '-' ? -1 : 1;
	if (!mark(at, "+-") || !digits(at, 2, 23, &hours) || !mark(at, ":") ||
		!digits(at, 2, 59, &minutes))
		return false;
	*seconds_out = sign * (hours * 3600 + minutes * 60);
	return true;
}

static bool rfc3339(const char *at, int64_t *time_us_out)
{
	struct tm tm = {0};
	int64_t micros;
	int offset;
	bool well = digits(&at, 4, 9999, &tm.tm_year) && mark(&at, "-") &&
		    digits(&at, 2, 12, &tm.tm_mon) && mark(&at, "-") &&
		    digits(&at, 2, 31, &tm.tm_mday) && mark(&at, "Tt ") &&
		    digits(&at, 2, 23, &tm.tm_hour) && mark(&at, ":") &&
		    digits(&at, 2, 59, &tm.tm_min) && mark(&at, ":") &&
		    digits(&at, 2, 60, &tm.tm_sec) && fraction(&at, &micros) && zone(&at, &offset);
	if (!well || *at || tm.tm_mon == 0 || tm.tm_mday == 0)
		return false;
	int month = --tm.tm_mon;
	int leap = tm.tm_sec == 60;
	tm.tm_sec -= leap;
	tm.tm_year -= 1900;
	int64_t seconds = timegm(&tm);
	if (tm.tm_mon != month) /* the month has no such day */
		return false;
	*time_us_out = (seconds + leap - offset) * 1000000 + micros;
	return *time_us_out > 0;
}

bool moment_read(const char *text, int64_t *time_us_out)
{
	uint64_t number;
	struct text all = text_of(text);
	if (all.length && text_uint64(all, &number) == all.length) {
		*time_us_out = (int64_t)number;
		return number > 0 && number <= INT64_MAX;
	}
	return rfc3339(text, time_us_out);
}

bool span_read(const char *text, int64_t *seconds_out)
{
	static const struct {
		const char *unit;
		int64_t seconds;
	} units[] = {{"s", 1}, {"m", 60}, {"h", 3600}, {"d", 86400}, {"w", 604800}};
	struct text all = text_of(text);
	int64_t number = 0;
	size_t length = text_int64(all, &number);
	for (size_t i = 0; length && number > 0 && i < sizeof units / sizeof *units; i++) {
		if (text_equal(text_from(all, length), text_of(units[i].unit)))
			return !__builtin_mul_overflow(number, units[i].seconds, seconds_out);
	}
	return false;
}
