#pragma once

#include "base/attr.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Bytes from outside: not NUL-terminated, may contain anything. `char *` is for
 * our own NUL-terminated text. A text borrows; who owns the bytes is said where
 * it is handed out. */
struct text {
	const char *at;
	size_t length;
};

/* printf("%.*s", TEXT_ARG(text)) */
#define TEXT_ARG(text) (int)(text).length, (text).at
#define TEXT(literal)  ((struct text){"" literal, sizeof(literal) - 1})

static inline struct text text_of(const char *string)
{
	return (struct text){string, string ? strlen(string) : 0};
}

static inline bool text_equal(struct text a, struct text b)
{
	return a.length == b.length && (a.length == 0 || memcmp(a.at, b.at, a.length) == 0);
}

bool text_equal_folded(struct text a, struct text b); /* ASCII letters without case */
int text_compare(struct text a, struct text b); /* by unsigned bytes, shorter first */
bool text_starts(struct text text, struct text prefix);
bool text_ends(struct text text, struct text suffix);
struct text text_trimmed(struct text text); /* without ASCII space, \t, \r, \n at both ends */

/* The rest; empty past the end. */
static inline struct text text_from(struct text text, size_t start)
{
	if (start > text.length)
		start = text.length;
	return (struct text){text.at + start, text.length - start};
}

/* The head. */
static inline struct text text_until(struct text text, size_t length)
{
	return (struct text){text.at, length < text.length ? length : text.length};
}

/* Where `byte` first (or last) stands, or text.length (SIZE_MAX for last) when absent. */
size_t text_find(struct text text, char byte);
size_t text_find_last(struct text text, char byte);

/* Cut `rest` at the next `separator` and return the piece before it. False when
 * nothing is left: "a,b" gives a, b; "" gives one empty piece, then false. Start
 * with struct text rest = all; bool more = true. */
bool text_split(struct text *rest, bool *more, char separator, struct text *piece_out);

/* How many leading bytes are one whole number in decimal, an optional sign
 * first; 0 when there is none or when it does not fit. Stops at the first other
 * byte: the caller compares with text.length. No space, no '+' for unsigned. */
size_t text_int64(struct text text, int64_t *value_out);
size_t text_uint64(struct text text, uint64_t *value_out);
/* The same for a decimal or exponent number (strtod without hex, inf, nan). */
size_t text_double(struct text text, double *value_out);

/* True when all of it is well-formed UTF-8 (Unicode 15, table 3-7). */
bool text_is_utf8(struct text text);
/* True when all of it is printable ASCII, ' ' to '~'; eight bytes at a time. */
bool text_is_printable(struct text text);
size_t text_characters(struct text text); /* of UTF-8: its code points */

/* ASCII only, whatever the locale. */
static inline char text_lower(char byte)
{
	return byte >= 'A' && byte <= 'Z' ? (char)(byte + ('a' - 'A')) : byte;
}
