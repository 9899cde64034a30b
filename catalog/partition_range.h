#pragma once

#include "schema/predicate.h"
#include "schema/schema.h"

/* Which stretches of an order of partitions can hold what matches an expression: an IN
 * on the first key, or an OR, gives several; keys that are fixed to single values let
 * the next key narrow further. Inside of them the predicate itself judges. */
struct partition_range {
	struct text from, until; /* keys from `from` on, before `until` */
	/* Keys of the order fixed to one value each, from the first; `until` is then what is
	 * right behind them, unless the next key narrows further. */
	size_t fixed;
	bool narrowed;
};

/* The order: `prefix`, then the encoded values of schema->keys[positions[i]]. */
struct partition_order {
	struct text prefix;
	const uint32_t *positions;
	size_t count;
};

struct partition_ranges {
	struct partition_range *at; /* sorted, none overlaps the next */
	size_t count;
};

/* `predicate` NULL: one, of all of it. At most LIMIT_PARTITION_RANGES where keys after
 * the first are concerned; of the first at most about one per literal. In `arena`. */
enum status partition_ranges_of(const struct partition_order *order, const struct schema *schema,
	const struct predicate *predicate, struct arena *arena, struct partition_ranges *ranges_out,
	struct error *err) MUST_USE;
/* Fewer: those that touch are joined. */
void partition_ranges_join(struct partition_ranges *ranges);
