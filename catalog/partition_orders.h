#pragma once

#include "catalog/txn.h"
#include "schema/schema.h"
#include "tenon/store/v1/partition_indexes.pb-c.h"

/* A table's partition indexes and their entries, which are keys without a value:
 *
 *   table id · number of the index · the values it is over · the rest of the
 *                                    partition's own key (what follows its table id)
 *
 * so that where the values are fixed the entries are in the order of the partitions. */
struct partition_index {
	unsigned number;
	Tenon__Store__V1__PartitionIndexRecord *record;
};
struct partition_indexes {
	struct partition_index *at;
	size_t count;
};

/* All of one table, in `arena`. */
enum status partition_indexes_read(struct catalog_txn *txn, uint64_t table, struct arena *arena,
	struct partition_indexes *indexes_out, struct error *err) MUST_USE;
/* Whether changes of partitions are written to its entries. */
bool partition_index_is_kept(const struct partition_index *index);

/* The entries of the partition under `key`, in every index that is kept: put, or taken
 * away. An entry that is there, or is not, already is no error. */
enum status partition_orders_change(struct catalog_txn *txn,
	const struct partition_indexes *indexes, const struct schema *schema, struct text key,
	bool there, struct error *err) MUST_USE;
/* The same of one index. */
enum status partition_order_put(struct catalog_txn *txn, const struct partition_index *index,
	const struct schema *schema, struct text key, bool there, struct error *err) MUST_USE;

enum { ORDER_PREFIX_BYTES = 9 };
struct text partition_order_prefix(uint64_t table, unsigned number, char bytes[ORDER_PREFIX_BYTES]);
/* The key of the partition that an entry stands for; in `arena`. DATA_LOSS. */
enum status partition_order_entry(struct text entry, const struct partition_index *index,
	const struct schema *schema, struct arena *arena, struct text *key_out,
	struct error *err) MUST_USE;
