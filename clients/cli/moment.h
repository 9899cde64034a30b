#pragma once

#include <stdbool.h>
#include <stdint.h>

/* A moment as people write it: RFC 3339 ("2026-11-23T06:28:19.5+01:00"; a space may
 * stand for the T), or digits alone, microseconds since 1970. More than six digits
 * of a second are cut. False for anything else, and for what is before 1970. */
bool moment_read(const char *text, int64_t *time_us_out);

/* A stretch of time: "10s", "45m", "12h", "30d", "2w". False for anything else (a number
 * alone could be days or seconds, so it is neither), and for none at all. */
bool span_read(const char *text, int64_t *seconds_out);
