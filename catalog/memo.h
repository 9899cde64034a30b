#pragma once

#include "catalog/partition_orders.h"
#include "catalog/table.h"

/* The table whose partitions are at hand, with its keys' types parsed. A write
 * keeps the last one (txn->memo): adding 1,000 partitions reads the table once,
 * and counts and tells the feed once, in txn_settle. */
struct table_memo {
	struct arena *arena;
	struct text database;
	struct text name;
	Tenon__V1__Table *table;
	struct schema schema;
	struct partition_indexes indexes; /* once memo_indexes was called */
	bool indexes_known;
	uint64_t added;
	uint64_t removed;
	uint64_t updated;
	Tenon__V1__Partition **noted; /* the first changed, values only */
	size_t noted_count;
};

/* In a read, made in `arena`; in a write, the transaction's own: good until the
 * next memo_of or table write. */
enum status memo_of(struct catalog_txn *txn, struct text database, struct text name,
	struct arena *arena, struct table_memo **memo_out, struct error *err) MUST_USE;
/* One partition more (+1) or less (-1), or another than it was (0); noted too. */
void memo_count(struct table_memo *memo, int change, char *const *values, size_t count);
/* Values that the feed names, once more than what is counted: a rename's old ones. */
void memo_note(struct table_memo *memo, char *const *values, size_t count);
/* Its partition indexes, read when they are first asked for. */
enum status memo_indexes(struct catalog_txn *txn, struct table_memo *memo,
	const struct partition_indexes **indexes_out, struct error *err) MUST_USE;
