#pragma once

#include "schema/predicate.h"
#include "schema/scalar.h"

/* The tree that predicate.c parses and predicate_match.c walks. */
enum predicate_kind {
	PREDICATE_AND, /* first and second */
	PREDICATE_OR,
	PREDICATE_NOT, /* of first */
	PREDICATE_EQUAL, /* key = literals[0] */
	PREDICATE_LESS,
	PREDICATE_LESS_EQUAL,
	PREDICATE_IN, /* any of the literals */
	PREDICATE_BETWEEN, /* literals[0] ≤ key ≤ literals[1] */
	PREDICATE_LIKE, /* `pattern` */
	PREDICATE_NULL,
};

struct predicate {
	enum predicate_kind kind;
	const struct predicate *first, *second;
	size_t key; /* index */
	const struct column *column;
	const struct scalar *literals;
	const struct text *texts; /* the literals as they were written */
	size_t count;
	struct text pattern;
};

/* SQL's three truths: a test of a null is neither. */
enum predicate_truth { PREDICATE_FALSE, PREDICATE_UNKNOWN, PREDICATE_TRUE };

/* Of one test, that is of no AND, OR or NOT. */
enum status predicate_test(const struct predicate *test, const struct text *values,
	enum predicate_truth *truth_out, struct error *err) MUST_USE;
