#pragma once

#include "catalog/tables.h"
#include "tenon/store/v1/tags.pb-c.h"

/* What the search index says of a table: each of its words once, in order, with the
 * fields that hold it; and its words in the orders of search_order.h. */
struct table_word {
	struct text word;
	uint64_t head; /* its first eight bytes as a number that sorts as they do */
	unsigned fields; /* one bit of enum table_field each */
};

struct table_words {
	struct table_word *at;
	size_t count;
};

/* In `arena`. `table` NULL: none. */
struct table_words table_words(const Tenon__V1__Table *table,
	const Tenon__Store__V1__TagsRecord *tags, struct arena *arena);

/* As they are sorted. */
int table_word_compare(const struct table_word *left, const struct table_word *right);
