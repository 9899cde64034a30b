#pragma once

#include "catalog/memo.h"
#include "catalog/partition_range.h"

/* How a listing finds the partitions that may match: in ranges of their own keys, or,
 * where an index fixes or bounds more keys than those do, in ranges of its entries. */
struct partition_plan {
	struct partition_ranges ranges; /* of the partitions' own keys */
	const struct partition_index *index; /* NULL: none helps */
	struct partition_ranges entries; /* of the index */
};
/* All in `arena`. */
enum status partition_plan_make(struct catalog_txn *txn, struct table_memo *memo,
	const struct predicate *predicate, struct arena *arena, struct partition_plan *plan_out,
	struct error *err) MUST_USE;

/* Keys of partitions that the index leaves, in the order of the partitions. */
struct partition_candidates {
	struct text *keys;
	size_t count;
	size_t capacity;
	bool more; /* behind `horizon`, which is no smaller than any of `keys` */
	struct text horizon;
	bool too_many; /* to be sorted: nothing is in here, walk the partitions */
};
/* Those behind `after`, about `limit` of them; in `arena`. Nothing may be written
 * meanwhile. */
enum status partition_plan_candidates(struct catalog_txn *txn, const struct partition_plan *plan,
	const struct table_memo *memo, struct text after, size_t limit, struct arena *arena,
	struct partition_candidates *candidates_out, struct error *err) MUST_USE;
