#include "base/clock.h"
#include "catalog/databases.h"
#include "catalog/dropped.h"
#include "catalog/dropped_record.h"
#include "catalog/functions.h"
#include "catalog/key.h"
#include "catalog/names.h"
#include "catalog/store.h"
#include "catalog/tags.h"

/* Databases that are dropped with what is in them, and come back with it. */

enum { HANDFUL = 64 };

/* A handful at a time: dropping moves what a scan stands on. */
static enum status tables_drop(
	struct catalog_txn *txn, struct text folded, uint64_t drop_id, struct error *err)
{
	size_t count = HANDFUL;
	while (count == HANDFUL) {
		OWNED(arena) arena = arena_new();
		Tenon__V1__Table **tables;
		struct text next;
		TRY(table_list(txn, folded, (struct text){"", 0}, HANDFUL, true, arena, &tables,
			&count, &next, err));
		for (size_t i = 0; i < count; i++)
			TRY(table_drop(txn, folded, text_of(tables[i]->name), drop_id, err));
		if (next.length)
			count = HANDFUL; /* a page may be cut short by its bytes */
	}
	return STATUS_OK;
}

static enum status functions_drop(
	struct catalog_txn *txn, struct text folded, uint64_t drop_id, struct error *err)
{
	size_t count = 1;
	while (count) {
		OWNED(arena) arena = arena_new();
		Tenon__V1__Function **functions;
		TRY(functions_take(txn, folded, arena, &functions, &count, err));
		for (size_t i = 0; i < count; i++) {
			struct buffer SCOPED_BUFFER key = {0};
			dropped_key_of(&key, DROPPED_FUNCTION, drop_id);
			buffer_add_string(&key, functions[i]->name);
			TRY(store_put_message(
				txn, DB_DROPPED, buffer_text(&key), &functions[i]->base, err));
		}
	}
	return STATUS_OK;
}

static enum status files_forget(struct catalog_txn *txn, struct text folded, struct error *err)
{
	struct buffer SCOPED_BUFFER key = {0};
	uint64_t count;
	key_init(&key);
	key_add_part(&key, folded);
	return store_delete_prefix(txn, DB_FILES, buffer_text(&key), &count, err);
}

enum status database_delete(
	struct catalog_txn *txn, struct text name, bool cascade, struct error *err)
{
	OWNED(arena) arena = arena_new();
	Tenon__Store__V1__DroppedRecord record = TENON__STORE__V1__DROPPED_RECORD__INIT;
	struct text folded;
	bool found;
	TRY(name_fold(arena, name, "database name", &folded, err));
	TRY(database_read(txn, folded, arena, &record.database, err));
	if (record.database->table_count && !cascade)
		return fail(err, STATUS_FAILED_PRECONDITION,
			"database '%s' has %llu tables: drop them first, or ask to cascade "
			"(--cascade)",
			record.database->name, (unsigned long long)record.database->table_count);
	TRY(store_next(txn, "drop", &record.drop_id, err));
	record.time_us = clock_now_us();
	record.author = arena_text(arena, text_of(txn->author.name));
	TRY(tables_drop(txn, folded, record.drop_id, err));
	TRY(functions_drop(txn, folded, record.drop_id, err));
	TRY(tags_take(txn, "database", folded, arena, &record.tags, err));
	TRY(files_forget(txn, folded, err));
	TRY(store_delete(txn, DB_DATABASES, folded, &found, err));
	TRY(dropped_put(txn, &record, err));
	return database_note(txn, "database_deleted", record.database, NULL, err);
}

/* The next drops of tables that went with it, in the arena; none at the end. */
static enum status members_take(struct catalog_txn *txn, uint64_t drop_id, struct arena *arena,
	uint64_t **members_out, size_t *count_out, struct error *err)
{
	struct buffer SCOPED_BUFFER prefix = {0};
	uint64_t *members = arena_array(arena, HANDFUL, sizeof *members);
	size_t count = 0;
	OWNED(scan) scan = NULL;
	dropped_key_of(&prefix, DROPPED_MEMBER, drop_id);
	TRY(scan_open(txn, DB_DROPPED, buffer_text(&prefix), TEXT(""), &scan, err));
	while (count < HANDFUL) {
		bool found;
		struct text key;
		struct text value;
		TRY(scan_next(scan, &found, &key, &value, err));
		if (!found)
			break;
		struct text id = text_from(key, prefix.length);
		if (id.length == 8)
			members[count++] = key_u64(id.at);
	}
	*members_out = members;
	*count_out = count;
	return STATUS_OK;
}

static enum status tables_back(struct catalog_txn *txn, uint64_t drop_id, struct text database,
	uint64_t *tables_out, struct error *err)
{
	size_t count = 1;
	*tables_out = 0;
	while (count) {
		OWNED(arena) arena = arena_new();
		uint64_t *members;
		TRY(members_take(txn, drop_id, arena, &members, &count, err));
		for (size_t i = 0; i < count; i++) {
			Tenon__Store__V1__DroppedRecord *record;
			TRY(dropped_read(txn, members[i], arena, &record, err));
			if (!record || !record->table)
				return fail(err, STATUS_DATA_LOSS,
					"a table that was dropped with database '%.*s' is gone",
					TEXT_ARG(database));
			TRY(dropped_remove(txn, record, err));
			record->table->database = arena_text(arena, database);
			TRY(table_back(txn, record, arena, err));
			++*tables_out;
		}
	}
	return STATUS_OK;
}

static enum status functions_back(
	struct catalog_txn *txn, uint64_t drop_id, struct text database, struct error *err)
{
	struct buffer SCOPED_BUFFER prefix = {0};
	dropped_key_of(&prefix, DROPPED_FUNCTION, drop_id);
	for (;;) {
		OWNED(arena) arena = arena_new();
		OWNED(scan) scan = NULL;
		bool found;
		struct text key;
		struct text value;
		void *message;
		TRY(scan_open(txn, DB_DROPPED, buffer_text(&prefix), TEXT(""), &scan, err));
		TRY(scan_next(scan, &found, &key, &value, err));
		if (!found)
			return STATUS_OK;
		TRY(store_unpack(value, &tenon__v1__function__descriptor, arena, &message, err));
		key = arena_copy(arena, key);
		scan_free(TAKE(scan));
		Tenon__V1__Function *function = message;
		function->database = arena_text(arena, database);
		TRY(store_delete(txn, DB_DROPPED, key, &found, err));
		TRY(function_keep(txn, function, err));
	}
}

enum status database_undrop(struct catalog_txn *txn, struct text name, uint64_t drop_id,
	struct text new_name, struct arena *arena, Tenon__V1__Database **database_out,
	uint64_t *tables_out, struct error *err)
{
	struct text was;
	struct text is;
	Tenon__Store__V1__DroppedRecord *record;
	bool taken;
	struct text value;
	TRY(name_fold(arena, name, "database name", &was, err));
	TRY(name_fold(arena, new_name.length ? new_name : name, "new database name", &is, err));
	TRY(dropped_find(txn, was, TEXT(""), drop_id, arena, &record, err));
	TRY(store_find(txn, DB_DATABASES, is, &taken, &value, err));
	if (taken)
		return fail(err, STATUS_ALREADY_EXISTS,
			"database '%.*s' exists already: give a new name (--as) to have the "
			"dropped one back",
			TEXT_ARG(is));
	TRY(dropped_remove(txn, record, err));
	Tenon__V1__Database *database = record->database;
	database->name = arena_text(arena, is);
	database->table_count = 0;
	TRY(store_put_message(txn, DB_DATABASES, is, &database->base, err));
	TRY(database_note(txn, "database_undropped", NULL, database, err));
	if (record->tags)
		TRY(tags_keep(txn, "database", is, record->tags, err));
	TRY(functions_back(txn, record->drop_id, is, err));
	TRY(tables_back(txn, record->drop_id, is, tables_out, err));
	return database_read(txn, is, arena, database_out, err);
}
