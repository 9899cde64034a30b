#include "catalog/conflicts.h"

#include "base/clock.h"
#include "base/memory.h"
#include "catalog/field_diff.h"
#include "catalog/field_path.h"
#include "catalog/key.h"
#include "catalog/listing.h"
#include "catalog/names.h"
#include "catalog/sight.h"
#include "catalog/store.h"
#include "catalog/table.h"
#include "catalog/table_change.h"
#include "proto/wire.h"
#include "tenon/store/v1/conflicts.pb-c.h"

#include <string.h>

#define DESCRIPTOR &tenon__store__v1__conflict_record__descriptor

static enum status key_make(struct buffer *key, uint64_t id, struct text path, struct error *err)
{
	key_init(key);
	key_add_u64(key, id);
	buffer_add_text(key, path);
	return buffer_check(key, "a conflict's path", err);
}

/* With its key; NULL when there is none. */
static enum status find(struct catalog_txn *txn, uint64_t id, struct text path, struct buffer *key,
	struct arena *arena, Tenon__Store__V1__ConflictRecord **record_out, struct error *err)
{
	void *found;
	TRY(key_make(key, id, path, err));
	TRY(store_message(txn, DB_CONFLICTS, buffer_text(key), DESCRIPTOR, arena, &found, err));
	*record_out = found;
	return STATUS_OK;
}

static Tenon__Store__V1__ConflictRecord *record_of(struct arena *arena,
	const struct conflict *conflict, const Tenon__Store__V1__ConflictRecord *before,
	const char *run_id)
{
	Tenon__Store__V1__ConflictRecord *record = arena_alloc(arena, sizeof *record);
	Tenon__V1__Conflict *made = arena_alloc(arena, sizeof *made);
	const Tenon__V1__Conflict *old = before ? before->conflict : NULL;
	tenon__store__v1__conflict_record__init(record);
	tenon__v1__conflict__init(made);
	record->conflict = made;
	made->path = arena_text(arena, text_of(conflict->path));
	made->kept = arena_text(arena, text_of(conflict->kept));
	made->found = arena_text(arena, text_of(conflict->found));
	made->ownership = conflict->owner->ownership;
	made->author = arena_text(arena, text_of(conflict->owner->author));
	made->run_id = arena_text(arena, text_of(run_id));
	made->last_time_us = clock_now_us();
	made->first_time_us = old ? old->first_time_us : made->last_time_us;
	made->times = (old ? old->times : 0) + 1;
	/* Settled is what was found, not the field for ever. */
	record->settled = old && before->settled && strcmp(old->found, made->found) == 0;
	return record;
}

static enum status put(struct catalog_txn *txn, const Tenon__V1__Table *table, const char *run_id,
	const struct conflict *conflict, struct error *err)
{
	OWNED(arena) arena = arena_new();
	struct buffer SCOPED_BUFFER key = {0};
	Tenon__Store__V1__ConflictRecord *before;
	TRY(find(txn, table->id, text_of(conflict->path), &key, arena, &before, err));
	const Tenon__V1__Conflict *old = before ? before->conflict : NULL;
	Tenon__Store__V1__ConflictRecord *record = record_of(arena, conflict, before, run_id);
	TRY(store_put_message(txn, DB_CONFLICTS, buffer_text(&key), &record->base, err));
	/* That it was seen once more is no news. */
	if (old && strcmp(old->found, conflict->found) == 0 &&
		strcmp(old->kept, conflict->kept) == 0)
		return STATUS_OK;
	return table_note(
		txn, "conflict_put", table, old ? &old->base : NULL, &record->conflict->base, err);
}

static bool is_among(const struct conflict *conflicts, size_t count, struct text path)
{
	for (size_t i = 0; i < count; i++) {
		if (text_equal(text_of(conflicts[i].path), path))
			return true;
	}
	return false;
}

/* The paths of a table, for nothing may be written while a scan is open. */
static enum status paths_of(struct catalog_txn *txn, uint64_t id, struct arena *arena,
	struct text **paths_out, size_t *count_out, struct error *err)
{
	OWNED(scan) scan = NULL;
	char bytes[8];
	struct text *paths = NULL;
	size_t count = 0;
	size_t capacity = 0;
	TRY(scan_open(txn, DB_CONFLICTS, key_u64_text(id, bytes), TEXT(""), &scan, err));
	for (;;) {
		bool found;
		struct text key;
		struct text value;
		TRY(scan_next(scan, &found, &key, &value, err));
		if (!found)
			break;
		size_t wanted = memory_grown(capacity, count + 1);
		if (wanted != capacity)
			paths = arena_grow(arena, paths, count, wanted, sizeof *paths);
		capacity = wanted;
		paths[count++] = arena_copy(arena, text_from(key, 8));
	}
	*paths_out = paths;
	*count_out = count;
	return STATUS_OK;
}

static enum status forget(
	struct catalog_txn *txn, const Tenon__V1__Table *table, struct text path, struct error *err)
{
	OWNED(arena) arena = arena_new();
	struct buffer SCOPED_BUFFER key = {0};
	Tenon__Store__V1__ConflictRecord *record;
	bool found;
	TRY(find(txn, table->id, path, &key, arena, &record, err));
	TRY(store_delete(txn, DB_CONFLICTS, buffer_text(&key), &found, err));
	if (!record || !record->conflict)
		return STATUS_OK;
	return table_note(txn, "conflict_deleted", table, &record->conflict->base, NULL, err);
}

enum status conflicts_found(struct catalog_txn *txn, const Tenon__V1__Table *table,
	const char *run_id, const struct conflict *conflicts, size_t count, struct error *err)
{
	OWNED(arena) arena = arena_new();
	struct text *paths;
	size_t paths_count;
	TRY(paths_of(txn, table->id, arena, &paths, &paths_count, err));
	for (size_t i = 0; i < paths_count; i++) {
		if (!is_among(conflicts, count, paths[i]))
			TRY(forget(txn, table, paths[i], err));
	}
	for (size_t i = 0; i < count; i++)
		TRY(put(txn, table, run_id, &conflicts[i], err));
	return STATUS_OK;
}

static enum status follow(struct catalog_txn *txn, const Tenon__V1__Table *table,
	const Tenon__V1__FieldChange *change, struct text path, struct error *err)
{
	OWNED(arena) arena = arena_new();
	struct buffer SCOPED_BUFFER key = {0};
	Tenon__Store__V1__ConflictRecord *record;
	TRY(find(txn, table->id, path, &key, arena, &record, err));
	if (!record || !record->conflict)
		return STATUS_OK;
	if (strcmp(record->conflict->found, change->after) == 0)
		return forget(txn, table, path, err);
	record->conflict->kept = change->after;
	return store_put_message(txn, DB_CONFLICTS, buffer_text(&key), &record->base, err);
}

enum status conflicts_follow(struct catalog_txn *txn, const Tenon__V1__Table *before,
	const Tenon__V1__Table *after, struct error *err)
{
	OWNED(arena) arena = arena_new();
	struct field_pair pair = {
		.before = &before->base, .after = &after->base, .columns = true, .whole = true};
	Tenon__V1__FieldChange **changes;
	struct text *paths;
	size_t count;
	TRY(paths_of(txn, after->id, arena, &paths, &count, err));
	if (count == 0)
		return STATUS_OK;
	field_diff_any(arena, &pair, &changes, &count);
	for (size_t i = 0; i < count; i++)
		TRY(follow(
			txn, after, changes[i], field_path_short(text_of(changes[i]->path)), err));
	return STATUS_OK;
}

/* ---- listing ---- */

struct conflicts_asked {
	struct text database; /* folded; empty: all */
	Tenon__V1__Table **last; /* the table read last: a table's conflicts stand together */
};

/* Its table, or NULL when that was dropped. */
static enum status table_of(struct catalog_txn *txn, uint64_t id, Tenon__V1__Table **last,
	struct arena *arena, struct error *err)
{
	if (*last && (*last)->id == id)
		return STATUS_OK;
	*last = NULL;
	enum status status = table_read(txn, id, arena, last, err);
	return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

static enum status conflict_item(struct catalog_txn *txn, const struct listing *listing,
	struct text key, struct text value, struct arena *arena, void **item_out, struct error *err)
{
	const struct conflicts_asked *asked = listing->asked;
	void *record;
	TRY(store_unpack(value, DESCRIPTOR, arena, &record, err));
	Tenon__V1__Conflict *conflict = ((Tenon__Store__V1__ConflictRecord *)record)->conflict;
	if (!conflict || ((Tenon__Store__V1__ConflictRecord *)record)->settled)
		return STATUS_OK;
	TRY(table_of(txn, key_u64(key.at), asked->last, arena, err));
	const Tenon__V1__Table *table = *asked->last;
	if (!table || !sees_table(txn, text_of(table->database), text_of(table->name)))
		return STATUS_OK;
	if (asked->database.length && !text_equal(text_of(table->database), asked->database))
		return STATUS_OK;
	conflict->database = table->database;
	conflict->table = table->name;
	*item_out = conflict;
	return STATUS_OK;
}

enum status conflicts_list(struct catalog_txn *txn, const Tenon__V1__ListConflictsRequest *request,
	size_t limit, struct arena *arena, Tenon__V1__Conflict ***conflicts_out, size_t *count_out,
	struct text *next_out, struct error *err)
{
	Tenon__V1__Table *last = NULL;
	struct conflicts_asked asked = {.database = TEXT(""), .last = &last};
	struct page page;
	uint64_t id;
	char bytes[8];
	struct text prefix = TEXT("");
	if (*request->table && !*request->database)
		return fail(err, STATUS_INVALID_ARGUMENT,
			"table '%.255s' stands without its database: name both", request->table);
	if (*request->database)
		TRY(name_fold(
			arena, text_of(request->database), "database name", &asked.database, err));
	if (*request->table) {
		TRY(table_find_named(
			txn, text_of(request->database), text_of(request->table), &id, err));
		prefix = key_u64_text(id, bytes);
	}
	const char *context = arena_printf(arena, "%s/%s", request->database, request->table);
	const struct listing listing = {
		DB_CONFLICTS, prefix, TOKEN_CONFLICTS, text_of(context), conflict_item, &asked};
	TRY(listing_page(txn, &listing, text_of(request->page_token), limit, arena, &page, err));
	*conflicts_out = (Tenon__V1__Conflict **)page.items;
	*count_out = page.count;
	*next_out = page.next;
	return STATUS_OK;
}

/* ---- resolving ---- */

static enum status settle(
	struct catalog_txn *txn, const Tenon__V1__Table *table, struct text path, struct error *err)
{
	OWNED(arena) arena = arena_new();
	struct buffer SCOPED_BUFFER key = {0};
	Tenon__Store__V1__ConflictRecord *record;
	TRY(find(txn, table->id, path, &key, arena, &record, err));
	if (!record || !record->conflict || record->settled)
		return STATUS_OK;
	record->settled = true;
	TRY(store_put_message(txn, DB_CONFLICTS, buffer_text(&key), &record->base, err));
	return table_note(txn, "conflict_deleted", table, &record->conflict->base, NULL, err);
}

/* A column that the data do not have goes when that is taken. */
static bool column_drop(struct arena *arena, Tenon__V1__Table *table, struct text path)
{
	struct text name;
	if (!table->storage || !field_path_column_type(path, &name))
		return false;
	Tenon__V1__StorageDescriptor *storage = arena_alloc(arena, sizeof *storage);
	*storage = *table->storage;
	storage->columns = arena_array(arena, storage->n_columns, sizeof *storage->columns);
	storage->n_columns = 0;
	for (size_t i = 0; i < table->storage->n_columns; i++) {
		Tenon__V1__Column *column = table->storage->columns[i];
		if (!text_equal_folded(text_of(column->name), name))
			storage->columns[storage->n_columns++] = column;
	}
	table->storage = storage;
	return true;
}

static enum status take(struct catalog_txn *txn, Tenon__V1__Table *table, struct text path,
	struct arena *arena, struct error *err)
{
	struct buffer SCOPED_BUFFER key = {0};
	Tenon__Store__V1__ConflictRecord *record;
	TRY(find(txn, table->id, path, &key, arena, &record, err));
	if (!record || !record->conflict)
		return STATUS_OK;
	struct text value = text_of(record->conflict->found);
	if (value.length == 0 && column_drop(arena, table, path))
		return STATUS_OK;
	return field_set(arena, table, path, value, err);
}

static enum status is_settled(struct catalog_txn *txn, uint64_t id, struct text path,
	struct arena *arena, bool *settled_out, struct error *err)
{
	struct buffer SCOPED_BUFFER key = {0};
	void *found;
	TRY(key_make(&key, id, path, err));
	TRY(store_message(txn, DB_CONFLICTS, buffer_text(&key), DESCRIPTOR, arena, &found, err));
	const Tenon__Store__V1__ConflictRecord *record = found;
	*settled_out = record && record->settled;
	return STATUS_OK;
}

/* Every one that is listed; or the one that is named, also when it was settled before. */
static enum status chosen(struct catalog_txn *txn, const Tenon__V1__ResolveConflictRequest *request,
	uint64_t id, struct arena *arena, struct text **paths_out, size_t *count_out,
	struct error *err)
{
	struct text wanted = field_path_short(text_of(request->path));
	struct text *paths;
	size_t count;
	size_t kept = 0;
	TRY(paths_of(txn, id, arena, &paths, &count, err));
	for (size_t i = 0; i < count; i++) {
		bool settled = false;
		if (wanted.length == 0)
			TRY(is_settled(txn, id, paths[i], arena, &settled, err));
		else if (!text_equal_folded(paths[i], wanted))
			continue;
		if (!settled)
			paths[kept++] = paths[i];
	}
	if (kept == 0)
		return fail(err, STATUS_NOT_FOUND,
			"table '%.255s.%.255s' has no conflict%s%.255s%s", request->database,
			request->table, wanted.length ? " about '" : "", request->path,
			wanted.length ? "'" : "");
	*paths_out = paths;
	*count_out = kept;
	return STATUS_OK;
}

enum status conflict_resolve(struct catalog_txn *txn,
	const Tenon__V1__ResolveConflictRequest *request, struct arena *arena,
	Tenon__V1__Table **table_out, uint32_t *resolved_out, struct error *err)
{
	Tenon__V1__Table *table;
	struct text *paths;
	size_t count;
	TRY(table_get(
		txn, text_of(request->database), text_of(request->table), arena, &table, err));
	TRY(chosen(txn, request, table->id, arena, &paths, &count, err));
	*table_out = table;
	*resolved_out = (uint32_t)count;
	if (!request->take) {
		for (size_t i = 0; i < count; i++)
			TRY(settle(txn, table, paths[i], err));
		return STATUS_OK;
	}
	Tenon__V1__Table after = *table;
	for (size_t i = 0; i < count; i++)
		TRY(take(txn, &after, paths[i], arena, err));
	TRY(table_update_inferred(txn, &after, arena, table_out, err));
	for (size_t i = 0; i < count; i++)
		TRY(forget(txn, *table_out, paths[i], err));
	return STATUS_OK;
}

enum status conflicts_forget(struct catalog_txn *txn, uint64_t id, struct error *err)
{
	char bytes[8];
	uint64_t gone;
	return store_delete_prefix(txn, DB_CONFLICTS, key_u64_text(id, bytes), &gone, err);
}
