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

/* A stretch of one key's values in their encoding (value_encode): those from `from` on
 * and before `until`. A single value has its text in `point`, else point.at is NULL. */
struct predicate_span {
	struct text from, until;
	struct text point;
};
/* Where values of `key` must be for the predicate to match: sorted, none overlaps the
 * next, at most about one per literal. `fixed` has for every key the value it is known
 * to have, or {0}. All of it lives in `arena`. */
enum status predicate_spans(const struct predicate *predicate, size_t key, const struct text *fixed,
	struct arena *arena, struct predicate_span **spans_out, size_t *count_out,
	struct error *err) MUST_USE;
/* The first bytes behind all that begin with `encoded`; in `arena`. */
struct text predicate_behind(struct arena *arena, struct text encoded);
