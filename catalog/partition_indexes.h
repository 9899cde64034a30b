#pragma once

#include "catalog/tables.h"
#include "tenon/store/v1/partition_indexes.pb-c.h"
#include "tenon/v1/catalog.pb-c.h"

/* Partitions in the order of other keys than the first ones, for expressions that say
 * nothing of those. An index never changes an answer.
 *
 *             filled
 *   CREATING ───────► ACTIVE          of up to 1,000 partitions: at once
 *      │ damaged record │ delete
 *      ▼                ▼
 *   FAILED ──────► DELETING ──► gone
 *
 * Filling and deleting go on in steps, by partition_indexes_work. */

/* At most LIMIT_PARTITION_INDEXES that have not failed. ALREADY_EXISTS for a name that
 * is there, or FAILED_PRECONDITION while it is deleted; INVALID_ARGUMENT for keys that
 * are none of the table's, or the same twice. */
enum status partition_index_create(struct catalog_txn *txn, struct text database, struct text table,
	const Tenon__V1__PartitionIndex *index, struct arena *arena,
	Tenon__V1__PartitionIndex **index_out, struct error *err) MUST_USE;
enum status partition_indexes_list(struct catalog_txn *txn, struct text database, struct text table,
	struct arena *arena, Tenon__V1__PartitionIndex ***indexes_out, size_t *count_out,
	struct error *err) MUST_USE;
enum status partition_index_delete(struct catalog_txn *txn, struct text database, struct text table,
	struct text name, struct error *err) MUST_USE;

/* One bounded piece of what there is to fill or to delete; false in more_out when that
 * was all. Waits for the writer. */
enum status partition_indexes_work(
	struct catalog *catalog, bool *more_out, struct error *err) MUST_USE;

/* Inside the room. After partitions_rekey: the indexes of a table whose keys are of
 * other types now are filled anew; FAILED_PRECONDITION when their number changed. */
struct schema;
enum status partition_indexes_follow(struct catalog_txn *txn, uint64_t table,
	const struct schema *before, const struct schema *after, struct error *err) MUST_USE;
/* One whose entries are not there is filled anew, unless it failed or is being deleted. */
enum status partition_index_restart(struct catalog_txn *txn, uint64_t table, unsigned number,
	Tenon__Store__V1__PartitionIndexRecord *record, struct error *err) MUST_USE;
/* As a record is before the filling has begun, unless it failed or is being deleted. */
void partition_index_begin(Tenon__Store__V1__PartitionIndexRecord *record);
/* Of a table that goes. */
enum status partition_indexes_forget(
	struct catalog_txn *txn, uint64_t table, struct error *err) MUST_USE;
