#include "base/log.h"

#include "base/clock.h"

#include <stdarg.h>
#include <stdio.h>

static const char *program_name = "tenon";
static enum log_level least_level = LOG_INFO;

void log_start(const char *program, enum log_level least)
{
	program_name = program;
	least_level = least;
}

void log_line(enum log_level level, const char *format, ...)
{
	static const char *const levels[] = {"debug", "info", "warn", "error"};
	if (level < least_level)
		return;
	char message[2048];
	va_list args;
	va_start(args, format);
	(void)vsnprintf(message, sizeof message, format, args);
	va_end(args);
	char time[CLOCK_TEXT_BYTES];
	(void)fprintf(stderr, "%s %s %s: %s\n", clock_text(clock_now_us(), time), levels[level],
		program_name, message);
}
