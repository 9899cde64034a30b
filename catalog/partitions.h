#pragma once

#include "catalog/tables.h"

/* Partitions of a table, keyed by their typed values so that a scan is in value
 * order and a fixed prefix is a range. */
enum status partition_create(struct catalog_txn *txn, struct text database, struct text table,
	const Tenon__V1__Partition *partition, bool if_not_exists, bool *created_out,
	struct error *err) MUST_USE;
enum status partition_get(struct catalog_txn *txn, struct text database, struct text table,
	char *const *values, size_t count, struct arena *arena,
	Tenon__V1__Partition **partition_out, struct error *err) MUST_USE;
enum status partition_delete(struct catalog_txn *txn, struct text database, struct text table,
	char *const *values, size_t count, struct error *err) MUST_USE;
/* Those of `keys` that are there, in the order asked; the others are left out.
 * RESOURCE_EXHAUSTED when they are more than one answer should hold. */
enum status partitions_get(struct catalog_txn *txn, struct text database, struct text table,
	Tenon__V1__PartitionValues *const *keys, size_t count, struct arena *arena,
	Tenon__V1__Partition ***partitions_out, size_t *count_out, struct error *err) MUST_USE;
/* Replaces the partition of these values by `partition`; its own values, when it has
 * any, rename it: ALREADY_EXISTS when they are another's. Its create_time stays. What changes
 * nothing is not written, and the feed does not tell of it. */
enum status partition_update(struct catalog_txn *txn, struct text database, struct text table,
	char *const *values, size_t count, const Tenon__V1__Partition *partition,
	struct error *err) MUST_USE;
/* Those that match `expression` (empty: all), in key order, `limit` at a time. A
 * fixed leading prefix scans only its range. */
enum status partition_list(struct catalog_txn *txn, struct text database, struct text table,
	struct text expression, struct text token, size_t limit, struct arena *arena,
	Tenon__V1__Partition ***partitions_out, size_t *count_out, struct text *next_out,
	struct error *err) MUST_USE;

/* A listing in more detail. */
struct partition_query {
	struct text expression;
	struct text token;
	size_t limit;
	/* One of `segments` disjoint parts, from 0; 0 segments: all. At most
	 * LIMIT_SEGMENTS; INVALID_ARGUMENT for a part that there is not. */
	uint32_t segment, segments;
	bool exclude_columns; /* without the columns of each one's storage */
};
enum status partition_list_query(struct catalog_txn *txn, struct text database, struct text table,
	const struct partition_query *query, struct arena *arena,
	Tenon__V1__Partition ***partitions_out, size_t *count_out, struct text *next_out,
	struct error *err) MUST_USE;
