#pragma once

#include "schema/schema.h"

/* An expression over partition keys (glue-behaviour 1.4): = <> != < <= > >=, IN,
 * NOT IN, BETWEEN, LIKE, IS NULL, AND, OR, NOT, parentheses; typed by each key. */
struct predicate;

/* INVALID_ARGUMENT naming the position, the unknown column, or the literal that
 * is not a value of its key's type. Lives in `arena`; depth is bounded. */
enum status predicate_parse(struct arena *arena, struct text expression, const struct column *keys,
	size_t key_count, const struct predicate **predicate_out, struct error *err) MUST_USE;

/* Does a partition with these values (one per key, text as in the path) match?
 * FAILED_PRECONDITION when a stored value is not one of its key's type. */
enum status predicate_matches(const struct predicate *predicate, const struct text *values,
	bool *matches_out, struct error *err) MUST_USE;

/* Leading keys that the predicate fixes to one value each (top-level AND of
 * `key = literal`): a prefix to scan. `values` has room for key_count. */
size_t predicate_prefix(const struct predicate *predicate, struct text *values);

/* What a top-level AND of = < <= > >= BETWEEN and IN leaves of one key, in the order
 * of its values: no value outside can match. Texts are the literals as written. */
struct predicate_range {
	bool has_lower, lower_exclusive;
	struct text lower;
	bool has_upper, upper_exclusive;
	struct text upper;
};
/* False when the key is not bounded at all. */
bool predicate_range(
	const struct predicate *predicate, size_t key, struct predicate_range *range_out);
