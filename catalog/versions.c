#include "base/clock.h"
#include "catalog/definition.h"
#include "catalog/field_grade.h"
#include "catalog/key.h"
#include "catalog/page.h"
#include "catalog/store.h"
#include "catalog/table.h"
#include "catalog/tables.h"
#include "catalog/version_store.h"
#include "schema/diff.h"
#include "schema/notation.h"

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

enum status version_put(struct catalog_txn *txn, Tenon__V1__Table *table, struct text packed,
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
	const uint64_t before = table->version - 1;
	return version_store(txn, &version, packed, table->version ? &before : NULL, arena, err);
}

/* `database` and `name` are those that were asked for: who reads the error knows them. */
static enum status version_read(struct catalog_txn *txn, uint64_t table, struct text database,
	struct text name, uint64_t version, struct arena *arena,
	Tenon__V1__TableVersion **version_out, struct error *err)
{
	Tenon__V1__TableVersion *found;
	TRY(version_find(txn, table, version, true, arena, &found, err));
	if (!found)
		return fail(err, STATUS_NOT_FOUND, "table '%.*s.%.*s' has no version %llu",
			TEXT_ARG(database), TEXT_ARG(name), (unsigned long long)version);
	*version_out = found;
	return STATUS_OK;
}

enum status version_get(struct catalog_txn *txn, struct text database, struct text name,
	uint64_t version, struct arena *arena, Tenon__V1__TableVersion **version_out,
	struct error *err)
{
	uint64_t id;
	TRY(table_find_named(txn, database, name, &id, err));
	return version_read(txn, id, database, name, version, arena, version_out, err);
}

/* What the version before was may not be kept: then its fields stay unknown. */
static enum status add_fields(struct catalog_txn *txn, uint64_t table,
	Tenon__V1__TableVersion *version, struct arena *arena, struct error *err)
{
	Tenon__V1__TableVersion *before = NULL;
	if (version->version > 0)
		TRY(version_find(txn, table, version->version - 1, true, arena, &before, err));
	if (!before)
		return STATUS_OK;
	field_diff(arena, before->table, version->table, &version->fields, &version->n_fields);
	version->n_fields = fields_without_measures(version->fields, version->n_fields);
	enum severity worst = fields_grade(
		arena, version->fields, version->n_fields, severity_named(version->severity));
	version->severity = arena_text(arena, text_of(severity_name(worst)));
	if (version->n_fields > LIMIT_VERSION_FIELDS)
		version->n_fields = LIMIT_VERSION_FIELDS;
	return STATUS_OK;
}

/* Versions are numbered without gaps but those that removal leaves, so newest first is
 * counting down, to the oldest. */
enum status version_list(struct catalog_txn *txn, struct text database, struct text name,
	struct text token, size_t limit, unsigned with, struct arena *arena,
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
	Tenon__V1__TableVersion *oldest;
	TRY(version_from(txn, id, 0, arena, &oldest, err));
	uint64_t least = oldest ? oldest->version : 0;
	struct page page;
	page_init(&page, arena, limit);
	while (above-- > least) {
		page.more = page_is_full(&page);
		if (page.more)
			break;
		char bytes[8];
		struct text key = key_u64_text(above, bytes);
		Tenon__V1__TableVersion *version;
		TRY(version_find(txn, id, above, with != VERSIONS_BARE, arena, &version, err));
		if (version && (with & VERSIONS_WITH_FIELDS))
			TRY(add_fields(txn, id, version, arena, err));
		if (version && !(with & VERSIONS_WITH_TABLES))
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
	uint64_t from, uint64_t to, bool measures, struct arena *arena,
	Tenon__V1__DiffTableVersionsResponse **diff_out, struct error *err)
{
	uint64_t id;
	Tenon__V1__TableVersion *before;
	Tenon__V1__TableVersion *after;
	struct schema before_schema;
	struct schema after_schema;
	TRY(table_find_named(txn, database, name, &id, err));
	TRY(version_read(txn, id, database, name, from, arena, &before, err));
	TRY(version_read(txn, id, database, name, to, arena, &after, err));
	TRY(table_schema(before->table, arena, &before_schema, err));
	TRY(table_schema(after->table, arena, &after_schema, err));
	struct changes changes;
	schema_diff(arena, &before_schema, &after_schema, &changes);
	Tenon__V1__DiffTableVersionsResponse *diff = arena_alloc(arena, sizeof *diff);
	tenon__v1__diff_table_versions_response__init(diff);
	diff->n_changes = changes.count;
	diff->changes = changes_pack(arena, &changes);
	field_diff(arena, before->table, after->table, &diff->fields, &diff->n_fields);
	if (!measures)
		diff->n_fields = fields_without_measures(diff->fields, diff->n_fields);
	enum severity worst =
		fields_grade(arena, diff->fields, diff->n_fields, changes_severity(&changes));
	diff->severity = arena_text(arena, text_of(severity_name(worst)));
	*diff_out = diff;
	return STATUS_OK;
}

enum status table_get_as_of(struct catalog_txn *txn, struct text database, struct text name,
	int64_t time_us, struct arena *arena, Tenon__V1__Table **table_out, struct error *err)
{
	uint64_t id;
	Tenon__V1__Table *now;
	Tenon__V1__TableVersion *before;
	Tenon__V1__TableVersion *after;
	TRY(table_find_named(txn, database, name, &id, err));
	TRY(table_read(txn, id, arena, &now, err));
	char made[CLOCK_TEXT_BYTES];
	if (time_us < now->create_time_us)
		return fail(err, STATUS_NOT_FOUND, "table '%s.%s' was not there yet: made %s",
			now->database, now->name, clock_text(now->create_time_us, made));
	TRY(version_around(txn, id, now->version, time_us, arena, &before, &after, err));
	uint64_t next = before ? before->version + 1 : 0;
	if (!before || (after && after->version != next))
		return fail(err, STATUS_NOT_FOUND,
			"what table '%s.%s' was then is not kept: its versions from %llu on were "
			"removed",
			now->database, now->name, (unsigned long long)next);
	if (before->version != now->version)
		TRY(version_read(txn, id, database, name, before->version, arena, &before, err));
	*table_out = before->version == now->version ? now : before->table;
	return STATUS_OK;
}

enum status table_rollback(struct catalog_txn *txn, struct text database, struct text name,
	uint64_t to, const uint64_t *version, struct arena *arena, Tenon__V1__Table **table_out,
	bool *changed_out, struct error *err)
{
	uint64_t id;
	Tenon__V1__Table *now;
	Tenon__V1__TableVersion *earlier;
	TRY(table_find_named(txn, database, name, &id, err));
	TRY(table_read(txn, id, arena, &now, err));
	TRY(version_read(txn, id, database, name, to, arena, &earlier, err));
	Tenon__V1__Table *definition = earlier->table;
	if (!definition)
		return fail(
			err, STATUS_DATA_LOSS, "version %llu has no table", (unsigned long long)to);
	definition->database = now->database;
	definition->name = now->name;
	definition_keep_counts(arena, definition, now);
	return table_update(txn, definition, version, arena, table_out, changed_out, err);
}
