#include "catalog/partition_plan.h"

#include "base/limits.h"
#include "base/memory.h"
#include "catalog/key.h"
#include "catalog/store.h"
#include "schema/value.h"

#include <stdlib.h>

enum {
	CANDIDATES_MAX = 16384, /* to be sorted for one page: some milliseconds */
	CANDIDATES_BYTES_MAX = 16 * 1024 * 1024,
	RUN_LEAST = 64,
	NO_RANGES = 2 * LIMIT_PARTITION_KEYS + 2,
};

/* Two for each key that all ranges fix, one more when they bound the next. */
static unsigned narrowness(
	const struct partition_ranges *ranges, const uint32_t *positions, size_t key_count)
{
	unsigned least = NO_RANGES;
	for (size_t i = 0; i < ranges->count; i++) {
		const struct partition_range *range = &ranges->at[i];
		bool seen[LIMIT_PARTITION_KEYS] = {false};
		unsigned narrow = range->narrowed;
		for (size_t k = 0; k < range->fixed; k++) {
			if (positions[k] < key_count && !seen[positions[k]])
				narrow += 2;
			seen[positions[k]] = true;
		}
		least = narrow < least ? narrow : least;
	}
	return least;
}

/* The index's keys, then the table's in their order, as its entries are keyed. */
static size_t positions_of(const struct partition_index *index, size_t key_count,
	uint32_t positions[2 * LIMIT_PARTITION_KEYS])
{
	size_t count = 0;
	for (size_t i = 0; index && i < index->record->n_positions; i++)
		positions[count++] = index->record->positions[i];
	for (uint32_t i = 0; i < key_count; i++)
		positions[count++] = i;
	return count;
}

static enum status ranges_of(const struct partition_index *index, const struct table_memo *memo,
	const struct predicate *predicate, struct arena *arena, struct partition_ranges *ranges_out,
	unsigned *narrow_out, struct error *err)
{
	uint32_t positions[2 * LIMIT_PARTITION_KEYS];
	size_t key_count = memo->schema.key_count;
	char bytes[ORDER_PREFIX_BYTES];
	struct text prefix =
		partition_order_prefix(memo->table->id, index ? index->number : 0, bytes);
	const struct partition_order order = {
		.prefix = text_until(prefix, index ? ORDER_PREFIX_BYTES : 8),
		.positions = positions,
		.count = positions_of(index, key_count, positions),
	};
	TRY(partition_ranges_of(&order, &memo->schema, predicate, arena, ranges_out, err));
	*narrow_out = narrowness(ranges_out, positions, key_count);
	return STATUS_OK;
}

static bool usable(const struct partition_index *index, size_t key_count)
{
	return index->record->state ==
		       TENON__V1__PARTITION_INDEX_STATE__PARTITION_INDEX_STATE_ACTIVE &&
	       index->record->n_positions <= key_count;
}

enum status partition_plan_make(struct catalog_txn *txn, struct table_memo *memo,
	const struct predicate *predicate, struct arena *arena, struct partition_plan *plan_out,
	struct error *err)
{
	struct partition_plan plan = {0};
	unsigned best;
	TRY(ranges_of(NULL, memo, predicate, arena, &plan.ranges, &best, err));
	if (!predicate || plan.ranges.count == 0) {
		*plan_out = plan;
		return STATUS_OK;
	}
	const struct partition_indexes *indexes;
	TRY(memo_indexes(txn, memo, &indexes, err));
	for (size_t i = 0; i < indexes->count; i++) {
		struct partition_ranges entries;
		unsigned narrow;
		if (!usable(&indexes->at[i], memo->schema.key_count))
			continue;
		TRY(ranges_of(&indexes->at[i], memo, predicate, arena, &entries, &narrow, err));
		if (narrow <= best)
			continue;
		best = narrow;
		plan.index = &indexes->at[i];
		plan.entries = entries;
	}
	*plan_out = plan;
	return STATUS_OK;
}

struct gather {
	struct catalog_txn *txn;
	const struct partition_plan *plan;
	const struct schema *schema;
	struct text after;
	struct arena *arena;
	struct partition_candidates *out;
	size_t bytes_before;
	uint64_t looked_at; /* in ranges that are out of order */
	uint64_t square_max; /* see is_not_worth_it */
};

static void candidate_add(struct gather *gather, struct text key)
{
	struct partition_candidates *out = gather->out;
	size_t wanted = memory_grown(out->capacity, out->count + 1);
	if (wanted != out->capacity)
		out->keys =
			arena_grow(gather->arena, out->keys, out->count, wanted, sizeof *out->keys);
	out->capacity = wanted;
	out->keys[out->count++] = key;
}

static bool is_much(const struct gather *gather)
{
	return gather->out->count >= CANDIDATES_MAX ||
	       arena_bytes(gather->arena) - gather->bytes_before > CANDIDATES_BYTES_MAX;
}

/* Up to where a run was read, others count too. */
static void horizon_lower(struct partition_candidates *out, struct text key)
{
	if (!out->more || text_compare(key, out->horizon) < 0)
		out->horizon = key;
	out->more = true;
}

/* Where in a run, whose entries are in the order of the partitions, `after` would be. */
static enum status run_start(const struct gather *gather, const struct partition_range *range,
	struct buffer *start, struct error *err)
{
	const struct partition_index *index = gather->plan->index;
	struct text rest = text_from(range->from, ORDER_PREFIX_BYTES);
	struct text value;
	for (size_t i = 0; i < index->record->n_positions; i++) {
		uint32_t position = index->record->positions[i];
		if (!value_take(gather->schema->keys[position].type, &rest, &value))
			return fail(err, STATUS_INTERNAL, "a range of entries has no values");
	}
	key_init(start);
	buffer_add_text(start, text_until(range->from, range->from.length - rest.length));
	buffer_add_text(start, text_from(gather->after, 8));
	return buffer_check(start, "the entry of a partition index", err);
}

/* The next `most` of a range whose entries are in order. */
static enum status gather_run(
	struct gather *gather, const struct partition_range *range, size_t most, struct error *err)
{
	struct buffer SCOPED_BUFFER start = {0};
	OWNED(scan) scan = NULL;
	struct text last = {0};
	TRY(run_start(gather, range, &start, err));
	if (gather->after.length && text_compare(buffer_text(&start), range->from) >= 0)
		TRY(scan_open(gather->txn, DB_PARTITION_ORDERS, TEXT(""), buffer_text(&start),
			&scan, err));
	else
		TRY(scan_open_at(
			gather->txn, DB_PARTITION_ORDERS, TEXT(""), range->from, &scan, err));
	for (size_t count = 0;; count++) {
		bool found;
		struct text entry;
		struct text value;
		TRY(scan_next(scan, &found, &entry, &value, err));
		if (!found || text_compare(entry, range->until) >= 0)
			return STATUS_OK;
		if (count >= most || (count && is_much(gather))) {
			horizon_lower(gather->out, last);
			return STATUS_OK;
		}
		TRY(partition_order_entry(
			entry, gather->plan->index, gather->schema, gather->arena, &last, err));
		candidate_add(gather, last);
	}
}

/* Sorting m of a table's n entries to fill a page of l costs about m steps, walking the
 * partitions until the page is full about l·n/m. */
static bool is_not_worth_it(const struct gather *gather)
{
	uint64_t count = gather->looked_at;
	return is_much(gather) || count >= CANDIDATES_MAX ||
	       (count > RUN_LEAST && count * count > gather->square_max);
}

/* All of a range whose entries are in another order. */
static enum status gather_all(
	struct gather *gather, const struct partition_range *range, struct error *err)
{
	OWNED(scan) scan = NULL;
	TRY(scan_open_at(gather->txn, DB_PARTITION_ORDERS, TEXT(""), range->from, &scan, err));
	for (;;) {
		bool found;
		struct text entry;
		struct text value;
		struct text key;
		TRY(scan_next(scan, &found, &entry, &value, err));
		if (!found || text_compare(entry, range->until) >= 0)
			return STATUS_OK;
		gather->looked_at++;
		gather->out->too_many = is_not_worth_it(gather);
		if (gather->out->too_many)
			return STATUS_OK;
		TRY(partition_order_entry(
			entry, gather->plan->index, gather->schema, gather->arena, &key, err));
		if (text_compare(key, gather->after) > 0)
			candidate_add(gather, key);
	}
}

static int ascending(const void *a, const void *b)
{
	return text_compare(*(const struct text *)a, *(const struct text *)b);
}

static void settle(struct partition_candidates *out)
{
	if (out->count)
		qsort(out->keys, out->count, sizeof *out->keys, ascending);
	while (out->more && out->count && text_compare(out->keys[out->count - 1], out->horizon) > 0)
		out->count--;
}

enum status partition_plan_candidates(struct catalog_txn *txn, const struct partition_plan *plan,
	const struct table_memo *memo, struct text after, size_t limit, struct arena *arena,
	struct partition_candidates *candidates_out, struct error *err)
{
	struct gather gather = {
		.txn = txn,
		.plan = plan,
		.schema = &memo->schema,
		.after = after,
		.arena = arena,
		.out = candidates_out,
		.bytes_before = arena_bytes(arena),
		.square_max = memo->table->partition_count * limit,
	};
	size_t most = CANDIDATES_MAX / (plan->entries.count + 1);
	*candidates_out = (struct partition_candidates){0};
	most = most < RUN_LEAST ? RUN_LEAST : most;
	most = most > limit + 1 ? limit + 1 : most;
	for (size_t i = 0; i < plan->entries.count && !candidates_out->too_many; i++) {
		const struct partition_range *range = &plan->entries.at[i];
		bool in_order = range->fixed >= plan->index->record->n_positions;
		TRY(in_order ? gather_run(&gather, range, most, err)
			     : gather_all(&gather, range, err));
	}
	settle(candidates_out);
	return STATUS_OK;
}
