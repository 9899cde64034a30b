#include "schema/predicate_node.h"

/* Bounds of one key, from the tests that a top-level AND makes of it. */
struct edge {
	const struct scalar *scalar; /* NULL: none */
	struct text text;
	bool exclusive;
};

struct edges {
	struct edge lower, upper;
};

/* `sign` is 1 where the greater bound is the tighter one (lower), -1 otherwise. */
static void tighten(
	struct edge *edge, int sign, const struct predicate *test, size_t literal, bool exclusive)
{
	const struct scalar *scalar = &test->literals[literal];
	int order = edge->scalar ? sign * scalar_compare(scalar, edge->scalar) : 1;
	if (order < 0 || (order == 0 && !exclusive))
		return;
	*edge = (struct edge){scalar, test->texts[literal], exclusive};
}

static void tighten_in(struct edges *edges, const struct predicate *test)
{
	size_t least = 0;
	size_t most = 0;
	for (size_t i = 1; i < test->count; i++) {
		if (scalar_compare(&test->literals[i], &test->literals[least]) < 0)
			least = i;
		if (scalar_compare(&test->literals[i], &test->literals[most]) > 0)
			most = i;
	}
	tighten(&edges->lower, 1, test, least, false);
	tighten(&edges->upper, -1, test, most, false);
}

static void tighten_by(struct edges *edges, const struct predicate *test, bool negated)
{
	switch (test->kind) {
	case PREDICATE_LESS:
		/* Negated it is >=. */
		if (negated)
			tighten(&edges->lower, 1, test, 0, false);
		else
			tighten(&edges->upper, -1, test, 0, true);
		break;
	case PREDICATE_LESS_EQUAL:
		if (negated)
			tighten(&edges->lower, 1, test, 0, true);
		else
			tighten(&edges->upper, -1, test, 0, false);
		break;
	case PREDICATE_EQUAL:
	case PREDICATE_IN:
		if (!negated)
			tighten_in(edges, test);
		break;
	case PREDICATE_BETWEEN:
		if (negated)
			break;
		tighten(&edges->lower, 1, test, 0, false);
		tighten(&edges->upper, -1, test, 1, false);
		break;
	case PREDICATE_LIKE:
	case PREDICATE_NULL:
	case PREDICATE_AND:
	case PREDICATE_OR:
	case PREDICATE_NOT:
		break;
	}
}

/* As in predicate_match.c, only brackets recurse to the right. */
static void collect(const struct predicate *predicate, size_t key, struct edges *edges)
{
	if (predicate->kind == PREDICATE_AND) {
		collect(predicate->first, key, edges);
		collect(predicate->second, key, edges);
		return;
	}
	bool negated = false;
	for (; predicate->kind == PREDICATE_NOT; predicate = predicate->first)
		negated = !negated;
	if (predicate->kind > PREDICATE_NOT && predicate->key == key)
		tighten_by(edges, predicate, negated);
}

bool predicate_range(
	const struct predicate *predicate, size_t key, struct predicate_range *range_out)
{
	struct edges edges = {0};
	collect(predicate, key, &edges);
	*range_out = (struct predicate_range){
		.has_lower = edges.lower.scalar != NULL,
		.lower_exclusive = edges.lower.exclusive,
		.lower = edges.lower.text,
		.has_upper = edges.upper.scalar != NULL,
		.upper_exclusive = edges.upper.exclusive,
		.upper = edges.upper.text,
	};
	return range_out->has_lower || range_out->has_upper;
}
