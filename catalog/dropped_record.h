#pragma once

#include "base/buffer.h"
#include "catalog/txn.h"
#include "tenon/store/v1/versions.pb-c.h"

/* Inside the room: how what was dropped is kept. Of DB_DROPPED, by the first byte:
 *
 *   r  complement of the drop's id      → DroppedRecord       (newest first)
 *   q  drop's id                        →                     (oldest first: what is due)
 *   n  database ␀ table ␀ complement    →                     (by name; not while purged)
 *   t  table's id                       → drop's id
 *   m  database's drop's id · drop's id →                     (tables taken along)
 *   f  database's drop's id · name      → Function
 *
 * Versions, partitions, statistics, tags, pins and indexes of a table stay where they
 * are, under its id. */
enum dropped_key {
	DROPPED_RECORD = 'r',
	DROPPED_QUEUE = 'q',
	DROPPED_NAME = 'n',
	DROPPED_TABLE = 't',
	DROPPED_MEMBER = 'm',
	DROPPED_FUNCTION = 'f',
};

void dropped_key(struct buffer *key, enum dropped_key kind); /* the first byte */
void dropped_key_of(struct buffer *key, enum dropped_key kind, uint64_t number);
void dropped_name_key(struct buffer *key, struct text database, struct text table);

/* The record and all keys that lead to it. */
enum status dropped_put(struct catalog_txn *txn, Tenon__Store__V1__DroppedRecord *record,
	struct error *err) MUST_USE;
enum status dropped_remove(struct catalog_txn *txn, const Tenon__Store__V1__DroppedRecord *record,
	struct error *err) MUST_USE;
/* From now on it is only purged. */
enum status dropped_condemn(struct catalog_txn *txn, Tenon__Store__V1__DroppedRecord *record,
	struct error *err) MUST_USE;
/* *record_out NULL when there is none. */
enum status dropped_read(struct catalog_txn *txn, uint64_t drop_id, struct arena *arena,
	Tenon__Store__V1__DroppedRecord **record_out, struct error *err) MUST_USE;
/* The one to have back: by its id, or (0) the last of this name. NOT_FOUND says why. */
enum status dropped_find(struct catalog_txn *txn, struct text database, struct text table,
	uint64_t drop_id, struct arena *arena, Tenon__Store__V1__DroppedRecord **record_out,
	struct error *err) MUST_USE;
/* The table with this id, whether it is there or was dropped, or NULL. */
enum status table_or_dropped(struct catalog_txn *txn, uint64_t id, struct arena *arena,
	Tenon__V1__Table **table_out, bool *purging_out, struct error *err) MUST_USE;

/* Drops one; `within`: with its database, by the drop of that; or 0. */
enum status table_drop(struct catalog_txn *txn, struct text database, struct text name,
	uint64_t within, struct error *err) MUST_USE;
/* Back under the names in record->table. */
enum status table_back(struct catalog_txn *txn, const Tenon__Store__V1__DroppedRecord *record,
	struct arena *arena, struct error *err) MUST_USE;
