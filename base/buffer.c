#include "base/buffer.h"

#include "base/memory.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void buffer_init(struct buffer *buffer, size_t bytes_max)
{
	*buffer = (struct buffer){.bytes_max = bytes_max};
}

void buffer_done(struct buffer *buffer)
{
	free(buffer->at);
	*buffer = (struct buffer){.bytes_max = buffer->bytes_max};
}

char *buffer_reserve(struct buffer *buffer, size_t length)
{
	size_t needed;
	if (__builtin_add_overflow(buffer->length, length, &needed) || needed > buffer->bytes_max) {
		buffer->full = true;
		return NULL;
	}
	if (needed > buffer->capacity) {
		buffer->capacity =
			memory_grown(buffer->capacity < 64 ? 64 : buffer->capacity, needed);
		buffer->at = memory_resize(buffer->at, buffer->capacity, 1);
	}
	return buffer->at + buffer->length;
}

void buffer_add(struct buffer *buffer, const void *bytes, size_t length)
{
	if (length == 0)
		return;
	char *room = buffer_reserve(buffer, length);
	if (!room)
		return;
	memcpy(room, bytes, length);
	buffer->length += length;
}

void buffer_add_text(struct buffer *buffer, struct text text)
{
	buffer_add(buffer, text.at, text.length);
}

void buffer_add_string(struct buffer *buffer, const char *string)
{
	buffer_add(buffer, string, strlen(string));
}

void buffer_printf(struct buffer *buffer, const char *format, ...)
{
	va_list args;
	va_list again;
	va_start(args, format);
	va_copy(again, args);
	int length = vsnprintf(NULL, 0, format, args);
	va_end(args);
	char *room = length < 0 ? NULL : buffer_reserve(buffer, (size_t)length + 1);
	if (room) {
		(void)vsnprintf(room, (size_t)length + 1, format, again);
		buffer->length += (size_t)length;
	}
	va_end(again);
}

void buffer_clear(struct buffer *buffer)
{
	buffer->length = 0;
	buffer->full = false;
}

struct text buffer_text(const struct buffer *buffer)
{
	return (struct text){buffer->at ? buffer->at : "", buffer->length};
}

enum status buffer_check(const struct buffer *buffer, const char *what, struct error *err)
{
	if (!buffer->full)
		return STATUS_OK;
	return fail(err, STATUS_RESOURCE_EXHAUSTED, "%s is larger than %zu bytes", what,
		buffer->bytes_max);
}
