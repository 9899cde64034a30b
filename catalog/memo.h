#pragma once

#include "catalog/partition_orders.h"
#include "catalog/table.h"
#include "tenon/v1/feed.pb-c.h"

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
	Tenon__V1__PartitionChange **told; /* the first changed */
	size_t told_count;
	size_t told_fields; /* in all of them */
};

/* In a read, made in `arena`; in a write, the transaction's own: good until the
 * next memo_of or table write. */
enum status memo_of(struct catalog_txn *txn, struct text database, struct text name,
	struct arena *arena, struct table_memo **memo_out, struct error *err) MUST_USE;
/* One partition more (`before` NULL), less (`after` NULL), or another than it was: counted,
 * and the first of them told to the feed, field by field. Borrowed for the call. */
void memo_change(struct table_memo *memo, const Tenon__V1__Partition *before,
	const Tenon__V1__Partition *after);
/* Whether the next one is told: else nobody asks what it was. */
bool memo_tells(const struct table_memo *memo);
/* Its partition indexes, read when they are first asked for. */
enum status memo_indexes(struct catalog_txn *txn, struct table_memo *memo,
	const struct partition_indexes **indexes_out, struct error *err) MUST_USE;
