#pragma once

#include "catalog/tables.h"
#include "tenon/v1/statistics.pb-c.h"

/* What is known of the values of a table's columns, or of one partition's (which must be
 * there): kept by the table's id and the column's folded name, gone with table or
 * partition, and when the column is dropped or gets another type. */
struct statistics_place {
	struct text database;
	struct text table;
	char *const *partition; /* its values */
	size_t count; /* 0: the table's own */
};
/* INVALID_ARGUMENT for a column that the table does not have. */
enum status statistics_put(struct catalog_txn *txn, const struct statistics_place *place,
	const Tenon__V1__ColumnStatistics *statistics, struct error *err) MUST_USE;
/* NULL in statistics_out when nothing is known of `column`. */
enum status statistics_get(struct catalog_txn *txn, const struct statistics_place *place,
	struct text column, struct arena *arena, Tenon__V1__ColumnStatistics **statistics_out,
	struct error *err) MUST_USE;
/* The same of many columns: a list as long, NULL where nothing is known. */
enum status statistics_get_columns(struct catalog_txn *txn, const struct statistics_place *place,
	char *const *columns, size_t count, struct arena *arena,
	Tenon__V1__ColumnStatistics ***statistics_out, struct error *err) MUST_USE;
/* Of an empty `column`: of all. Deleting what is not there is no error. */
enum status statistics_delete(struct catalog_txn *txn, const struct statistics_place *place,
	struct text column, struct error *err) MUST_USE;

/* Inside the room: of a partition that goes, or of a table (`count` 0). */
enum status statistics_forget(struct catalog_txn *txn, uint64_t id, char *const *partition,
	size_t count, struct error *err) MUST_USE;
/* Inside the room: of columns that `after` has no more, or with another type. */
enum status statistics_forget_columns(struct catalog_txn *txn, const Tenon__V1__Table *before,
	const Tenon__V1__Table *after, struct arena *arena, struct error *err) MUST_USE;
