#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* The macros of the same names. */
#undef fail
#undef fail_within

enum status fail(struct error *err, enum status status, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	err->status = status;
	(void)vsnprintf(err->message, sizeof err->message, format, args);
	va_end(args);
	return status;
}

enum status fail_within(struct error *err, const char *format, ...)
{
	char cause[ERROR_MESSAGE_MAX];
	memcpy(cause, err->message, sizeof cause);

	va_list args;
	va_start(args, format);
	int used = vsnprintf(err->message, sizeof err->message, format, args);
	va_end(args);
	size_t at = used < 0 ? 0 : (size_t)used;
	/* A cause cut short at the end still names its beginning. */
	size_t room = sizeof err->message - 1;
	for (const char *part = ": "; *part && at < room; part++)
		err->message[at++] = *part;
	for (const char *part = cause; *part && at < room; part++)
		err->message[at++] = *part;
	if (at <= room)
		err->message[at] = 0;
	return err->status;
}
