#pragma once

#include "base/text.h"

/* Base-128 numbers, the low bits first, as Protocol Buffers writes them ("Encoding",
 * Base 128 Varints). */
enum { VARINT_BYTES_MAX = 10 };

/* The number at the beginning, and `rest` behind it; false, and nothing changed, when it
 * does not end within VARINT_BYTES_MAX bytes or the text. */
static inline bool varint_take(struct text *rest, uint64_t *number_out)
{
	uint64_t number = 0;
	for (size_t i = 0; i < VARINT_BYTES_MAX && i < rest->length; i++) {
		unsigned char byte = (unsigned char)rest->at[i];
		number |= (uint64_t)(byte & 0x7F) << (7 * i);
		if (byte < 0x80) {
			*number_out = number;
			*rest = text_from(*rest, i + 1);
			return true;
		}
	}
	return false;
}

/* How many bytes it took; `at` has room for VARINT_BYTES_MAX. */
static inline size_t varint_put(char *at, uint64_t number)
{
	size_t length = 0;
	for (; number >= 0x80; number >>= 7)
		at[length++] = (char)(number | 0x80);
	at[length++] = (char)number;
	return length;
}
