#include "catalog/dropped.h"

#include "base/clock.h"
#include "catalog/databases.h"
#include "catalog/dropped_record.h"
#include "catalog/key.h"
#include "catalog/listing.h"
#include "catalog/names.h"
#include "catalog/sight.h"
#include "catalog/store.h"
#include "catalog/table.h"
#include "catalog/table_change.h"
#include "catalog/version_keep.h"
#include "proto/wire.h"

/* Tables that are dropped and come back, and the list of what can. */

enum status table_drop(struct catalog_txn *txn, struct text database, struct text name,
	uint64_t within, struct error *err)
{
	OWNED(arena) arena = arena_new();
	Tenon__Store__V1__DroppedRecord record = TENON__STORE__V1__DROPPED_RECORD__INIT;
	uint64_t id;
	TRY(table_find_named(txn, database, name, &id, err));
	TRY(table_read(txn, id, arena, &record.table, err));
	TRY(store_next(txn, "drop", &record.drop_id, err));
	record.time_us = clock_now_us();
	record.author = arena_text(arena, text_of(txn->author.name));
	record.within = within;
	TRY(table_take(txn, record.table, err));
	TRY(dropped_put(txn, &record, err));
	struct table_change change = {"table_deleted", record.table, NULL, NULL};
	return table_changed(txn, &change, arena, err);
}

enum status table_delete(
	struct catalog_txn *txn, struct text database, struct text name, struct error *err)
{
	return table_drop(txn, database, name, 0, err);
}

enum status table_back(struct catalog_txn *txn, const Tenon__Store__V1__DroppedRecord *record,
	struct arena *arena, struct error *err)
{
	TRY(table_place(txn, record->table, err));
	struct table_change change = {"table_undropped", NULL, record->table, NULL};
	return table_changed(txn, &change, arena, err);
}

enum status table_undrop(struct catalog_txn *txn, struct text database, struct text name,
	uint64_t drop_id, struct text new_name, struct arena *arena, Tenon__V1__Table **table_out,
	struct error *err)
{
	struct text in;
	struct text was;
	struct text is;
	Tenon__Store__V1__DroppedRecord *record;
	Tenon__V1__Database *exists;
	TRY(name_fold(arena, database, "database name", &in, err));
	TRY(name_fold(arena, name, "table name", &was, err));
	TRY(name_fold(arena, new_name.length ? new_name : name, "new table name", &is, err));
	TRY(dropped_find(txn, in, was, drop_id, arena, &record, err));
	TRY(database_read(txn, in, arena, &exists, err));
	TRY(dropped_remove(txn, record, err));
	record->table->name = arena_text(arena, is);
	TRY(table_back(txn, record, arena, err));
	*table_out = record->table;
	return STATUS_OK;
}

static Tenon__V1__Dropped *dropped_shown(const Tenon__Store__V1__DroppedRecord *record,
	const Tenon__V1__Retention *retention, struct arena *arena)
{
	Tenon__V1__Dropped *dropped = arena_alloc(arena, sizeof *dropped);
	tenon__v1__dropped__init(dropped);
	dropped->drop_id = record->drop_id;
	dropped->drop_time_us = record->time_us;
	dropped->author = record->author;
	if (retention->dropped_s > 0)
		dropped->purge_time_us = record->time_us + retention->dropped_s * 1000000;
	if (record->table) {
		dropped->database = record->table->database;
		dropped->table = record->table->name;
		dropped->table_id = record->table->id;
	} else {
		dropped->database = record->database->name;
		dropped->tables = record->database->table_count;
	}
	return dropped;
}

static bool is_listed(struct catalog_txn *txn, const Tenon__Store__V1__DroppedRecord *record,
	const Tenon__V1__Dropped *dropped, struct text database)
{
	return !record->purging && !record->within &&
	       (database.length == 0 || text_equal(text_of(dropped->database), database)) &&
	       sees_table(txn, text_of(dropped->database), text_of(dropped->table));
}

/* Only what is shown of it stays in `arena`: a dropped table is large. */
static enum status dropped_item(struct catalog_txn *txn, const struct listing *listing,
	struct text key, struct text value, struct arena *arena, void **item_out, struct error *err)
{
	(void)key;
	OWNED(arena) scratch = arena_new();
	void *record;
	TRY(store_unpack(
		value, &tenon__store__v1__dropped_record__descriptor, scratch, &record, err));
	Tenon__V1__Dropped *dropped = dropped_shown(record, listing->asked, scratch);
	if (!sees_database(txn, text_of(dropped->database)))
		dropped->tables = 0;
	if (is_listed(txn, record, dropped, listing->context))
		*item_out = wire_copy(arena, &dropped->base);
	return STATUS_OK;
}

enum status dropped_list(struct catalog_txn *txn, struct text database, struct text token,
	size_t limit, struct arena *arena, Tenon__V1__Dropped ***dropped_out, size_t *count_out,
	struct text *next_out, struct error *err)
{
	static const char prefix[] = {DROPPED_RECORD};
	struct text folded = TEXT("");
	struct page page;
	Tenon__V1__Retention *retention;
	bool own;
	if (database.length)
		TRY(name_fold(arena, database, "database name", &folded, err));
	TRY(retention_of(txn, 0, arena, &retention, &own, err));
	const struct listing listing = {DB_DROPPED, (struct text){prefix, sizeof prefix},
		TOKEN_DROPPED, folded, dropped_item, retention};
	TRY(listing_page(txn, &listing, token, limit, arena, &page, err));
	*dropped_out = (Tenon__V1__Dropped **)page.items;
	*count_out = page.count;
	*next_out = page.next;
	return STATUS_OK;
}
