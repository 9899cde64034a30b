#pragma once

#include "base/buffer.h"
#include "schema/predicate.h"
#include "schema/schema.h"

/* The stretch of a table's partition keys outside of which nothing matches a
 * predicate: what its leading fixed values spell, and within it what the bounds of
 * the key after them leave. Inside, the predicate itself judges. */
struct partition_range {
	struct buffer prefix;
	struct buffer after; /* keys come after this one; empty: no bound */
	struct buffer until; /* and are not past this one; empty: no bound */
	bool until_inclusive; /* keys that start with `until` are not past it */
};

/* `predicate` NULL: all of the table's. Free with partition_range_done, also when
 * it failed. */
enum status partition_range_of(struct partition_range *range, uint64_t table,
	const struct schema *schema, const struct predicate *predicate, struct error *err) MUST_USE;
void partition_range_done(struct partition_range *range);
bool partition_range_past(const struct partition_range *range, struct text key);
