#include "catalog/partition_range.h"

#include "base/limits.h"
#include "catalog/key.h"
#include "schema/scalar.h"

/* A range that is still made, with the values that its keys are fixed to. */
struct partial {
	struct partition_range range;
	struct text *values; /* one per key of the schema; NULL: nothing narrows it further */
};

struct partials {
	struct partial *at;
	size_t count;
	size_t capacity;
};

static void add(struct arena *arena, struct partials *partials, struct partial partial)
{
	if (partials->count == partials->capacity) {
		size_t grown = partials->capacity ? partials->capacity * 2 : 8;
		partials->at = arena_grow(
			arena, partials->at, partials->count, grown, sizeof *partials->at);
		partials->capacity = grown;
	}
	partials->at[partials->count++] = partial;
}

static struct text joined(struct arena *arena, struct text a, struct text b)
{
	char *bytes = arena_alloc(arena, a.length + b.length + 1);
	if (a.length)
		memcpy(bytes, a.at, a.length);
	if (b.length)
		memcpy(bytes + a.length, b.at, b.length);
	return (struct text){bytes, a.length + b.length};
}

static bool is_everything(const struct predicate_span *span)
{
	return span->from.at[0] == 0 && !span->point.at && span->until.at[0] == 2;
}

/* An order may name a key twice: it is fixed then. */
static enum status fixed_span(const struct column *key, struct text value, struct arena *arena,
	struct predicate_span **span_out, size_t *count_out, struct error *err)
{
	struct buffer SCOPED_BUFFER encoded = {0};
	key_init(&encoded);
	const struct type *type =
		scalar_is_text(key->type->kind) ? type_simple(TYPE_STRING) : key->type;
	TRY(value_encode(type, value, &encoded, err));
	struct predicate_span *span = arena_alloc(arena, sizeof *span);
	span->from = arena_copy(arena, buffer_text(&encoded));
	span->until = predicate_behind(arena, span->from);
	span->point = value;
	*span_out = span;
	*count_out = 1;
	return STATUS_OK;
}

/* One range by what the predicate leaves of the next key. */
static enum status divide(const struct partial *partial, size_t position,
	const struct schema *schema, const struct predicate *predicate, struct arena *arena,
	struct partials *out, struct error *err)
{
	struct predicate_span *spans;
	size_t count;
	size_t key_count = schema->key_count;
	struct text begin = partial->range.from;
	if (partial->values[position].at)
		TRY(fixed_span(&schema->keys[position], partial->values[position], arena, &spans,
			&count, err));
	else
		TRY(predicate_spans(
			predicate, position, partial->values, arena, &spans, &count, err));
	for (size_t i = 0; i < count; i++) {
		struct partial next = *partial;
		if (is_everything(&spans[i])) {
			next.values = NULL;
			add(arena, out, next);
			continue;
		}
		next.range.from = joined(arena, begin, spans[i].from);
		next.range.until = joined(arena, begin, spans[i].until);
		next.range.narrowed = !spans[i].point.at;
		next.values = NULL;
		if (spans[i].point.at) {
			next.range.fixed++;
			next.values = arena_array(arena, key_count, sizeof *next.values);
			memcpy(next.values, partial->values, key_count * sizeof *next.values);
			next.values[position] = spans[i].point;
		}
		add(arena, out, next);
	}
	return STATUS_OK;
}

/* Key by key; a step that made too many is not made. */
static enum status narrow(struct partials *partials, const struct partition_order *order,
	const struct schema *schema, const struct predicate *predicate, struct arena *arena,
	struct error *err)
{
	for (size_t level = 0; level < order->count; level++) {
		struct partials next = {0};
		bool divided = false;
		for (size_t i = 0; i < partials->count; i++) {
			const struct partial *partial = &partials->at[i];
			if (level > 0 && next.count > LIMIT_PARTITION_RANGES)
				return STATUS_OK;
			if (!partial->values) {
				add(arena, &next, *partial);
				continue;
			}
			divided = true;
			TRY(divide(partial, order->positions[level], schema, predicate, arena,
				&next, err));
		}
		if (!divided || (level > 0 && next.count > LIMIT_PARTITION_RANGES))
			return STATUS_OK;
		*partials = next;
	}
	return STATUS_OK;
}

enum status partition_ranges_of(const struct partition_order *order, const struct schema *schema,
	const struct predicate *predicate, struct arena *arena, struct partition_ranges *ranges_out,
	struct error *err)
{
	struct partials partials = {0};
	struct partial whole = {
		.range = {arena_copy(arena, order->prefix), predicate_behind(arena, order->prefix),
			0, false},
		.values = arena_array(arena, schema->key_count + 1, sizeof *whole.values),
	};
	add(arena, &partials, whole);
	if (predicate)
		TRY(narrow(&partials, order, schema, predicate, arena, err));
	struct partition_ranges ranges = {
		arena_array(arena, partials.count + 1, sizeof *ranges.at), partials.count};
	for (size_t i = 0; i < partials.count; i++)
		ranges.at[i] = partials.at[i].range;
	*ranges_out = ranges;
	return STATUS_OK;
}

void partition_ranges_join(struct partition_ranges *ranges)
{
	size_t kept = 0;
	for (size_t i = 0; i < ranges->count; i++) {
		struct partition_range *last = kept ? &ranges->at[kept - 1] : NULL;
		if (last && text_equal(last->until, ranges->at[i].from)) {
			last->until = ranges->at[i].until;
			last->fixed = last->fixed < ranges->at[i].fixed ? last->fixed
									: ranges->at[i].fixed;
			last->narrowed = true;
		} else {
			ranges->at[kept++] = ranges->at[i];
		}
	}
	ranges->count = kept;
}
