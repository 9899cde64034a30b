#include "base/clock.h"
#include "catalog/key.h"
#include "catalog/page.h"
#include "catalog/store.h"
#include "catalog/table.h"
#include "catalog/tables.h"
#include "schema/diff.h"
#include "schema/notation.h"

static void version_key(struct buffer *key, uint64_t table, uint64_t version)
{
	key_init(key);
	key_add_u64(key, table);
	key_add_u64(key, version);
}

Tenon__V1__SchemaChange **changes_pack(struct arena *arena, const struct changes *changes)
{
	Tenon__V1__SchemaChange **packed = arena_array(arena, changes->count, sizeof *packed);
	for (size_t i = 0; i < changes->count; i++) {
		const struct change *change = &changes->at[i];
		Tenon__V1__SchemaChange *one = arena_alloc(arena, sizeof *one);
		tenon__v1__schema_change__init(one);
		one->kind = arena_text(arena, text_of(change_name(change->kind)));
		one->severity = arena_text(arena, text_of(severity_name(change->severity)));
		one->path = arena_text(arena, change->path);
		if (change->before)
			one->before = arena_text(arena, text_of(type_text(arena, change->before)));
		if (change->after)
			one->after = arena_text(arena, text_of(type_text(arena, change->after)));
		one->partition_key = change->is_key;
		packed[i] = one;
	}
	return packed;
}

enum status version_put(struct catalog_txn *txn, Tenon__V1__Table *table,
	const struct changes *changes, struct arena *arena, struct error *err)
{
	Tenon__V1__TableVersion version = TENON__V1__TABLE_VERSION__INIT;
	version.version = table->version;
	version.time_us = table->update_time_us;
	version.author = table->updated_by;
	version.reason = arena_text(arena, text_of(txn->author.reason));
	version.fingerprint = table->fingerprint;
	version.severity = arena_text(arena, text_of(severity_name(changes_severity(changes))));
	version.n_changes = changes->count;
	version.changes = changes_pack(arena, changes);
	version.table = table;
	Tenon__Store__V1__VersionRecord record = TENON__STORE__V1__VERSION_RECORD__INIT;
	record.version = &version;
	struct buffer SCOPED_BUFFER key = {0};
	version_key(&key, table->id, table->version);
	return store_put_message(txn, DB_VERSIONS, buffer_text(&key), &record.base, err);
}

/* *version_out NULL when there is none. */
static enum status version_find(struct catalog_txn *txn, uint64_t table, uint64_t version,
	struct arena *arena, Tenon__V1__TableVersion **version_out, struct error *err)
{
	struct buffer SCOPED_BUFFER key = {0};
	version_key(&key, table, version);
	void *found;
	TRY(store_message(txn, DB_VERSIONS, buffer_text(&key),
		&tenon__store__v1__version_record__descriptor, arena, &found, err));
	Tenon__Store__V1__VersionRecord *record = found;
	*version_out = record ? record->version : NULL;
	return STATUS_OK;
}

static enum status version_read(struct catalog_txn *txn, uint64_t table, uint64_t version,
	struct arena *arena, Tenon__V1__TableVersion **version_out, struct error *err)
{
	Tenon__V1__TableVersion *found;
	TRY(version_find(txn, table, version, arena, &found, err));
	if (!found)
		return fail(err, STATUS_NOT_FOUND, "the table has no version %llu",
			(unsigned long long)version);
	*version_out = found;
	return STATUS_OK;
}

enum status version_get(struct catalog_txn *txn, struct text database, struct text name,
	uint64_t version, struct arena *arena, Tenon__V1__TableVersion **version_out,
	struct error *err)
{
	uint64_t id;
	TRY(table_find_named(txn, database, name, &id, err));
	return version_read(txn, id, version, arena, version_out, err);
}

/* Versions are numbered without gaps but those retention leaves, so newest first
 * is counting down. */
enum status version_list(struct catalog_txn *txn, struct text database, struct text name,
	struct text token, size_t limit, bool with_tables, struct arena *arena,
	Tenon__V1__TableVersion ***versions_out, size_t *count_out, struct text *next_out,
	struct error *err)
{
	uint64_t id;
	Tenon__V1__Table *table;
	struct text last;
	char id_bytes[8];
	TRY(table_find_named(txn, database, name, &id, err));
	struct text context = key_u64_text(id, id_bytes);
	TRY(token_open(txn, TOKEN_VERSIONS, context, token, arena, &last, err));
	TRY(table_read(txn, id, arena, &table, err));
	uint64_t above = last.length == 8 ? key_u64(last.at) : table->version + 1;
	struct page page;
	page_init(&page, arena, limit);
	while (above-- > 0) {
		page.more = page_is_full(&page);
		if (page.more)
			break;
		char bytes[8];
		struct text key = key_u64_text(above, bytes);
		Tenon__V1__TableVersion *version;
		TRY(version_find(txn, id, above, arena, &version, err));
		if (version && !with_tables)
			version->table = NULL;
		if (version)
			page_add(&page, version, key);
		else
			page_skip(&page, key);
	}
	*versions_out = (Tenon__V1__TableVersion **)page.items;
	*count_out = page.count;
	*next_out = page_next(&page, txn, TOKEN_VERSIONS, context);
	return STATUS_OK;
}

enum status version_diff(struct catalog_txn *txn, struct text database, struct text name,
	uint64_t from, uint64_t to, struct arena *arena,
	Tenon__V1__DiffTableVersionsResponse **diff_out, struct error *err)
{
	uint64_t id;
	Tenon__V1__TableVersion *before;
	Tenon__V1__TableVersion *after;
	struct schema before_schema;
	struct schema after_schema;
	TRY(table_find_named(txn, database, name, &id, err));
	TRY(version_read(txn, id, from, arena, &before, err));
	TRY(version_read(txn, id, to, arena, &after, err));
	TRY(table_schema(before->table, arena, &before_schema, err));
	TRY(table_schema(after->table, arena, &after_schema, err));
	struct changes changes;
	schema_diff(arena, &before_schema, &after_schema, &changes);
	Tenon__V1__DiffTableVersionsResponse *diff = arena_alloc(arena, sizeof *diff);
	tenon__v1__diff_table_versions_response__init(diff);
	diff->severity = arena_text(arena, text_of(severity_name(changes_severity(&changes))));
	diff->n_changes = changes.count;
	diff->changes = changes_pack(arena, &changes);
	*diff_out = diff;
	return STATUS_OK;
}
