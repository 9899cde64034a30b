#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "base/limits.h"

#include <stdbool.h>

/* Words of a text: runs of letters and digits, ASCII letters folded to lower case.
 * Every byte from 0x80 on counts as a letter, so that words of any script hold
 * together; only the first WORD_BYTES of a word count. */
enum { WORD_BYTES = 64 };

struct word {
	char bytes[WORD_BYTES];
	size_t length;
};

/* The next word of `rest`, which goes on behind it; false when there is none. */
bool word_next(struct text *rest, struct word *word);

/* Words that stand one after the other; the last may be only a beginning. */
struct phrase {
	struct text *words;
	size_t count;
	bool prefix;
};
/* Of "customer-link": two words. A '*' right behind the last word makes it a prefix. */
struct phrase phrase_of(struct arena *arena, struct text text);
bool phrase_in(const struct phrase *phrase, struct text text);

/* A query's phrases: between spaces, or in double quotes. INVALID_ARGUMENT for a
 * quote that does not end, and for a query that names no word. */
enum status phrases_read(struct arena *arena, struct text query, struct phrase **phrases_out,
	size_t *count_out, struct error *err) MUST_USE;
