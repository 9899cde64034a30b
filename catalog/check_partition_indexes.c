#include "catalog/check_rows.h"
#include "catalog/dropped_record.h"
#include "catalog/key.h"
#include "catalog/partition_orders.h"
#include "catalog/tables.h"

#include <inttypes.h>

/* An active partition index has one entry for each partition of its table, and none
 * more; what is still filled or deleted is noted as work. */

#define DESCRIPTOR  &tenon__store__v1__partition_index_record__descriptor
#define STATE(name) TENON__V1__PARTITION_INDEX_STATE__PARTITION_INDEX_STATE_##name

enum { ID_BYTES = 8, TODO_BYTES = ID_BYTES + ORDER_PREFIX_BYTES };

static const char *place_of(struct check *check, const Tenon__V1__Table *table, const char *name)
{
	return arena_printf(
		check->arena, "%s.%s, partition index %s", table->database, table->name, name);
}

/* Each entry leads to a partition. */
static enum status entries_check(struct check *check, const struct partition_index *index,
	const Tenon__V1__Table *table, uint64_t *count_out, struct error *err)
{
	OWNED(arena) arena = arena_new();
	OWNED(scan) scan = NULL;
	char prefix[ORDER_PREFIX_BYTES];
	struct schema schema;
	*count_out = 0;
	TRY(table_schema(table, check->arena, &schema, err));
	TRY(scan_open(check->txn, DB_PARTITION_ORDERS,
		partition_order_prefix(table->id, index->number, prefix), TEXT(""), &scan, err));
	for (;; ++*count_out) {
		bool found;
		struct text entry;
		struct text value;
		struct text key;
		struct error why;
		arena_reset(arena);
		TRY(scan_next(scan, &found, &entry, &value, err));
		if (!found)
			return STATUS_OK;
		bool whole = partition_order_entry(entry, index, &schema, arena, &key, &why) ==
			     STATUS_OK;
		if (whole)
			TRY(store_find(check->txn, DB_PARTITIONS, key, &found, &value, err));
		if (!whole || !found)
			check_found(check, place_of(check, table, index->record->name),
				whole ? "has an entry of a partition that is not there"
				      : "has a damaged entry");
	}
}

static enum status noted(struct check *check, struct text key, bool *noted_out, struct error *err)
{
	char todo[TODO_BYTES] = {0};
	struct text value;
	memcpy(todo + ID_BYTES, key.at, ORDER_PREFIX_BYTES);
	return store_find(check->txn, DB_PARTITION_INDEXES, (struct text){todo, sizeof todo},
		noted_out, &value, err);
}

static enum status index_is_whole(struct check *check, struct text key, struct text value,
	const void *message, struct error *err)
{
	(void)value;
	if (key.length == TODO_BYTES && key_u64(key.at) == 0)
		return STATUS_OK;
	Tenon__Store__V1__PartitionIndexRecord *record =
		(Tenon__Store__V1__PartitionIndexRecord *)(uintptr_t)message;
	const struct partition_index index = {(unsigned char)key.at[key.length - 1], record};
	Tenon__V1__Table *table = NULL;
	bool purged;
	TRY(check_is_purged(check, key, &purged, err));
	if (purged)
		return STATUS_OK;
	if (key.length == ORDER_PREFIX_BYTES)
		TRY(table_or_dropped(
			check->txn, key_u64(key.at), check->arena, &table, &purged, err));
	if (!table) {
		check_found(check, arena_printf(check->arena, "partition index %s", record->name),
			"is of a table that is not there");
		return STATUS_OK;
	}
	const Tenon__V1__Table *of = table;
	uint64_t count;
	TRY(entries_check(check, &index, of, &count, err));
	bool active = record->state == STATE(ACTIVE);
	if (active && count != of->partition_count)
		check_found(check, place_of(check, of, record->name),
			"has %" PRIu64 " entries of %" PRIu64 " partitions", count,
			of->partition_count);
	bool is_noted;
	TRY(noted(check, key, &is_noted, err));
	if (is_noted != (record->state == STATE(CREATING) || record->state == STATE(DELETING)))
		check_found(check, place_of(check, of, record->name),
			is_noted ? "is noted as work and has none" : "is never filled or deleted");
	return STATUS_OK;
}

static enum status entry_has_its_index(struct check *check, struct text key, struct text value,
	const void *message, struct error *err)
{
	(void)message;
	bool found = false;
	if (key.length > ORDER_PREFIX_BYTES)
		TRY(store_find(check->txn, DB_PARTITION_INDEXES,
			text_until(key, ORDER_PREFIX_BYTES), &found, &value, err));
	if (!found)
		check_found(check, "an entry of a partition index",
			"is of table %" PRIu64 ", which has no such index",
			key.length >= ID_BYTES ? key_u64(key.at) : 0);
	return STATUS_OK;
}

static const struct check_row rows[] = {
	{"partition-indexes", DB_PARTITION_INDEXES, DESCRIPTOR, index_is_whole, NULL},
	{"partition-indexes", DB_PARTITION_ORDERS, NULL, entry_has_its_index, NULL},
};

const struct check_rows check_partition_indexes = CHECK_ROWS(rows);
