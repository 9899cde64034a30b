#pragma once

#include <stddef.h>
#include <stdint.h>

/* Time as the project keeps it: microseconds since 1970-01-01 UTC for what is
 * stored, monotonic nanoseconds for what is measured. */
int64_t clock_now_us(void);
uint64_t clock_monotonic_ns(void);

enum { CLOCK_TEXT_BYTES = 32 };
/* "2026-11-23T06:28:19Z"; returns `text`. Out-of-range times give "-". */
const char *clock_text(int64_t time_us, char text[static CLOCK_TEXT_BYTES]);
