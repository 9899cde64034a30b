#pragma once

#include "base/error.h"
#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>

/* Bytes that grow up to a maximum given at the start. Growing past it marks the
 * buffer full and drops the addition whole: write freely, ask once at the end. */
struct buffer {
	char *at;
	size_t length;
	size_t capacity;
	size_t bytes_max;
	bool full;
};

void buffer_init(struct buffer *buffer, size_t bytes_max); /* allocates nothing */
void buffer_done(struct buffer *buffer);

void buffer_add(struct buffer *buffer, const void *bytes, size_t length);
void buffer_add_text(struct buffer *buffer, struct text text);
void buffer_add_string(struct buffer *buffer, const char *string);
void buffer_printf(struct buffer *buffer, const char *format, ...) PRINTF_LIKE(2, 3);
void buffer_clear(struct buffer *buffer); /* length 0, not full; keeps the memory */

/* Room for `length` more bytes at buffer->at + buffer->length, or NULL and full. */
char *buffer_reserve(struct buffer *buffer, size_t length);

static inline void buffer_add_byte(struct buffer *buffer, char byte)
{
	/* What is reserved may go past the maximum. */
	bool fits = buffer->length < buffer->capacity && buffer->length < buffer->bytes_max;
	if (fits)
		buffer->at[buffer->length++] = byte;
	else
		buffer_add(buffer, &byte, 1);
}

struct text buffer_text(const struct buffer *buffer); /* borrowed until the next addition */

/* RESOURCE_EXHAUSTED naming `what` and the maximum when an addition was dropped. */
enum status buffer_check(const struct buffer *buffer, const char *what, struct error *err) MUST_USE;

static inline void buffer_cleanup(struct buffer *buffer)
{
	buffer_done(buffer);
}
/* struct buffer SCOPED_BUFFER out; buffer_init(&out, MAX); is released at scope end. */
#define SCOPED_BUFFER __attribute__((cleanup(buffer_cleanup)))
