#pragma once

#include "schema/notation.h"
#include "schema/predicate.h"
#include "tests/catalog/fixture.h"

/* The law of every way to find partitions of "d.t | year int, day date, kind string", and
 * what is needed to try it with thousands of expressions. */

static inline size_t list(
	struct fixture *f, const char *expression, size_t limit, Tenon__V1__Partition **found)
{
	struct text token = TEXT("");
	size_t seen = 0;
	do {
		OWNED(catalog_txn) txn = NULL;
		Tenon__V1__Partition **partitions;
		size_t count;
		assert_ok(catalog_read(f->catalog, &txn, &f->err), &f->err);
		assert_ok(partition_list(txn, TEXT("d"), TEXT("t"), text_of(expression), token,
				  limit, f->arena, &partitions, &count, &token, &f->err),
			&f->err);
		for (size_t i = 0; i < count; i++)
			found[seen++] = partitions[i];
	} while (token.length);
	return seen;
}

static uint64_t random_next(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

static inline const char *random_literal(struct fixture *f, uint64_t *seed, size_t key)
{
	static const char *const days[] = {"1969-12-31", "2020-01-01", "2020-01-02", "2019-05-05"};
	static const char *const kinds[] = {"", "A", "a", "a ", "ab", "b"};
	if (key == 0)
		return arena_printf(f->arena, "%d", (int)(random_next(seed) % 15) - 7);
	if (key == 1)
		return arena_printf(f->arena, "'%s'", days[random_next(seed) % 4]);
	return arena_printf(f->arena, "'%s'", kinds[random_next(seed) % 6]);
}

static inline const char *random_test(struct fixture *f, uint64_t *seed)
{
	static const char *const names[] = {"year", "day", "kind"};
	static const char *const operators[] = {"=", "=", "<", "<=", ">", ">=", "<>"};
	size_t key = random_next(seed) % 3;
	const char *a = random_literal(f, seed, key);
	const char *b = random_literal(f, seed, key);
	const char *not = random_next(seed) % 5 ? "" : "not ";
	static const char *const patterns[] = {"a%", "a", "%", "A_", "_%", "a\\_", ""};
	switch (random_next(seed) % 7) {
	case 0:
		return arena_printf(f->arena, "%s %sin (%s, %s)", names[key], not, a, b);
	case 2:
		return arena_printf(
			f->arena, "kind %slike '%s'", not, patterns[random_next(seed) % 7]);
	case 3:
		return arena_printf(f->arena, "%s is %snull", names[key], not );
	case 1:
		return arena_printf(f->arena, "%s %sbetween %s and %s", names[key], not, a, b);
	default:
		return arena_printf(f->arena, "%s%s %s %s", not, names[key],
			operators[random_next(seed) % 7], a);
	}
}

/* Every partition in order, and the keys by which an expression judges them. */
struct judged {
	Tenon__V1__Partition *all[200];
	size_t count;
	struct column keys[3];
};

static inline void judged_make(struct fixture *f, struct judged *judged)
{
	static const enum type_kind types[] = {TYPE_INT, TYPE_DATE, TYPE_STRING};
	static const char *const names[] = {"year", "day", "kind"};
	for (size_t i = 0; i < 3; i++)
		judged->keys[i] =
			(struct column){.name = text_of(names[i]), .type = type_simple(types[i])};
	judged->count = list(f, "", 1000, judged->all);
}

static inline const char *random_expression(struct fixture *f, uint64_t *seed)
{
	const char *expression = random_test(f, seed);
	for (size_t i = random_next(seed) % 5; i > 0; i--)
		expression = arena_printf(f->arena,
			random_next(seed) % 6 ? "%s %s %s" : "not (%s %s %s)", expression,
			random_next(seed) % 2 ? "and" : "or", random_test(f, seed));
	return expression;
}

/* The law of every way to find partitions: it gives what judging every one gives, in
 * their order. Says whether the answer was some and not all. */
static inline bool answer_is_right(
	struct fixture *f, const struct judged *judged, const char *expression, size_t limit)
{
	Tenon__V1__Partition *found[200];
	const struct predicate *predicate;
	assert_ok(predicate_parse(
			  f->arena, text_of(expression), judged->keys, 3, &predicate, &f->err),
		&f->err);
	size_t count = list(f, expression, limit, found);
	size_t expected = 0;
	for (size_t i = 0; i < judged->count; i++) {
		bool matches;
		struct text values[3];
		for (size_t k = 0; k < 3; k++)
			values[k] = text_of(judged->all[i]->values[k]);
		assert_ok(predicate_matches(predicate, values, &matches, &f->err), &f->err);
		if (!matches)
			continue;
		for (size_t k = 0; k < 3; k++)
			if (expected >= count ||
				strcmp(found[expected]->values[k], judged->all[i]->values[k]) != 0)
				fail_msg("%s: differs at %zu", expression, expected);
		expected++;
	}
	if (count != expected)
		fail_msg("%s: %zu, not %zu", expression, count, expected);
	return count > 0 && count < judged->count;
}

static const char *const law_years[] = {
	"-7", "-1", "0", "07", "__HIVE_DEFAULT_PARTITION__", "3", "7", ""};
static const char *const law_days[] = {"1969-12-31", "2020-01-01", "2020-01-02"};
static const char *const law_kinds[] = {"", "A", "a", "__HIVE_DEFAULT_PARTITION__", "ab"};
enum { LAW_ROWS = 8 * 3 * 5, LAW_TRIALS = 3000 };

static inline const char *const *law_row(struct fixture *f, size_t i)
{
	const char **row = arena_array(f->arena, 3, sizeof *row);
	row[0] = law_years[i % 8];
	row[1] = law_days[i / 8 % 3];
	row[2] = law_kinds[i / 24];
	return row;
}
