#include "catalog/version_keep.h"

#include "base/clock.h"
#include "catalog/feed.h"
#include "catalog/key.h"
#include "catalog/names.h"
#include "catalog/store.h"
#include "catalog/table.h"
#include "catalog/table_change.h"
#include "catalog/version_store.h"

#include <inttypes.h>

static enum status table_named(struct catalog_txn *txn, struct text database, struct text name,
	struct arena *arena, Tenon__V1__Table **table_out, struct error *err)
{
	uint64_t id;
	TRY(table_find_named(txn, database, name, &id, err));
	return table_read(txn, id, arena, table_out, err);
}

static enum status version_named(struct catalog_txn *txn, const Tenon__V1__Table *table,
	uint64_t version, struct arena *arena, Tenon__V1__TableVersion **version_out,
	struct error *err)
{
	TRY(version_find(txn, table->id, version, false, arena, version_out, err));
	if (!*version_out)
		return fail(err, STATUS_NOT_FOUND, "table '%s.%s' has no version %" PRIu64,
			table->database, table->name, version);
	return STATUS_OK;
}

static enum status label_is_free(struct catalog_txn *txn, const Tenon__V1__Table *table,
	uint64_t version, struct text label, struct error *err)
{
	char prefix[8];
	OWNED(arena) arena = arena_new();
	OWNED(scan) scan = NULL;
	TRY(scan_open(txn, DB_PINS, key_u64_text(table->id, prefix), TEXT(""), &scan, err));
	for (;;) {
		bool found;
		struct text key;
		struct text value;
		void *pin;
		arena_reset(arena);
		TRY(scan_next(scan, &found, &key, &value, err));
		if (!found)
			return STATUS_OK;
		TRY(store_unpack(
			value, &tenon__store__v1__pin_record__descriptor, arena, &pin, err));
		const Tenon__Store__V1__PinRecord *record = pin;
		uint64_t other = key.length == 16 ? key_u64(key.at + 8) : 0;
		if (other != version && text_equal(text_of(record->label), label))
			return fail(err, STATUS_ALREADY_EXISTS,
				"version %" PRIu64 " of table '%s.%s' has the label '%.*s' already",
				other, table->database, table->name, TEXT_ARG(label));
	}
}

enum status version_pin(struct catalog_txn *txn, struct text database, struct text name,
	uint64_t version, struct text label, struct arena *arena,
	Tenon__V1__TableVersion **version_out, struct error *err)
{
	Tenon__V1__Table *table;
	Tenon__V1__TableVersion *found;
	Tenon__Store__V1__PinRecord record = TENON__STORE__V1__PIN_RECORD__INIT;
	struct buffer SCOPED_BUFFER key = {0};
	TRY(table_named(txn, database, name, arena, &table, err));
	TRY(version_named(txn, table, version, arena, &found, err));
	if (label.length)
		TRY(name_check(label, "label", err));
	*version_out = found;
	if (found->pinned && text_equal(text_of(found->label), label))
		return STATUS_OK;
	if (label.length)
		TRY(label_is_free(txn, table, version, label, err));
	const char *path = arena_printf(arena, "versions.%" PRIu64 ".pinned", version);
	const char *was = !found->pinned ? "" : found->label[0] ? found->label : "pinned";
	record.label = arena_text(arena, label);
	record.author = arena_text(arena, text_of(txn->author.name));
	record.time_us = clock_now_us();
	version_key(&key, table->id, version);
	TRY(store_put_message(txn, DB_PINS, buffer_text(&key), &record.base, err));
	TRY(table_note_field(txn, "version_pinned", table, path, was,
		label.length ? record.label : "pinned", err));
	found->pinned = true;
	found->label = record.label;
	return STATUS_OK;
}

enum status version_unpin(struct catalog_txn *txn, struct text database, struct text name,
	uint64_t version, struct arena *arena, Tenon__V1__TableVersion **version_out,
	struct error *err)
{
	Tenon__V1__Table *table;
	Tenon__V1__TableVersion *found;
	struct buffer SCOPED_BUFFER key = {0};
	bool was;
	TRY(table_named(txn, database, name, arena, &table, err));
	TRY(version_named(txn, table, version, arena, &found, err));
	*version_out = found;
	if (!found->pinned)
		return STATUS_OK;
	const char *path = arena_printf(arena, "versions.%" PRIu64 ".pinned", version);
	version_key(&key, table->id, version);
	TRY(store_delete(txn, DB_PINS, buffer_text(&key), &was, err));
	TRY(table_note_field(txn, "version_unpinned", table, path,
		found->label[0] ? found->label : "pinned", "", err));
	found->pinned = false;
	found->label = arena_text(arena, TEXT(""));
	return STATUS_OK;
}

enum status version_delete(struct catalog_txn *txn, struct text database, struct text name,
	uint64_t version, struct error *err)
{
	OWNED(arena) arena = arena_new();
	Tenon__V1__Table *table;
	Tenon__V1__TableVersion *found;
	bool was;
	TRY(table_named(txn, database, name, arena, &table, err));
	TRY(version_named(txn, table, version, arena, &found, err));
	if (version == table->version)
		return fail(err, STATUS_INVALID_ARGUMENT,
			"version %" PRIu64 " is the current one of table '%s.%s': it cannot be "
			"deleted",
			version, table->database, table->name);
	if (found->pinned)
		return fail(err, STATUS_FAILED_PRECONDITION,
			"version %" PRIu64 " of table '%s.%s' is pinned: unpin it first", version,
			table->database, table->name);
	TRY(version_remove(txn, table->id, version, &was, err));
	const char *number = arena_printf(arena, "%" PRIu64, version);
	return table_note_field(txn, "versions_deleted", table, "versions", number, "", err);
}

enum status version_skip(struct catalog_txn *txn, const Tenon__V1__Table *table, struct error *err)
{
	OWNED(arena) arena = arena_new();
	Tenon__V1__TableVersion *before = NULL;
	bool was;
	if (table->version)
		TRY(version_find(txn, table->id, table->version - 1, false, arena, &before, err));
	if (!before || before->pinned)
		return STATUS_OK;
	return version_remove(txn, table->id, before->version, &was, err);
}

enum status pins_forget(struct catalog_txn *txn, uint64_t table, struct error *err)
{
	char bytes[8];
	struct text key = key_u64_text(table, bytes);
	uint64_t count;
	bool found;
	TRY(store_delete_prefix(txn, DB_PINS, key, &count, err));
	return store_delete(txn, DB_RETENTION, key, &found, err);
}

enum status retention_of(struct catalog_txn *txn, uint64_t table, struct arena *arena,
	Tenon__V1__Retention **retention_out, bool *own_out, struct error *err)
{
	char bytes[8];
	void *found = NULL;
	if (table)
		TRY(store_message(txn, DB_RETENTION, key_u64_text(table, bytes),
			&tenon__v1__retention__descriptor, arena, &found, err));
	*own_out = found != NULL;
	if (!found)
		TRY(store_message(txn, DB_RETENTION, key_u64_text(0, bytes),
			&tenon__v1__retention__descriptor, arena, &found, err));
	Tenon__V1__Retention *retention = found;
	if (!retention) {
		retention = arena_alloc(arena, sizeof *retention);
		tenon__v1__retention__init(retention);
		retention->dropped_s = RETENTION_DROPPED_S;
	}
	*retention_out = retention;
	return STATUS_OK;
}

enum status retention_get(struct catalog_txn *txn, struct text database, struct text name,
	struct arena *arena, Tenon__V1__Retention **retention_out, bool *own_out, struct error *err)
{
	uint64_t id = 0;
	if (database.length || name.length)
		TRY(table_find_named(txn, database, name, &id, err));
	return retention_of(txn, id, arena, retention_out, own_out, err);
}

static enum status retention_check(
	const Tenon__V1__Retention *retention, uint64_t table, struct error *err)
{
	if (retention->versions_s < 0 || retention->versions_s > LIMIT_RETENTION_S)
		return fail(err, STATUS_INVALID_ARGUMENT,
			"versions_s is %" PRId64 ": use 0 for ever, or up to %" PRId64,
			retention->versions_s, LIMIT_RETENTION_S);
	if (retention->dropped_s > LIMIT_RETENTION_S)
		return fail(err, STATUS_INVALID_ARGUMENT,
			"dropped_s is %" PRId64 ": use 0 for ever, or up to %" PRId64,
			retention->dropped_s, LIMIT_RETENTION_S);
	if (retention->feed_s > LIMIT_RETENTION_S || retention->audit_s > LIMIT_RETENTION_S)
		return fail(err, STATUS_INVALID_ARGUMENT,
			"feed_s is %" PRId64 " and audit_s is %" PRId64 ": use 0 for what tenond "
			"was told, up to %" PRId64 ", or -1 for ever",
			retention->feed_s, retention->audit_s, LIMIT_RETENTION_S);
	if (table && (retention->feed_s || retention->audit_s))
		return fail(err, STATUS_INVALID_ARGUMENT,
			"feed_s and audit_s hold for everything: say them without a table");
	if (table && retention->dropped_s)
		return fail(err, STATUS_INVALID_ARGUMENT,
			"dropped_s holds for all tables: say it without a table");
	return STATUS_OK;
}

int64_t retention_age_s(int64_t setting_s, int64_t told_s)
{
	return setting_s == 0 ? told_s : setting_s < 0 ? 0 : setting_s;
}

static char *shown(struct arena *arena, const Tenon__V1__Retention *retention)
{
	return arena_printf(arena,
		"versions %" PRIu64 ", versions_s %" PRId64 ", dropped_s %" PRId64
		", feed_s %" PRId64 ", audit_s %" PRId64,
		retention->versions, retention->versions_s, retention->dropped_s, retention->feed_s,
		retention->audit_s);
}

enum status retention_put(struct catalog_txn *txn, struct text database, struct text name,
	const Tenon__V1__Retention *retention, struct arena *arena, struct error *err)
{
	static char empty[] = "";
	Tenon__V1__Table of_all = TENON__V1__TABLE__INIT;
	Tenon__V1__Table *table = &of_all;
	Tenon__V1__Retention *before;
	bool own;
	bool found;
	char bytes[8];
	of_all.database = empty;
	of_all.name = empty;
	if (database.length || name.length)
		TRY(table_named(txn, database, name, arena, &table, err));
	if (retention)
		TRY(retention_check(retention, table->id, err));
	TRY(retention_of(txn, table->id, arena, &before, &own, err));
	struct text key = key_u64_text(table->id, bytes);
	if (retention)
		TRY(store_put_message(txn, DB_RETENTION, key, &retention->base, err));
	else
		TRY(store_delete(txn, DB_RETENTION, key, &found, err));
	return table_note_field(txn, "retention_put", table, "retention", shown(arena, before),
		retention ? shown(arena, retention) : "", err);
}
