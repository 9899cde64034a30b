#include "catalog/table_change.h"

#include "catalog/feed.h"
#include "catalog/feed_kinds.h"
#include "catalog/field_diff.h"
#include "catalog/search_index.h"
#include "catalog/statistics.h"
#include "catalog/table.h"

#include <assert.h>

static enum status feed_of(struct catalog_txn *txn, const struct table_change *change,
	struct arena *arena, struct error *err)
{
	const Tenon__V1__Table *table = change->after ? change->after : change->before;
	Tenon__Store__V1__ChangeRecord record = TENON__STORE__V1__CHANGE_RECORD__INIT;
	assert(table && "a change has what was before, what is after, or both");
	assert(feed_kind_is_one(change->kind) && "else no filter could ask for it");
	record.kind = arena_text(arena, text_of(change->kind));
	record.database = table->database;
	record.table = table->name;
	record.table_id = table->id;
	record.version = table->version;
	if (change->before && change->after &&
		(strcmp(change->before->name, table->name) != 0 ||
			strcmp(change->before->database, table->database) != 0))
		record.before_name = arena_printf(
			arena, "%s.%s", change->before->database, change->before->name);
	if (change->changes) {
		const char *severity = severity_name(changes_severity(change->changes));
		record.severity = arena_text(arena, text_of(severity));
		record.n_changes = change->changes->count;
		record.changes = changes_pack(arena, change->changes);
	}
	field_diff(arena, change->before, change->after, &record.fields, &record.n_fields);
	return feed_append(txn, &record, err);
}

enum status table_changed(struct catalog_txn *txn, const struct table_change *change,
	struct arena *arena, struct error *err)
{
	TRY(search_index_change(txn, change->before, change->after, err));
	if (change->before && change->after)
		TRY(statistics_forget_columns(txn, change->before, change->after, arena, err));
	return feed_of(txn, change, arena, err);
}

enum status table_note(struct catalog_txn *txn, const char *kind, const Tenon__V1__Table *table,
	const ProtobufCMessage *before, const ProtobufCMessage *after, struct error *err)
{
	OWNED(arena) arena = arena_new();
	struct feed_change change = {
		.kind = kind,
		.resource = arena_printf(arena, "table/%s/%s", table->database, table->name),
		.database = table->database,
		.before = before,
		.after = after,
	};
	return feed_note(txn, &change, err);
}

enum status table_note_field(struct catalog_txn *txn, const char *kind,
	const Tenon__V1__Table *table, const char *path, const char *before, const char *after,
	struct error *err)
{
	OWNED(arena) arena = arena_new();
	Tenon__Store__V1__ChangeRecord record = TENON__STORE__V1__CHANGE_RECORD__INIT;
	Tenon__V1__FieldChange field = TENON__V1__FIELD_CHANGE__INIT;
	Tenon__V1__FieldChange *fields[] = {&field};
	assert(feed_kind_is_one(kind) && "else no filter could ask for it");
	field.path = arena_text(arena, text_of(path));
	field.before = arena_text(arena, text_of(before));
	field.after = arena_text(arena, text_of(after));
	record.kind = arena_text(arena, text_of(kind));
	record.database = table->database;
	record.table = table->name;
	record.table_id = table->id;
	record.version = table->version;
	record.fields = fields;
	record.n_fields = 1;
	return feed_append(txn, &record, err);
}
