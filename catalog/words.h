#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "base/limits.h"

#include <stdbool.h>

/* Words of a text: runs of letters, digits and marks of any script, case folded and
 * composed as Unicode has it; only the first WORD_BYTES of a word count. */
enum { WORD_BYTES = 64, FOLDED_BYTES = 128 };

struct word {
	char bytes[WORD_BYTES + 8]; /* and eight zeros: it may be read eight at a time */
	size_t length;
	/* What was looked at for it has capitals or is not all ASCII: the text may have
	 * other words when it is cut into parts. */
	bool may_have_parts;
};

/* The next word of `rest`, which goes on behind it; false when there is none. With
 * `parts` a word ends where a capital begins another: customerId is customer, id. */
bool word_next(struct text *rest, bool parts, struct word *word);

/* Words that stand one after the other; the last may be only a beginning. */
struct phrase {
	struct text *words;
	size_t count;
	bool prefix;
};
/* Of "customer-link": two words. A '*' right behind the last word makes it a prefix. */
struct phrase phrase_of(struct arena *arena, struct text text);
/* As whole words, or as their parts. */
bool phrase_in(const struct phrase *phrase, struct text text);

/* A query's phrases: between spaces, or in double quotes. INVALID_ARGUMENT for a
 * quote that does not end, and for a query that names no word. */
enum status phrases_read(struct arena *arena, struct text query, struct phrase **phrases_out,
	size_t *count_out, struct error *err) MUST_USE;
