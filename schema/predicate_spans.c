#include "base/buffer.h"
#include "schema/notation.h"
#include "schema/predicate_node.h"

#include <stdlib.h>

/* Spans of encoded values. A value v is the span [v, behind(v)): its encoding and what
 * may follow it in a longer key. Nulls are [00, 01), all other values [01, 02). */
struct spans {
	struct predicate_span *at; /* sorted, none overlaps the next */
	size_t count;
};

struct job {
	struct arena *arena;
	size_t key;
	const struct text *fixed;
	struct error *err;
};

static const struct text nulls_from = {"\0", 1};
static const struct text values_from = {"\1", 1};
static const struct text values_until = {"\2", 1};
static const char null_text[] = "__HIVE_DEFAULT_PARTITION__";

static struct spans one(struct arena *arena, struct text from, struct text until, struct text point)
{
	struct spans spans = {0};
	if (text_compare(from, until) >= 0)
		return spans;
	spans.at = arena_alloc(arena, sizeof *spans.at);
	spans.at[0] = (struct predicate_span){from, until, point};
	spans.count = 1;
	return spans;
}

static struct spans everything(struct arena *arena)
{
	return one(arena, nulls_from, values_until, (struct text){0});
}

struct text predicate_behind(struct arena *arena, struct text encoded)
{
	struct text behind = arena_copy(arena, encoded);
	char *bytes = (char *)(uintptr_t)behind.at;
	while (behind.length && (unsigned char)bytes[behind.length - 1] == 0xFF)
		behind.length--;
	if (behind.length)
		bytes[behind.length - 1]++;
	return behind;
}

static enum status encode(
	struct job *job, const struct type *type, struct text text, struct text *encoded_out)
{
	struct buffer SCOPED_BUFFER bytes = {0};
	buffer_init(&bytes, LIMIT_EXPRESSION_BYTES * 4);
	/* A literal may be longer than a char(n) key. */
	TRY(value_encode(scalar_is_text(type->kind) ? type_simple(TYPE_STRING) : type, text, &bytes,
		job->err));
	*encoded_out = arena_copy(job->arena, buffer_text(&bytes));
	return STATUS_OK;
}

static enum status point(
	struct job *job, const struct type *type, struct text text, struct spans *spans_out)
{
	struct text encoded;
	TRY(encode(job, type, text, &encoded));
	*spans_out = one(job->arena, encoded, predicate_behind(job->arena, encoded), text);
	return STATUS_OK;
}

static int by_start(const void *a, const void *b)
{
	const struct predicate_span *left = a;
	const struct predicate_span *right = b;
	int order = text_compare(left->from, right->from);
	return order ? order : text_compare(left->until, right->until);
}

/* Sorted and joined where they overlap; those that only touch stay apart, for points
 * are worth more than what they make together. */
static struct spans settled(struct spans spans)
{
	size_t kept = 0;
	if (spans.count)
		qsort(spans.at, spans.count, sizeof *spans.at, by_start);
	for (size_t i = 0; i < spans.count; i++) {
		struct predicate_span *last = kept ? &spans.at[kept - 1] : NULL;
		if (!last || text_compare(spans.at[i].from, last->until) >= 0) {
			spans.at[kept++] = spans.at[i];
			continue;
		}
		if (by_start(last, &spans.at[i]) == 0)
			continue;
		last->point = (struct text){0};
		if (text_compare(spans.at[i].until, last->until) > 0)
			last->until = spans.at[i].until;
	}
	spans.count = kept;
	return spans;
}

static struct spans either(struct arena *arena, struct spans a, struct spans b)
{
	if (!a.count || !b.count)
		return a.count ? a : b;
	struct spans both = {arena_array(arena, a.count + b.count, sizeof *both.at), 0};
	memcpy(both.at, a.at, a.count * sizeof *a.at);
	memcpy(both.at + a.count, b.at, b.count * sizeof *b.at);
	both.count = a.count + b.count;
	return settled(both);
}

static struct spans common(struct arena *arena, struct spans a, struct spans b)
{
	struct spans both = {arena_array(arena, a.count + b.count + 1, sizeof *both.at), 0};
	size_t i = 0;
	size_t j = 0;
	while (i < a.count && j < b.count) {
		const struct predicate_span *left = &a.at[i];
		const struct predicate_span *right = &b.at[j];
		bool ends_first = text_compare(left->until, right->until) < 0;
		/* A point is inside of the other or has nothing of it. */
		struct predicate_span span = {
			.from = text_compare(left->from, right->from) > 0 ? left->from
									  : right->from,
			.until = ends_first ? left->until : right->until,
			.point = left->point.at ? left->point : right->point,
		};
		if (text_compare(span.from, span.until) < 0)
			both.at[both.count++] = span;
		i += ends_first;
		j += !ends_first;
	}
	return both;
}

/* The values that are none of `spans`. */
static struct spans other_values(struct arena *arena, struct spans spans)
{
	struct spans others = {arena_array(arena, spans.count + 1, sizeof *others.at), 0};
	struct text from = values_from;
	for (size_t i = 0; i <= spans.count; i++) {
		struct text until = i < spans.count ? spans.at[i].from : values_until;
		if (text_compare(from, until) < 0)
			others.at[others.count++] =
				(struct predicate_span){.from = from, .until = until};
		if (i < spans.count)
			from = spans.at[i].until;
	}
	return others;
}

static enum status of_list(struct job *job, const struct predicate *test, struct spans *spans_out)
{
	struct spans all = {arena_array(job->arena, test->count, sizeof *all.at), 0};
	for (size_t i = 0; i < test->count; i++) {
		struct spans literal;
		TRY(point(job, test->column->type, test->texts[i], &literal));
		if (literal.count)
			all.at[all.count++] = literal.at[0];
	}
	*spans_out = settled(all);
	return STATUS_OK;
}

static enum status of_bounds(struct job *job, const struct predicate *test, struct spans *spans_out)
{
	const struct type *type = test->column->type;
	struct text from = values_from;
	struct text until;
	if (test->kind == PREDICATE_BETWEEN)
		TRY(encode(job, type, test->texts[0], &from));
	TRY(encode(job, type, test->texts[test->count - 1], &until));
	if (test->kind != PREDICATE_LESS)
		until = predicate_behind(job->arena, until);
	*spans_out = one(job->arena, from, until, (struct text){0});
	return STATUS_OK;
}

/* What a pattern begins with, as far as it is no wildcard; all of it: a point. */
static enum status of_pattern(
	struct job *job, const struct predicate *test, struct spans *spans_out)
{
	struct text pattern = test->pattern;
	char *start = arena_alloc(job->arena, pattern.length + 1);
	size_t length = 0;
	size_t i = 0;
	for (; i < pattern.length && pattern.at[i] != '%' && pattern.at[i] != '_'; i++) {
		i += pattern.at[i] == '\\' && i + 1 < pattern.length;
		start[length++] = pattern.at[i];
	}
	struct text text = {start, length};
	if (i == pattern.length)
		return point(job, test->column->type, text, spans_out);
	struct text encoded;
	TRY(encode(job, test->column->type, text, &encoded));
	encoded.length -= 2; /* the end mark */
	*spans_out =
		one(job->arena, encoded, predicate_behind(job->arena, encoded), (struct text){0});
	return STATUS_OK;
}

static enum status of_null(struct job *job, const struct predicate *test, struct spans *spans_out)
{
	if (scalar_is_text(test->column->type->kind))
		return point(job, test->column->type, text_of(null_text), spans_out);
	*spans_out = one(job->arena, nulls_from, values_from, text_of(null_text));
	return STATUS_OK;
}

/* Where the test is true or, negated, false. */
static enum status of_test(
	struct job *job, const struct predicate *test, bool negated, struct spans *spans_out)
{
	struct spans spans = {0};
	switch (test->kind) {
	case PREDICATE_EQUAL:
	case PREDICATE_IN:
		TRY(of_list(job, test, &spans));
		break;
	case PREDICATE_LESS:
	case PREDICATE_LESS_EQUAL:
	case PREDICATE_BETWEEN:
		TRY(of_bounds(job, test, &spans));
		break;
	case PREDICATE_LIKE:
		TRY(of_pattern(job, test, &spans));
		/* Inside of a prefix others than matches begin, too. */
		if (negated && (spans.count == 0 || !spans.at[0].point.at))
			spans.count = 0;
		break;
	case PREDICATE_NULL:
		TRY(of_null(job, test, &spans));
		break;
	case PREDICATE_AND:
	case PREDICATE_OR:
	case PREDICATE_NOT:
		break;
	}
	*spans_out = negated ? other_values(job->arena, spans) : spans;
	return STATUS_OK;
}

static enum status of_leaf(
	struct job *job, const struct predicate *test, bool negated, struct spans *spans_out)
{
	if (test->key == job->key)
		return of_test(job, test, negated, spans_out);
	*spans_out = everything(job->arena);
	if (!job->fixed[test->key].at)
		return STATUS_OK;
	enum predicate_truth truth;
	TRY(predicate_test(test, job->fixed, &truth, job->err));
	if (truth != (negated ? PREDICATE_FALSE : PREDICATE_TRUE))
		spans_out->count = 0;
	return STATUS_OK;
}

/* As in predicate_match.c, only brackets recurse to the right. */
static enum status spans_of(
	struct job *job, const struct predicate *predicate, bool negated, struct spans *spans_out)
{
	for (; predicate->kind == PREDICATE_NOT; predicate = predicate->first)
		negated = !negated;
	if (predicate->kind > PREDICATE_NOT)
		return of_leaf(job, predicate, negated, spans_out);
	struct spans first = {0};
	struct spans second = {0};
	bool both = (predicate->kind == PREDICATE_AND) != negated;
	TRY(spans_of(job, predicate->first, negated, &first));
	if (both && first.count == 0) {
		*spans_out = first;
		return STATUS_OK;
	}
	TRY(spans_of(job, predicate->second, negated, &second));
	*spans_out = both ? common(job->arena, first, second) : either(job->arena, first, second);
	return STATUS_OK;
}

enum status predicate_spans(const struct predicate *predicate, size_t key, const struct text *fixed,
	struct arena *arena, struct predicate_span **spans_out, size_t *count_out,
	struct error *err)
{
	struct job job = {arena, key, fixed, err};
	struct spans spans;
	TRY(spans_of(&job, predicate, false, &spans));
	*spans_out = spans.at;
	*count_out = spans.count;
	return STATUS_OK;
}
