#include "base/clock.h"
#include "clients/cli/screen.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

const char *human_bytes(struct arena *arena, uint64_t bytes)
{
	static const char *const units[] = {"kB", "MB", "GB", "TB", "PB", "EB"};
	if (bytes < 1000)
		return arena_printf(arena, "%" PRIu64 " B", bytes);
	double value = (double)bytes / 1000;
	size_t unit = 0;
	while (value >= 999.95 && unit + 1 < sizeof units / sizeof *units) {
		value /= 1000;
		unit++;
	}
	return arena_printf(arena, "%.1f %s", value, units[unit]);
}

const char *human_count(struct arena *arena, uint64_t count)
{
	char digits[24];
	int length = snprintf(digits, sizeof digits, "%" PRIu64, count);
	char *made = arena_alloc(arena, 32);
	char *end = made;
	for (int i = 0; i < length; i++) {
		if (i && (length - i) % 3 == 0)
			*end++ = ',';
		*end++ = digits[i];
	}
	return made;
}

const char *human_seconds(struct arena *arena, double seconds)
{
	if (!(seconds >= 0) || !isfinite(seconds))
		return "-";
	if (seconds < 0.9995)
		return arena_printf(arena, "%.0f ms", seconds * 1000);
	if (seconds < 59.95)
		return arena_printf(arena, "%.1f s", seconds);
	uint64_t whole = (uint64_t)(seconds + 0.5);
	if (whole < 3600)
		return arena_printf(arena, "%" PRIu64 " min %" PRIu64 " s", whole / 60, whole % 60);
	return arena_printf(
		arena, "%" PRIu64 " h %" PRIu64 " min", whole / 3600, whole % 3600 / 60);
}

const char *human_time(struct arena *arena, int64_t time_us)
{
	if (time_us == 0)
		return "-";
	char text[CLOCK_TEXT_BYTES];
	return arena_printf(arena, "%s", clock_text(time_us, text));
}

const char *human_things(struct arena *arena, uint64_t count, const char *one)
{
	return arena_printf(
		arena, "%s %s%s", human_count(arena, count), one, count == 1 ? "" : "s");
}
