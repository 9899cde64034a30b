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
/* Those that match `expression` (empty: all), in key order, `limit` at a time. A
 * fixed leading prefix scans only its range. */
enum status partition_list(struct catalog_txn *txn, struct text database, struct text table,
	struct text expression, struct text token, size_t limit, struct arena *arena,
	Tenon__V1__Partition ***partitions_out, size_t *count_out, struct text *next_out,
	struct error *err) MUST_USE;
