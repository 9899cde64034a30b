#include "base/clock.h"
#include "catalog/conflicts.h"
#include "catalog/dropped.h"
#include "catalog/dropped_record.h"
#include "catalog/key.h"
#include "catalog/partition_indexes.h"
#include "catalog/statistics.h"
#include "catalog/store.h"
#include "catalog/tags.h"
#include "catalog/version_keep.h"

/* What was dropped goes for good, the oldest drop first, in steps: a purge that is cut
 * short goes on where it was, for a record is the last to go. */

static enum status oldest(struct catalog_txn *txn, struct arena *arena,
	Tenon__Store__V1__DroppedRecord **record_out, struct error *err)
{
	static const char prefix[] = {DROPPED_QUEUE};
	bool found;
	struct text key;
	struct text value;
	OWNED(scan) scan = NULL;
	*record_out = NULL;
	TRY(scan_open(txn, DB_DROPPED, (struct text){prefix, 1}, TEXT(""), &scan, err));
	TRY(scan_next(scan, &found, &key, &value, err));
	if (!found)
		return STATUS_OK;
	struct text id = text_from(key, 1);
	if (id.length == 8)
		TRY(dropped_read(txn, key_u64(id.at), arena, record_out, err));
	if (!*record_out)
		return fail(err, STATUS_DATA_LOSS, "a drop that is to be purged has no record");
	return STATUS_OK;
}

static enum status due(struct catalog_txn *txn, struct arena *arena,
	Tenon__Store__V1__DroppedRecord **record_out, struct error *err)
{
	Tenon__V1__Retention *retention;
	bool own;
	TRY(oldest(txn, arena, record_out, err));
	const Tenon__Store__V1__DroppedRecord *record = *record_out;
	if (!record || record->purging)
		return STATUS_OK;
	TRY(retention_of(txn, 0, arena, &retention, &own, err));
	int64_t age_s = (clock_now_us() - record->time_us) / 1000000;
	if (retention->dropped_s == 0 || (retention->dropped_s > 0 && age_s < retention->dropped_s))
		*record_out = NULL;
	return STATUS_OK;
}

enum status dropped_due(struct catalog_txn *txn, bool *due_out, struct error *err)
{
	OWNED(arena) arena = arena_new();
	Tenon__Store__V1__DroppedRecord *record;
	TRY(due(txn, arena, &record, err));
	*due_out = record != NULL;
	return STATUS_OK;
}

/* What is kept by a table's id, most of it first; true in done_out when that was all. */
static enum status table_purge(
	struct catalog_txn *txn, uint64_t table, uint64_t limit, bool *done_out, struct error *err)
{
	static const enum db dbs[] = {
		DB_PARTITION_ORDERS, DB_PARTITIONS, DB_VERSIONS, DB_STATISTICS};
	char bytes[8];
	struct text key = key_u64_text(table, bytes);
	*done_out = false;
	txn_forget(txn);
	for (size_t i = 0; i < sizeof dbs / sizeof *dbs; i++) {
		uint64_t count;
		TRY(store_delete_some(txn, dbs[i], key, limit, &count, err));
		if (count == limit)
			return STATUS_OK;
		limit -= count;
	}
	TRY(partition_indexes_forget(txn, table, err));
	TRY(pins_forget(txn, table, err));
	TRY(tags_forget_table(txn, table, err));
	TRY(conflicts_forget(txn, table, err));
	*done_out = true;
	return STATUS_OK;
}

static enum status database_purge(struct catalog_txn *txn, uint64_t drop_id, uint64_t limit,
	bool *done_out, struct error *err)
{
	static const enum dropped_key kinds[] = {DROPPED_FUNCTION, DROPPED_MEMBER};
	*done_out = false;
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		struct buffer SCOPED_BUFFER prefix = {0};
		uint64_t count;
		dropped_key_of(&prefix, kinds[i], drop_id);
		TRY(store_delete_some(txn, DB_DROPPED, buffer_text(&prefix), limit, &count, err));
		if (count == limit)
			return STATUS_OK;
		limit -= count;
	}
	*done_out = true;
	return STATUS_OK;
}

enum status dropped_purge(
	struct catalog_txn *txn, uint64_t limit, bool *more_out, struct error *err)
{
	OWNED(arena) arena = arena_new();
	Tenon__Store__V1__DroppedRecord *record;
	bool done;
	TRY(due(txn, arena, &record, err));
	*more_out = record != NULL;
	if (!record)
		return STATUS_OK;
	if (!record->purging)
		TRY(dropped_condemn(txn, record, err));
	if (record->table)
		TRY(table_purge(txn, record->table->id, limit, &done, err));
	else
		TRY(database_purge(txn, record->drop_id, limit, &done, err));
	if (done)
		TRY(dropped_remove(txn, record, err));
	return dropped_due(txn, more_out, err);
}
