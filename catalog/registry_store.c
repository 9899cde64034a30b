#include "catalog/registry_store.h"

#include "base/clock.h"
#include "base/hash.h"
#include "catalog/feed.h"
#include "catalog/key.h"
#include "catalog/names.h"
#include "catalog/tags.h"
#include "proto/wire.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/random.h>

#define SCHEMA	&tenon__store__v1__schema_record__descriptor
#define VERSION &tenon__store__v1__schema_version_record__descriptor

static const char default_registry[] = "default-registry";

/* Names and keys */

enum status schema_name_check(struct text name, const char *what, struct error *err)
{
	if (name.length == 0)
		return fail(err, STATUS_INVALID_ARGUMENT, "the %s has no name", what);
	if (name.length > LIMIT_NAME_BYTES)
		return fail(err, STATUS_INVALID_ARGUMENT,
			"the %s's name has %zu bytes, at most %d are allowed", what, name.length,
			LIMIT_NAME_BYTES);
	for (size_t i = 0; i < name.length; i++) {
		char byte = text_lower(name.at[i]);
		bool good = (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9') ||
			    (byte && strchr("-_$#.", byte));
		if (!good)
			return fail(err, STATUS_INVALID_ARGUMENT,
				"the %s's name holds byte 0x%02x: letters, digits and -_$#. are "
				"allowed",
				what, (unsigned char)name.at[i]);
	}
	return STATUS_OK;
}

enum status registry_name(struct text name, struct text *name_out, struct error *err)
{
	*name_out = name.length ? name : text_of(default_registry);
	return schema_name_check(*name_out, "registry", err);
}

static void schema_key(struct buffer *key, struct text registry, struct text name)
{
	key_init(key);
	key_add_part(key, registry);
	buffer_add_text(key, name);
}

void schema_version_key(struct buffer *key, uint64_t schema, uint32_t number)
{
	key_init(key);
	key_add_u64(key, schema);
	key_add_u64(key, number);
}

void id_key(struct buffer *key, struct text id)
{
	key_init(key);
	buffer_add_byte(key, 'i');
	buffer_add_text(key, id);
}

void schema_id_key(struct buffer *key, uint64_t schema)
{
	key_init(key);
	buffer_add_byte(key, 's');
	key_add_u64(key, schema);
}

void text_key(struct buffer *key, uint64_t schema, struct text canonical)
{
	struct hash hash = hash_of(canonical);
	key_init(key);
	buffer_add_byte(key, 't');
	key_add_u64(key, schema);
	key_add_u64(key, hash.high);
	key_add_u64(key, hash.low);
}

struct text canonical_of(const Tenon__Store__V1__SchemaVersionRecord *record)
{
	return text_of(record->canonical[0] ? record->canonical : record->version->definition);
}

/* Registries */

enum status registry_read(struct catalog_txn *txn, struct text name, struct arena *arena,
	Tenon__V1__SchemaRegistry **registry_out, struct error *err)
{
	void *found;
	TRY(store_message(txn, DB_REGISTRIES, name, &tenon__v1__schema_registry__descriptor, arena,
		&found, err));
	*registry_out = found;
	return STATUS_OK;
}

enum status registry_write(struct catalog_txn *txn, const Tenon__V1__SchemaRegistry *before,
	const Tenon__V1__SchemaRegistry *after, struct error *err)
{
	OWNED(arena) arena = arena_new();
	struct feed_change change = {
		.kind = "registry_put",
		.resource = arena_printf(arena, "registry/%s", after->name),
		.before = before ? &before->base : NULL,
		.after = &after->base,
	};
	TRY(store_put_message(txn, DB_REGISTRIES, text_of(after->name), &after->base, err));
	return feed_note(txn, &change, err);
}

enum status registry_need(struct catalog_txn *txn, struct text name, struct arena *arena,
	Tenon__V1__SchemaRegistry **registry_out, struct error *err)
{
	TRY(registry_read(txn, name, arena, registry_out, err));
	if (*registry_out)
		return STATUS_OK;
	if (!text_equal(name, text_of(default_registry)))
		return fail(err, STATUS_NOT_FOUND, "no registry '%.*s'", TEXT_ARG(name));
	Tenon__V1__SchemaRegistry made = TENON__V1__SCHEMA_REGISTRY__INIT;
	made.name = arena_text(arena, name);
	return registry_create(txn, &made, arena, registry_out, err);
}

/* Schemas */

enum status schema_read(struct catalog_txn *txn, struct text registry, struct text name,
	struct arena *arena, Tenon__Store__V1__SchemaRecord **record_out, struct error *err)
{
	struct buffer SCOPED_BUFFER key = {0};
	void *found;
	TRY(registry_name(registry, &registry, err));
	TRY(schema_name_check(name, "schema", err));
	schema_key(&key, registry, name);
	TRY(store_message(txn, DB_SCHEMAS, buffer_text(&key), SCHEMA, arena, &found, err));
	if (!found)
		return fail(err, STATUS_NOT_FOUND, "no schema '%.*s' in registry '%.*s'",
			TEXT_ARG(name), TEXT_ARG(registry));
	*record_out = found;
	return STATUS_OK;
}

enum status schema_write(
	struct catalog_txn *txn, Tenon__Store__V1__SchemaRecord *record, struct error *err)
{
	struct buffer SCOPED_BUFFER key = {0};
	record->revision++;
	schema_key(&key, text_of(record->schema->registry), text_of(record->schema->name));
	return store_put_message(txn, DB_SCHEMAS, buffer_text(&key), &record->base, err);
}

enum status schema_note(struct catalog_txn *txn, const char *kind,
	const Tenon__V1__RegisteredSchema *before, const Tenon__V1__RegisteredSchema *after,
	struct error *err)
{
	OWNED(arena) arena = arena_new();
	const Tenon__V1__RegisteredSchema *schema = after ? after : before;
	struct feed_change change = {
		.kind = kind,
		.resource = arena_printf(arena, "schema/%s/%s", schema->registry, schema->name),
		.before = before ? &before->base : NULL,
		.after = after ? &after->base : NULL,
	};
	return feed_note(txn, &change, err);
}

/* The ids of its versions, a handful at a time: nothing is deleted under a scan. */
static enum status ids_take(struct catalog_txn *txn, struct text prefix, struct text *after,
	struct arena *arena, struct text *ids, size_t most, size_t *count_out, struct error *err)
{
	OWNED(scan) scan = NULL;
	*count_out = 0;
	TRY(scan_open(txn, DB_SCHEMA_IDS, prefix, *after, &scan, err));
	while (*count_out < most) {
		bool found;
		struct text key;
		struct text value;
		TRY(scan_next(scan, &found, &key, &value, err));
		if (!found)
			return STATUS_OK;
		ids[(*count_out)++] = arena_copy(arena, text_from(value, 1));
		*after = arena_copy(arena, key);
	}
	return STATUS_OK;
}

static enum status ids_forget(struct catalog_txn *txn, struct text prefix, struct error *err)
{
	enum { HANDFUL = 256 };
	OWNED(arena) arena = arena_new();
	struct text ids[HANDFUL];
	struct text after = TEXT("");
	size_t count;
	bool found;
	do {
		TRY(ids_take(txn, prefix, &after, arena, ids, HANDFUL, &count, err));
		for (size_t i = 0; i < count; i++) {
			struct buffer SCOPED_BUFFER key = {0};
			id_key(&key, ids[i]);
			TRY(store_delete(txn, DB_SCHEMA_IDS, buffer_text(&key), &found, err));
		}
	} while (count == HANDFUL);
	return STATUS_OK;
}

enum status schema_forget(
	struct catalog_txn *txn, const Tenon__Store__V1__SchemaRecord *record, struct error *err)
{
	OWNED(arena) arena = arena_new();
	struct buffer SCOPED_BUFFER texts = {0};
	struct buffer SCOPED_BUFFER key = {0};
	char id[8];
	uint64_t count;
	bool found;
	const char *name =
		arena_printf(arena, "%s/%s", record->schema->registry, record->schema->name);
	key_init(&texts);
	buffer_add_byte(&texts, 't');
	key_add_u64(&texts, record->id);
	TRY(ids_forget(txn, buffer_text(&texts), err));
	TRY(store_delete_prefix(txn, DB_SCHEMA_IDS, buffer_text(&texts), &count, err));
	schema_id_key(&key, record->id);
	TRY(store_delete(txn, DB_SCHEMA_IDS, buffer_text(&key), &found, err));
	TRY(store_delete_prefix(
		txn, DB_SCHEMA_VERSIONS, key_u64_text(record->id, id), &count, err));
	return tags_forget(txn, "schema", text_of(name), err);
}

/* Versions */

enum status schema_version_read(struct catalog_txn *txn,
	const Tenon__Store__V1__SchemaRecord *schema, uint32_t number, struct arena *arena,
	Tenon__Store__V1__SchemaVersionRecord **record_out, struct error *err)
{
	struct buffer SCOPED_BUFFER key = {0};
	void *found;
	schema_version_key(&key, schema->id, number);
	TRY(store_message(txn, DB_SCHEMA_VERSIONS, buffer_text(&key), VERSION, arena, &found, err));
	*record_out = found;
	if (*record_out) {
		(*record_out)->version->registry = schema->schema->registry;
		(*record_out)->version->schema = schema->schema->name;
	}
	return STATUS_OK;
}

static bool is_available(const Tenon__V1__SchemaVersion *version)
{
	return version->status == TENON__V1__SCHEMA_VERSION_STATUS__SCHEMA_VERSION_STATUS_AVAILABLE;
}

static enum status ids_write(struct catalog_txn *txn, const Tenon__Store__V1__SchemaRecord *schema,
	const Tenon__Store__V1__SchemaVersionRecord *record, struct error *err)
{
	const Tenon__V1__SchemaVersion *version = record->version;
	struct buffer SCOPED_BUFFER key = {0};
	struct buffer SCOPED_BUFFER text = {0};
	struct buffer SCOPED_BUFFER place = {0};
	struct buffer SCOPED_BUFFER value = {0};
	id_key(&key, text_of(version->id));
	schema_version_key(&place, schema->id, version->version);
	TRY(store_put(txn, DB_SCHEMA_IDS, buffer_text(&key), buffer_text(&place), err));
	text_key(&text, schema->id, canonical_of(record));
	key_add_u64(&text, version->version);
	key_init(&value);
	buffer_add_byte(&value, is_available(version) ? 1 : 0);
	buffer_add_string(&value, version->id);
	return store_put(txn, DB_SCHEMA_IDS, buffer_text(&text), buffer_text(&value), err);
}

enum status schema_version_write(struct catalog_txn *txn,
	const Tenon__Store__V1__SchemaRecord *schema,
	const Tenon__Store__V1__SchemaVersionRecord *record, struct error *err)
{
	static char nothing[] = "";
	struct buffer SCOPED_BUFFER key = {0};
	Tenon__Store__V1__SchemaVersionRecord stored = *record;
	Tenon__V1__SchemaVersion version = *record->version;
	version.registry = nothing;
	version.schema = nothing;
	stored.version = &version;
	schema_version_key(&key, schema->id, version.version);
	TRY(store_put_message(txn, DB_SCHEMA_VERSIONS, buffer_text(&key), &stored.base, err));
	return ids_write(txn, schema, record, err);
}

enum status schema_version_remove(struct catalog_txn *txn,
	const Tenon__Store__V1__SchemaRecord *schema,
	const Tenon__Store__V1__SchemaVersionRecord *record, struct error *err)
{
	struct buffer SCOPED_BUFFER key = {0};
	struct buffer SCOPED_BUFFER text = {0};
	struct buffer SCOPED_BUFFER place = {0};
	bool found;
	id_key(&key, text_of(record->version->id));
	TRY(store_delete(txn, DB_SCHEMA_IDS, buffer_text(&key), &found, err));
	text_key(&text, schema->id, canonical_of(record));
	key_add_u64(&text, record->version->version);
	TRY(store_delete(txn, DB_SCHEMA_IDS, buffer_text(&text), &found, err));
	schema_version_key(&place, schema->id, record->version->version);
	return store_delete(txn, DB_SCHEMA_VERSIONS, buffer_text(&place), &found, err);
}

/* RFC 9562, section 5.4: version 4. */
static enum status id_new(struct arena *arena, char **id_out, struct error *err)
{
	uint8_t bytes[16];
	char *id = arena_alloc(arena, ID_BYTES + 1);
	size_t at = 0;
	if (getrandom(bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes)
		return fail(err, STATUS_INTERNAL, "getrandom: %s", strerrordesc_np(errno));
	bytes[6] = (uint8_t)((bytes[6] & 0x0F) | 0x40);
	bytes[8] = (uint8_t)((bytes[8] & 0x3F) | 0x80);
	for (size_t i = 0; i < sizeof bytes; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			id[at++] = '-';
		(void)snprintf(id + at, 3, "%02x", bytes[i]);
		at += 2;
	}
	*id_out = id;
	return STATUS_OK;
}

enum status schema_version_note(struct catalog_txn *txn, const char *kind,
	const Tenon__V1__SchemaVersion *before, const Tenon__V1__SchemaVersion *after,
	struct error *err)
{
	OWNED(arena) arena = arena_new();
	const Tenon__V1__SchemaVersion *version = after ? after : before;
	struct feed_change change = {
		.kind = kind,
		.resource = arena_printf(arena, "schema/%s/%s/%" PRIu32, version->registry,
			version->schema, version->version),
		.before = before ? &before->base : NULL,
		.after = after ? &after->base : NULL,
	};
	return feed_note(txn, &change, err);
}

static enum status room_check(const Tenon__Store__V1__SchemaRecord *schema, struct error *err)
{
	if (schema->version_count >= LIMIT_SCHEMA_VERSIONS)
		return fail(err, STATUS_RESOURCE_EXHAUSTED,
			"schema '%s' has %" PRIu32 " versions, at most %d are kept: delete some",
			schema->schema->name, schema->version_count, LIMIT_SCHEMA_VERSIONS);
	if (schema->schema->next_version > LIMIT_SCHEMA_VERSION)
		return fail(err, STATUS_RESOURCE_EXHAUSTED,
			"schema '%s' has had %d versions, which is the most", schema->schema->name,
			LIMIT_SCHEMA_VERSION);
	return STATUS_OK;
}

enum status schema_version_append(struct catalog_txn *txn, Tenon__Store__V1__SchemaRecord *schema,
	const struct schema_version_new *fresh, struct arena *arena,
	Tenon__V1__SchemaVersion **version_out, struct error *err)
{
	Tenon__Store__V1__SchemaVersionRecord record =
		TENON__STORE__V1__SCHEMA_VERSION_RECORD__INIT;
	Tenon__V1__SchemaVersion *version = arena_alloc(arena, sizeof *version);
	*version = (Tenon__V1__SchemaVersion)TENON__V1__SCHEMA_VERSION__INIT;
	TRY(room_check(schema, err));
	TRY(id_new(arena, &version->id, err));
	version->registry = schema->schema->registry;
	version->schema = schema->schema->name;
	version->version = schema->schema->next_version++;
	version->definition = arena_text(arena, fresh->definition);
	version->status =
		fresh->failure ? TENON__V1__SCHEMA_VERSION_STATUS__SCHEMA_VERSION_STATUS_FAILURE
			       : TENON__V1__SCHEMA_VERSION_STATUS__SCHEMA_VERSION_STATUS_AVAILABLE;
	version->error = arena_text(arena, text_of(fresh->failure ? fresh->failure : ""));
	version->create_time_us = clock_now_us();
	version->author = arena_text(arena, text_of(txn->author.name));
	version->columns = fresh->columns;
	version->n_columns = fresh->column_count;
	record.version = version;
	if (!text_equal(fresh->canonical, fresh->definition))
		record.canonical = arena_text(arena, fresh->canonical);
	if (!fresh->failure)
		schema->schema->latest_version = version->version;
	schema->version_count++;
	schema->schema->update_time_us = version->create_time_us;
	*version_out = version;
	TRY(schema_version_write(txn, schema, &record, err));
	return schema_version_note(txn, "schema_version_put", NULL, version, err);
}
