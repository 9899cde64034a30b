#include "catalog/tables.h"

#include "base/clock.h"
#include "catalog/conflicts.h"
#include "catalog/databases.h"
#include "catalog/definition.h"
#include "catalog/key.h"
#include "catalog/listing.h"
#include "catalog/names.h"
#include "catalog/outline.h"
#include "catalog/owners.h"
#include "catalog/partition_indexes.h"
#include "catalog/search_index.h"
#include "catalog/sight.h"
#include "catalog/store.h"
#include "catalog/table.h"
#include "catalog/table_change.h"
#include "proto/wire.h"
#include "schema/diff.h"

#include <assert.h>

static void name_key(struct buffer *key, struct text database, struct text name)
{
	key_init(key);
	key_add_part(key, database);
	buffer_add_text(key, name);
}

/* A location with or without its last '/' is the same folder. */
static struct text location_of(const Tenon__V1__Table *table)
{
	struct text location = text_of(table->storage ? table->storage->location : "");
	while (location.length > 1 && text_ends(location, TEXT("/")))
		location.length--;
	return location;
}

/* Several tables may share a location: the id keeps their keys apart. */
static void location_key(struct buffer *key, struct text database, struct text location)
{
	key_init(key);
	key_add_part(key, database);
	key_add_part(key, location);
}

static enum status location_put(
	struct catalog_txn *txn, const Tenon__V1__Table *table, struct error *err)
{
	struct text location = location_of(table);
	if (location.length == 0)
		return STATUS_OK;
	struct buffer SCOPED_BUFFER key = {0};
	location_key(&key, text_of(table->database), location);
	key_add_u64(&key, table->id);
	return store_put(txn, DB_TABLES_BY_LOCATION, buffer_text(&key), TEXT(""), err);
}

static enum status location_delete(
	struct catalog_txn *txn, const Tenon__V1__Table *table, struct error *err)
{
	struct buffer SCOPED_BUFFER key = {0};
	location_key(&key, text_of(table->database), location_of(table));
	key_add_u64(&key, table->id);
	bool found;
	return store_delete(txn, DB_TABLES_BY_LOCATION, buffer_text(&key), &found, err);
}

static enum status id_of(struct text value, uint64_t *id_out, struct error *err)
{
	if (value.length != 8)
		return fail(err, STATUS_DATA_LOSS, "a table's id has %zu bytes", value.length);
	*id_out = key_u64(value.at);
	return STATUS_OK;
}

enum status table_find(struct catalog_txn *txn, struct text database, struct text name,
	uint64_t *id_out, struct error *err)
{
	struct buffer SCOPED_BUFFER key = {0};
	name_key(&key, database, name);
	bool found;
	struct text value;
	TRY(store_find(txn, DB_TABLES_BY_NAME, buffer_text(&key), &found, &value, err));
	if (found)
		return id_of(value, id_out, err);
	TRY(store_find(txn, DB_DATABASES, database, &found, &value, err));
	if (!found)
		return fail(err, STATUS_NOT_FOUND, "no database '%.*s'", TEXT_ARG(database));
	return fail(err, STATUS_NOT_FOUND, "no table '%.*s' in database '%.*s'", TEXT_ARG(name),
		TEXT_ARG(database));
}

/* Like name_fold, on the caller's stack: a plain get allocates nothing for it. */
struct folded {
	char bytes[LIMIT_NAME_BYTES];
	struct text text;
};

static enum status fold(
	struct folded *folded, struct text name, const char *what, struct error *err)
{
	TRY(name_check(name, what, err));
	for (size_t i = 0; i < name.length; i++)
		folded->bytes[i] = text_lower(name.at[i]);
	folded->text = (struct text){folded->bytes, name.length};
	return STATUS_OK;
}

enum status table_find_named(struct catalog_txn *txn, struct text database, struct text name,
	uint64_t *id_out, struct error *err)
{
	struct folded database_folded;
	struct folded name_folded;
	TRY(fold(&database_folded, database, "database name", err));
	TRY(fold(&name_folded, name, "table name", err));
	return table_find(txn, database_folded.text, name_folded.text, id_out, err);
}

enum status table_bytes_by_id(
	struct catalog_txn *txn, uint64_t id, struct text *bytes_out, struct error *err)
{
	TRY(txn_settle(txn, err));
	char key[8];
	bool found;
	TRY(store_find(txn, DB_TABLES, key_u64_text(id, key), &found, bytes_out, err));
	if (!found)
		return fail(err, STATUS_NOT_FOUND, "no table with id %llu", (unsigned long long)id);
	return STATUS_OK;
}

enum status table_read(struct catalog_txn *txn, uint64_t id, struct arena *arena,
	Tenon__V1__Table **table_out, struct error *err)
{
	struct text bytes;
	void *table;
	TRY(table_bytes_by_id(txn, id, &bytes, err));
	TRY(store_unpack(bytes, &tenon__v1__table__descriptor, arena, &table, err));
	*table_out = table;
	return STATUS_OK;
}

/* Its record is the table packed, in the arena. */
static enum status table_write(struct catalog_txn *txn, const Tenon__V1__Table *table,
	struct arena *arena, struct text *packed_out, struct error *err)
{
	char key[8];
	TRY(txn_settle(txn, err));
	txn_forget(txn); /* what it knows of the table is old now */
	*packed_out = wire_pack(arena, &table->base);
	if (packed_out->length > LIMIT_MESSAGE_BYTES)
		return fail(err, STATUS_RESOURCE_EXHAUSTED,
			"a record of %zu bytes is larger than %u bytes", packed_out->length,
			LIMIT_MESSAGE_BYTES);
	return store_put(txn, DB_TABLES, key_u64_text(table->id, key), *packed_out, err);
}

static void stamp(const struct catalog_txn *txn, struct arena *arena, Tenon__V1__Table *table)
{
	table->update_time_us = clock_now_us();
	table->updated_by = arena_text(arena, text_of(txn->author.name));
}

static char *fingerprint_text(struct arena *arena, const struct schema *schema)
{
	char text[HASH_TEXT_BYTES];
	return arena_text(arena, text_of(hash_text(schema_fingerprint(schema), text)));
}

static void own(const struct catalog_txn *txn, struct arena *arena, const Tenon__V1__Table *before,
	Tenon__V1__Table *after, bool inferred)
{
	struct ownership by = {txn->author.name, after->update_time_us, inferred};
	owners_follow(arena, before, after, &by);
}

enum status table_create(struct catalog_txn *txn, Tenon__V1__Table *table, struct arena *arena,
	Tenon__V1__Table **table_out, struct error *err)
{
	Tenon__V1__Table *made;
	struct schema schema;
	TRY(definition_new(table, arena, &made, &schema, err));
	Tenon__V1__Database *database;
	TRY(database_read(txn, text_of(made->database), arena, &database, err));
	struct buffer SCOPED_BUFFER key = {0};
	name_key(&key, text_of(made->database), text_of(made->name));
	bool found;
	struct text value;
	TRY(store_find(txn, DB_TABLES_BY_NAME, buffer_text(&key), &found, &value, err));
	if (found)
		return fail(err, STATUS_ALREADY_EXISTS, "table '%s.%s' exists already",
			made->database, made->name);
	TRY(store_next(txn, "table", &made->id, err));
	made->fingerprint = fingerprint_text(arena, &schema);
	stamp(txn, arena, made);
	made->create_time_us = made->update_time_us;
	own(txn, arena, NULL, made, false);
	char id[8];
	struct text packed;
	TRY(store_put(txn, DB_TABLES_BY_NAME, buffer_text(&key), key_u64_text(made->id, id), err));
	TRY(table_write(txn, made, arena, &packed, err));
	TRY(location_put(txn, made, err));
	TRY(database_count_read(txn, database, 1, err));
	TRY(version_put(txn, made, packed, &(struct changes){0}, arena, err));
	struct table_change change = {"table_created", NULL, made, NULL};
	TRY(table_changed(txn, &change, arena, err));
	*table_out = made;
	return STATUS_OK;
}

/* The next version of `before`: everything that is keyed by what changed moves. */
static enum status version_advance(struct catalog_txn *txn, const Tenon__V1__Table *before,
	Tenon__V1__Table *after, const struct schema *after_schema, struct arena *arena,
	struct error *err)
{
	struct schema before_schema;
	TRY(table_schema(before, arena, &before_schema, err));
	if (before->partition_count)
		TRY(partitions_rekey(txn, before->id, &before_schema, after_schema, err));
	TRY(partition_indexes_follow(txn, before->id, &before_schema, after_schema, err));
	struct changes changes;
	schema_diff(arena, &before_schema, after_schema, &changes);
	after->version = before->version + 1;
	after->fingerprint = fingerprint_text(arena, after_schema);
	TRY(location_delete(txn, before, err));
	TRY(location_put(txn, after, err));
	struct text packed;
	TRY(table_write(txn, after, arena, &packed, err));
	TRY(version_put(txn, after, packed, &changes, arena, err));
	struct table_change change = {"table_updated", before, after, &changes};
	return table_changed(txn, &change, arena, err);
}

static enum status update(struct catalog_txn *txn, Tenon__V1__Table *table, const uint64_t *version,
	bool inferred, struct arena *arena, Tenon__V1__Table **table_out, bool *changed_out,
	struct error *err)
{
	Tenon__V1__Table *after;
	Tenon__V1__Table *before;
	struct schema schema;
	uint64_t id;
	TRY(definition_new(table, arena, &after, &schema, err));
	TRY(table_find(txn, text_of(after->database), text_of(after->name), &id, err));
	TRY(table_read(txn, id, arena, &before, err));
	if (version && *version != before->version)
		return fail(err, STATUS_ABORTED,
			"table '%s.%s' is at version %llu, not %llu: read it again",
			after->database, after->name, (unsigned long long)before->version,
			(unsigned long long)*version);
	enum definition_change change = definition_compare(arena, before, after);
	if (change == DEFINITION_SAME) {
		*table_out = before;
		*changed_out = false;
		return STATUS_OK;
	}
	after->id = id;
	after->version = before->version;
	after->fingerprint = before->fingerprint;
	after->create_time_us = before->create_time_us;
	after->partition_count = before->partition_count;
	stamp(txn, arena, after);
	own(txn, arena, before, after, inferred);
	if (change == DEFINITION_COUNTS) {
		struct text packed;
		TRY(table_write(txn, after, arena, &packed, err));
		/* Its time of change is what searches sort by. */
		TRY(search_index_change(txn, before, after, err));
	} else {
		TRY(version_advance(txn, before, after, &schema, arena, err));
		TRY(conflicts_follow(txn, before, after, err));
	}
	*table_out = after;
	*changed_out = change == DEFINITION_CHANGED;
	return STATUS_OK;
}

enum status table_update(struct catalog_txn *txn, Tenon__V1__Table *table, const uint64_t *version,
	struct arena *arena, Tenon__V1__Table **table_out, bool *changed_out, struct error *err)
{
	return update(txn, table, version, false, arena, table_out, changed_out, err);
}

enum status table_update_inferred(struct catalog_txn *txn, Tenon__V1__Table *table,
	struct arena *arena, Tenon__V1__Table **table_out, struct error *err)
{
	bool changed;
	return update(txn, table, NULL, true, arena, table_out, &changed, err);
}

enum status table_rename(struct catalog_txn *txn, uint64_t id, struct text database,
	struct text name, struct error *err)
{
	OWNED(arena) arena = arena_new();
	struct text to_database;
	struct text to_name;
	Tenon__V1__Table *table;
	Tenon__V1__Database *target;
	TRY(name_fold(arena, database, "database name", &to_database, err));
	TRY(name_fold(arena, name, "table name", &to_name, err));
	TRY(table_read(txn, id, arena, &table, err));
	TRY(database_read(txn, to_database, arena, &target, err));
	struct buffer SCOPED_BUFFER to = {0};
	struct buffer SCOPED_BUFFER from = {0};
	name_key(&to, to_database, to_name);
	name_key(&from, text_of(table->database), text_of(table->name));
	if (text_equal(buffer_text(&to), buffer_text(&from)))
		return STATUS_OK;
	bool found;
	struct text value;
	TRY(store_find(txn, DB_TABLES_BY_NAME, buffer_text(&to), &found, &value, err));
	if (found)
		return fail(err, STATUS_ALREADY_EXISTS, "table '%.*s.%.*s' exists already",
			TEXT_ARG(to_database), TEXT_ARG(to_name));
	char bytes[8];
	TRY(store_delete(txn, DB_TABLES_BY_NAME, buffer_text(&from), &found, err));
	TRY(store_put(txn, DB_TABLES_BY_NAME, buffer_text(&to), key_u64_text(id, bytes), err));
	TRY(location_delete(txn, table, err));
	TRY(database_count(txn, text_of(table->database), -1, err));
	TRY(database_count(txn, to_database, 1, err));
	const Tenon__V1__Table before = *table;
	table->database = arena_text(arena, to_database);
	table->name = arena_text(arena, to_name);
	stamp(txn, arena, table);
	TRY(location_put(txn, table, err));
	struct text packed;
	TRY(table_write(txn, table, arena, &packed, err));
	TRY(ledger_rename_table(txn, &before, table, err));
	struct table_change change = {"table_renamed", &before, table, NULL};
	return table_changed(txn, &change, arena, err);
}

enum status table_take(struct catalog_txn *txn, const Tenon__V1__Table *table, struct error *err)
{
	struct buffer SCOPED_BUFFER key = {0};
	char bytes[8];
	bool found;
	txn_forget(txn);
	name_key(&key, text_of(table->database), text_of(table->name));
	TRY(store_delete(txn, DB_TABLES, key_u64_text(table->id, bytes), &found, err));
	TRY(store_delete(txn, DB_TABLES_BY_NAME, buffer_text(&key), &found, err));
	TRY(location_delete(txn, table, err));
	TRY(ledger_forget_table(txn, table, err));
	return database_count(txn, text_of(table->database), -1, err);
}

enum status table_place(struct catalog_txn *txn, const Tenon__V1__Table *table, struct error *err)
{
	OWNED(arena) arena = arena_new();
	struct buffer SCOPED_BUFFER key = {0};
	struct text packed;
	struct text value;
	char bytes[8];
	bool found;
	name_key(&key, text_of(table->database), text_of(table->name));
	TRY(store_find(txn, DB_TABLES_BY_NAME, buffer_text(&key), &found, &value, err));
	if (found)
		return fail(err, STATUS_ALREADY_EXISTS,
			"table '%s.%s' exists already: give a new name (--as) to have this one "
			"back",
			table->database, table->name);
	TRY(store_put(
		txn, DB_TABLES_BY_NAME, buffer_text(&key), key_u64_text(table->id, bytes), err));
	TRY(table_write(txn, table, arena, &packed, err));
	TRY(location_put(txn, table, err));
	return database_count(txn, text_of(table->database), 1, err);
}

enum status table_get(struct catalog_txn *txn, struct text database, struct text name,
	struct arena *arena, Tenon__V1__Table **table_out, struct error *err)
{
	uint64_t id;
	TRY(table_find_named(txn, database, name, &id, err));
	return table_read(txn, id, arena, table_out, err);
}

enum status table_get_bytes(struct catalog_txn *txn, struct text database, struct text name,
	struct text *bytes_out, struct error *err)
{
	uint64_t id;
	TRY(table_find_named(txn, database, name, &id, err));
	return table_bytes_by_id(txn, id, bytes_out, err);
}

enum status table_by_id(struct catalog_txn *txn, uint64_t id, struct arena *arena,
	Tenon__V1__Table **table_out, struct error *err)
{
	return table_read(txn, id, arena, table_out, err);
}

enum status table_by_location(struct catalog_txn *txn, struct text database, struct text location,
	struct arena *arena, Tenon__V1__Table **table_out, struct error *err)
{
	struct text folded;
	TRY(name_fold(arena, database, "database name", &folded, err));
	TRY(length_check(location, LIMIT_LOCATION_BYTES, "the location", err));
	while (location.length > 1 && text_ends(location, TEXT("/")))
		location.length--;
	struct buffer SCOPED_BUFFER prefix = {0};
	location_key(&prefix, folded, location);
	OWNED(scan) scan = NULL;
	TRY(scan_open(txn, DB_TABLES_BY_LOCATION, buffer_text(&prefix), TEXT(""), &scan, err));
	bool found;
	struct text key;
	struct text value;
	TRY(scan_next(scan, &found, &key, &value, err));
	if (!found)
		return fail(err, STATUS_NOT_FOUND, "no table at '%.*s' in database '%.*s'",
			TEXT_ARG(location), TEXT_ARG(folded));
	uint64_t id;
	TRY(id_of(text_from(key, prefix.length), &id, err));
	scan_free(TAKE(scan)); /* table_read may settle, which writes */
	return table_read(txn, id, arena, table_out, err);
}

/* What a listing of names shows of a table; its bytes are large. */
struct names {
	struct arena *scratch; /* NULL: all of it is shown */
};

static enum status table_item(struct catalog_txn *txn, const struct listing *listing,
	struct text key, struct text value, struct arena *arena, void **item_out, struct error *err)
{
	const struct names *names = listing->asked;
	uint64_t id;
	size_t end = text_find(key, 0);
	if (!sees_table(txn, text_until(key, end), text_from(key, end + 1)))
		return STATUS_OK;
	TRY(id_of(value, &id, err));
	if (!names->scratch) {
		Tenon__V1__Table *table;
		TRY(table_read(txn, id, arena, &table, err));
		*item_out = table;
		return STATUS_OK;
	}
	struct text bytes;
	struct text outline;
	arena_reset(names->scratch);
	TRY(table_bytes_by_id(txn, id, &bytes, err));
	TRY(table_outline(bytes, names->scratch, &outline, err));
	return store_unpack(outline, &tenon__v1__table__descriptor, arena, item_out, err);
}

enum status table_list(struct catalog_txn *txn, struct text database, struct text token,
	size_t limit, bool names_only, struct arena *arena, Tenon__V1__Table ***tables_out,
	size_t *count_out, struct text *next_out, struct error *err)
{
	struct text folded = {"", 0};
	struct buffer SCOPED_BUFFER prefix = {0};
	OWNED(arena) scratch = arena_new();
	struct page page;
	key_init(&prefix);
	if (database.length) {
		Tenon__V1__Database *exists;
		TRY(name_fold(arena, database, "database name", &folded, err));
		TRY(database_read(txn, folded, arena, &exists, err));
		key_add_part(&prefix, folded);
	}
	const struct names names = {names_only ? scratch : NULL};
	const struct listing listing = {
		DB_TABLES_BY_NAME, buffer_text(&prefix), TOKEN_TABLES, folded, table_item, &names};
	TRY(listing_page(txn, &listing, token, limit, arena, &page, err));
	*tables_out = (Tenon__V1__Table **)page.items;
	*count_out = page.count;
	*next_out = page.next;
	return STATUS_OK;
}
