#include "catalog/dropped_record.h"

#include "catalog/key.h"
#include "catalog/store.h"
#include "catalog/version_keep.h"

#include <inttypes.h>

void dropped_key(struct buffer *key, enum dropped_key kind)
{
	key_init(key);
	buffer_add_byte(key, (char)kind);
}

void dropped_key_of(struct buffer *key, enum dropped_key kind, uint64_t number)
{
	dropped_key(key, kind);
	key_add_u64(key, kind == DROPPED_RECORD ? ~number : number);
}

void dropped_name_key(struct buffer *key, struct text database, struct text table)
{
	dropped_key(key, DROPPED_NAME);
	key_add_part(key, database);
	key_add_part(key, table);
}

static void name_key_of(struct buffer *key, const Tenon__Store__V1__DroppedRecord *record)
{
	if (record->table)
		dropped_name_key(
			key, text_of(record->table->database), text_of(record->table->name));
	else
		dropped_name_key(key, text_of(record->database->name), TEXT(""));
	key_add_u64(key, ~record->drop_id);
}

static void member_key_of(struct buffer *key, const Tenon__Store__V1__DroppedRecord *record)
{
	dropped_key_of(key, DROPPED_MEMBER, record->within);
	key_add_u64(key, record->drop_id);
}

static enum status record_write(
	struct catalog_txn *txn, const Tenon__Store__V1__DroppedRecord *record, struct error *err)
{
	struct buffer SCOPED_BUFFER key = {0};
	dropped_key_of(&key, DROPPED_RECORD, record->drop_id);
	return store_put_message(txn, DB_DROPPED, buffer_text(&key), &record->base, err);
}

enum status dropped_put(
	struct catalog_txn *txn, Tenon__Store__V1__DroppedRecord *record, struct error *err)
{
	struct buffer SCOPED_BUFFER queue = {0};
	struct buffer SCOPED_BUFFER name = {0};
	struct buffer SCOPED_BUFFER table = {0};
	struct buffer SCOPED_BUFFER member = {0};
	OWNED(arena) arena = arena_new();
	Tenon__V1__Retention *retention;
	bool own;
	char id[8];
	TRY(retention_of(txn, 0, arena, &retention, &own, err));
	record->purging = retention->dropped_s < 0;
	TRY(record_write(txn, record, err));
	dropped_key_of(&queue, DROPPED_QUEUE, record->drop_id);
	TRY(store_put(txn, DB_DROPPED, buffer_text(&queue), TEXT(""), err));
	if (record->table) {
		dropped_key_of(&table, DROPPED_TABLE, record->table->id);
		TRY(store_put(txn, DB_DROPPED, buffer_text(&table),
			key_u64_text(record->drop_id, id), err));
	}
	if (record->within) {
		member_key_of(&member, record);
		TRY(store_put(txn, DB_DROPPED, buffer_text(&member), TEXT(""), err));
	}
	name_key_of(&name, record);
	return record->purging ? STATUS_OK
			       : store_put(txn, DB_DROPPED, buffer_text(&name), TEXT(""), err);
}

static enum status key_remove(struct catalog_txn *txn, struct buffer *key, struct error *err)
{
	bool found;
	return store_delete(txn, DB_DROPPED, buffer_text(key), &found, err);
}

enum status dropped_remove(
	struct catalog_txn *txn, const Tenon__Store__V1__DroppedRecord *record, struct error *err)
{
	struct buffer SCOPED_BUFFER key = {0};
	struct buffer SCOPED_BUFFER queue = {0};
	struct buffer SCOPED_BUFFER name = {0};
	struct buffer SCOPED_BUFFER table = {0};
	struct buffer SCOPED_BUFFER member = {0};
	dropped_key_of(&key, DROPPED_RECORD, record->drop_id);
	TRY(key_remove(txn, &key, err));
	dropped_key_of(&queue, DROPPED_QUEUE, record->drop_id);
	TRY(key_remove(txn, &queue, err));
	name_key_of(&name, record);
	TRY(key_remove(txn, &name, err));
	if (record->table) {
		dropped_key_of(&table, DROPPED_TABLE, record->table->id);
		TRY(key_remove(txn, &table, err));
	}
	if (!record->within)
		return STATUS_OK;
	member_key_of(&member, record);
	return key_remove(txn, &member, err);
}

enum status dropped_condemn(
	struct catalog_txn *txn, Tenon__Store__V1__DroppedRecord *record, struct error *err)
{
	struct buffer SCOPED_BUFFER name = {0};
	record->purging = true;
	name_key_of(&name, record);
	TRY(key_remove(txn, &name, err));
	return record_write(txn, record, err);
}

enum status dropped_read(struct catalog_txn *txn, uint64_t drop_id, struct arena *arena,
	Tenon__Store__V1__DroppedRecord **record_out, struct error *err)
{
	struct buffer SCOPED_BUFFER key = {0};
	void *found;
	dropped_key_of(&key, DROPPED_RECORD, drop_id);
	TRY(store_message(txn, DB_DROPPED, buffer_text(&key),
		&tenon__store__v1__dropped_record__descriptor, arena, &found, err));
	Tenon__Store__V1__DroppedRecord *record = found;
	if (record && !record->table && !record->database)
		return fail(
			err, STATUS_DATA_LOSS, "the record of drop %" PRIu64 " is empty", drop_id);
	*record_out = record;
	return STATUS_OK;
}

/* The last drop of this name; 0: none. */
static enum status last_of(struct catalog_txn *txn, struct text database, struct text table,
	uint64_t *drop_id_out, struct error *err)
{
	struct buffer SCOPED_BUFFER prefix = {0};
	bool found;
	struct text key;
	struct text value;
	OWNED(scan) scan = NULL;
	*drop_id_out = 0;
	dropped_name_key(&prefix, database, table);
	TRY(scan_open(txn, DB_DROPPED, buffer_text(&prefix), TEXT(""), &scan, err));
	TRY(scan_next(scan, &found, &key, &value, err));
	struct text rest = found ? text_from(key, prefix.length) : TEXT("");
	if (rest.length == 8)
		*drop_id_out = ~key_u64(rest.at);
	return STATUS_OK;
}

static bool is_of(
	const Tenon__Store__V1__DroppedRecord *record, struct text database, struct text table)
{
	const char *in = record->table ? record->table->database : record->database->name;
	return text_equal(text_of(in), database) &&
	       text_equal(text_of(record->table ? record->table->name : ""), table);
}

enum status dropped_find(struct catalog_txn *txn, struct text database, struct text table,
	uint64_t drop_id, struct arena *arena, Tenon__Store__V1__DroppedRecord **record_out,
	struct error *err)
{
	Tenon__Store__V1__DroppedRecord *record = NULL;
	if (!drop_id)
		TRY(last_of(txn, database, table, &drop_id, err));
	if (drop_id)
		TRY(dropped_read(txn, drop_id, arena, &record, err));
	*record_out = record;
	if (record && !record->purging && is_of(record, database, table))
		return STATUS_OK;
	if (table.length)
		return fail(err, STATUS_NOT_FOUND, "no dropped table '%.*s.%.*s' can be had back",
			TEXT_ARG(database), TEXT_ARG(table));
	return fail(err, STATUS_NOT_FOUND, "no dropped database '%.*s' can be had back",
		TEXT_ARG(database));
}

enum status table_or_dropped(struct catalog_txn *txn, uint64_t id, struct arena *arena,
	Tenon__V1__Table **table_out, bool *purging_out, struct error *err)
{
	struct buffer SCOPED_BUFFER key = {0};
	char bytes[8];
	void *table;
	bool found;
	struct text value;
	Tenon__Store__V1__DroppedRecord *record = NULL;
	*purging_out = false;
	TRY(store_message(txn, DB_TABLES, key_u64_text(id, bytes), &tenon__v1__table__descriptor,
		arena, &table, err));
	*table_out = table;
	if (table)
		return STATUS_OK;
	dropped_key_of(&key, DROPPED_TABLE, id);
	TRY(store_find(txn, DB_DROPPED, buffer_text(&key), &found, &value, err));
	if (found && value.length == 8)
		TRY(dropped_read(txn, key_u64(value.at), arena, &record, err));
	if (record) {
		*table_out = record->table;
		*purging_out = record->purging;
	}
	return STATUS_OK;
}
