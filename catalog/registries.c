#include "catalog/registries.h"

#include "base/clock.h"
#include "catalog/counts.h"
#include "catalog/feed.h"
#include "catalog/key.h"
#include "catalog/listing.h"
#include "catalog/names.h"
#include "catalog/registry_store.h"
#include "catalog/sight.h"
#include "catalog/tags.h"

/* Registries and schemas; their versions are in schema_versions.c. */

enum status registry_create(struct catalog_txn *txn, const Tenon__V1__SchemaRegistry *registry,
	struct arena *arena, Tenon__V1__SchemaRegistry **registry_out, struct error *err)
{
	Tenon__V1__SchemaRegistry *before;
	Tenon__V1__SchemaRegistry *made = arena_alloc(arena, sizeof *made);
	TRY(schema_name_check(text_of(registry->name), "registry", err));
	TRY(length_check(text_of(registry->description), LIMIT_DESCRIPTION_BYTES,
		"the registry's description", err));
	TRY(registry_read(txn, text_of(registry->name), arena, &before, err));
	if (before)
		return fail(
			err, STATUS_ALREADY_EXISTS, "registry '%s' exists already", before->name);
	*made = (Tenon__V1__SchemaRegistry)TENON__V1__SCHEMA_REGISTRY__INIT;
	made->name = arena_text(arena, text_of(registry->name));
	made->description = arena_text(arena, text_of(registry->description));
	made->create_time_us = clock_now_us();
	made->update_time_us = made->create_time_us;
	*registry_out = made;
	return registry_write(txn, NULL, made, err);
}

static enum status registry_get(struct catalog_txn *txn, struct text name, struct arena *arena,
	Tenon__V1__SchemaRegistry **registry_out, struct error *err)
{
	TRY(registry_name(name, &name, err));
	TRY(registry_read(txn, name, arena, registry_out, err));
	if (!*registry_out)
		return fail(err, STATUS_NOT_FOUND, "no registry '%.*s'", TEXT_ARG(name));
	return STATUS_OK;
}

enum status registry_update(struct catalog_txn *txn, struct text name, struct text description,
	struct arena *arena, Tenon__V1__SchemaRegistry **registry_out, struct error *err)
{
	Tenon__V1__SchemaRegistry *registry;
	TRY(length_check(description, LIMIT_DESCRIPTION_BYTES, "the registry's description", err));
	TRY(registry_get(txn, name, arena, &registry, err));
	*registry_out = registry;
	if (text_equal(text_of(registry->description), description))
		return STATUS_OK;
	Tenon__V1__SchemaRegistry before = *registry;
	registry->description = arena_text(arena, description);
	registry->update_time_us = clock_now_us();
	return registry_write(txn, &before, registry, err);
}

/* Also who may see its schemas, if not by name. */
static bool sees_registry(const struct catalog_txn *txn, const Tenon__V1__SchemaRegistry *registry)
{
	return sees_named(txn, "registry", registry->name) ||
	       sees_schema(txn, text_of(registry->name), TEXT("*"));
}

static enum status registry_item(struct catalog_txn *txn, const struct listing *listing,
	struct text key, struct text value, struct arena *arena, void **item_out, struct error *err)
{
	struct counting *const *counting = listing->asked;
	void *unpacked;
	TRY(store_unpack(value, &tenon__v1__schema_registry__descriptor, arena, &unpacked, err));
	Tenon__V1__SchemaRegistry *registry = unpacked;
	if (!sees_registry(txn, registry))
		return STATUS_OK;
	TRY(schemas_shown(
		txn, key, registry->schema_count, *counting, &registry->schema_count, err));
	*item_out = registry;
	return STATUS_OK;
}

enum status registry_list(struct catalog_txn *txn, struct text token, size_t limit,
	struct arena *arena, Tenon__V1__ListRegistriesResponse *answer, struct error *err)
{
	struct counting counting = {COUNTED_MAX};
	struct counting *const left = &counting;
	const struct listing listing = {
		DB_REGISTRIES, TEXT(""), TOKEN_REGISTRIES, TEXT(""), registry_item, &left};
	struct page page;
	TRY(listing_page(txn, &listing, token, limit, arena, &page, err));
	answer->registries = (Tenon__V1__SchemaRegistry **)page.items;
	answer->n_registries = page.count;
	answer->next_page_token = arena_text(arena, page.next);
	return STATUS_OK;
}

/* Schemas */

static enum status schema_check(const Tenon__V1__RegisteredSchema *schema, struct error *err)
{
	TRY(schema_name_check(text_of(schema->name), "schema", err));
	if (schema->format < TENON__V1__DATA_FORMAT__DATA_FORMAT_AVRO ||
		schema->format > TENON__V1__DATA_FORMAT__DATA_FORMAT_PROTOBUF)
		return fail(err, STATUS_INVALID_ARGUMENT,
			"data format %d: give AVRO, JSON or PROTOBUF", (int)schema->format);
	return length_check(text_of(schema->description), LIMIT_DESCRIPTION_BYTES,
		"the schema's description", err);
}

static enum status compatibility_check(Tenon__V1__Compatibility compatibility, struct error *err)
{
	if (compatibility >= TENON__V1__COMPATIBILITY__COMPATIBILITY_NONE &&
		compatibility <= TENON__V1__COMPATIBILITY__COMPATIBILITY_FULL_ALL)
		return STATUS_OK;
	return fail(err, STATUS_INVALID_ARGUMENT,
		"compatibility %d: give NONE, DISABLED, BACKWARD, FORWARD, FULL, or one of the "
		"last three with _ALL",
		(int)compatibility);
}

static enum status schema_absent(
	struct catalog_txn *txn, struct text registry, struct text name, struct error *err)
{
	OWNED(arena) arena = arena_new();
	Tenon__Store__V1__SchemaRecord *before;
	struct error none;
	enum status status = schema_read(txn, registry, name, arena, &before, &none);
	if (status == STATUS_NOT_FOUND)
		return STATUS_OK;
	if (status != STATUS_OK)
		return fail(err, status, "%s", none.message);
	return fail(err, STATUS_ALREADY_EXISTS, "schema '%.*s' exists already in registry '%.*s'",
		TEXT_ARG(name), TEXT_ARG(registry));
}

static enum status registry_count(struct catalog_txn *txn, struct text name, int change,
	struct arena *arena, struct error *err)
{
	Tenon__V1__SchemaRegistry *registry;
	TRY(registry_need(txn, name, arena, &registry, err));
	registry->schema_count += (uint64_t)(int64_t)change;
	return store_put_message(txn, DB_REGISTRIES, name, &registry->base, err);
}

static enum status schema_id_write(
	struct catalog_txn *txn, const Tenon__Store__V1__SchemaRecord *record, struct error *err)
{
	struct buffer SCOPED_BUFFER key = {0};
	struct buffer SCOPED_BUFFER names = {0};
	schema_id_key(&key, record->id);
	key_init(&names);
	key_add_part(&names, text_of(record->schema->registry));
	buffer_add_string(&names, record->schema->name);
	return store_put(txn, DB_SCHEMA_IDS, buffer_text(&key), buffer_text(&names), err);
}

enum status schema_create(struct catalog_txn *txn, const Tenon__V1__RegisteredSchema *schema,
	const struct schema_version_new *first, struct arena *arena,
	Tenon__V1__RegisteredSchema **schema_out, Tenon__V1__SchemaVersion **version_out,
	struct error *err)
{
	struct text registry;
	struct text name = text_of(schema->name);
	Tenon__Store__V1__SchemaRecord record = TENON__STORE__V1__SCHEMA_RECORD__INIT;
	Tenon__V1__RegisteredSchema *made = arena_alloc(arena, sizeof *made);
	TRY(registry_name(text_of(schema->registry), &registry, err));
	TRY(schema_check(schema, err));
	if (schema->compatibility)
		TRY(compatibility_check(schema->compatibility, err));
	TRY(schema_absent(txn, registry, name, err));
	*made = (Tenon__V1__RegisteredSchema)TENON__V1__REGISTERED_SCHEMA__INIT;
	made->registry = arena_text(arena, registry);
	made->name = arena_text(arena, name);
	made->description = arena_text(arena, text_of(schema->description));
	made->format = schema->format;
	made->compatibility = schema->compatibility
				      ? schema->compatibility
				      : TENON__V1__COMPATIBILITY__COMPATIBILITY_BACKWARD;
	made->checkpoint = 1;
	made->next_version = 1;
	made->create_time_us = clock_now_us();
	record.schema = made;
	TRY(registry_count(txn, registry, 1, arena, err));
	TRY(store_next(txn, "schema", &record.id, err));
	TRY(schema_id_write(txn, &record, err));
	TRY(schema_version_append(txn, &record, first, arena, version_out, err));
	TRY(schema_write(txn, &record, err));
	*schema_out = made;
	return schema_note(txn, "schema_put", NULL, made, err);
}

enum status schema_view(struct catalog_txn *txn, struct text registry, struct text name,
	struct arena *arena, struct schema_view *view_out, struct error *err)
{
	Tenon__Store__V1__SchemaRecord *record;
	TRY(schema_read(txn, registry, name, arena, &record, err));
	*view_out = (struct schema_view){record->schema, record->id, record->revision};
	return STATUS_OK;
}

static enum status checkpoint_check(struct catalog_txn *txn,
	const Tenon__Store__V1__SchemaRecord *record, uint32_t checkpoint, struct arena *arena,
	struct error *err)
{
	Tenon__Store__V1__SchemaVersionRecord *version;
	TRY(schema_version_read(txn, record, checkpoint, arena, &version, err));
	if (!version)
		return fail(err, STATUS_NOT_FOUND, "schema '%s' has no version %u",
			record->schema->name, checkpoint);
	if (version->version->status !=
		TENON__V1__SCHEMA_VERSION_STATUS__SCHEMA_VERSION_STATUS_AVAILABLE)
		return fail(err, STATUS_FAILED_PRECONDITION,
			"version %u of schema '%s' was not accepted: no checkpoint", checkpoint,
			record->schema->name);
	return STATUS_OK;
}

enum status schema_update(struct catalog_txn *txn, const Tenon__V1__UpdateSchemaRequest *asked,
	struct arena *arena, Tenon__V1__RegisteredSchema **schema_out, struct error *err)
{
	Tenon__Store__V1__SchemaRecord *record;
	TRY(schema_read(txn, text_of(asked->registry), text_of(asked->name), arena, &record, err));
	Tenon__V1__RegisteredSchema before = *record->schema;
	Tenon__V1__RegisteredSchema *after = record->schema;
	if (asked->compatibility) {
		TRY(compatibility_check(asked->compatibility, err));
		after->compatibility = asked->compatibility;
	}
	if (asked->checkpoint) {
		TRY(checkpoint_check(txn, record, asked->checkpoint, arena, err));
		after->checkpoint = asked->checkpoint;
	}
	if (asked->description[0]) {
		TRY(length_check(text_of(asked->description), LIMIT_DESCRIPTION_BYTES,
			"the schema's description", err));
		after->description = arena_text(arena, text_of(asked->description));
	}
	*schema_out = after;
	if (after->compatibility == before.compatibility &&
		after->checkpoint == before.checkpoint &&
		text_equal(text_of(after->description), text_of(before.description)))
		return STATUS_OK;
	after->update_time_us = clock_now_us();
	TRY(schema_write(txn, record, err));
	return schema_note(txn, "schema_put", &before, after, err);
}

static enum status schema_item(struct catalog_txn *txn, const struct listing *listing,
	struct text key, struct text value, struct arena *arena, void **item_out, struct error *err)
{
	(void)listing;
	(void)key;
	void *record;
	TRY(store_unpack(value, &tenon__store__v1__schema_record__descriptor, arena, &record, err));
	Tenon__V1__RegisteredSchema *schema = ((Tenon__Store__V1__SchemaRecord *)record)->schema;
	if (sees_schema(txn, text_of(schema->registry), text_of(schema->name)))
		*item_out = schema;
	return STATUS_OK;
}

/* `prefix`: of a registry, or of all. */
static struct listing schemas_of(struct text prefix)
{
	return (struct listing){DB_SCHEMAS, prefix, TOKEN_SCHEMAS, prefix, schema_item, NULL};
}

enum status schema_list(struct catalog_txn *txn, struct text registry, struct text token,
	size_t limit, struct arena *arena, Tenon__V1__ListSchemasResponse *answer,
	struct error *err)
{
	struct page page;
	struct buffer SCOPED_BUFFER prefix = {0};
	Tenon__V1__SchemaRegistry *exists;
	key_init(&prefix);
	if (registry.length) {
		TRY(registry_get(txn, registry, arena, &exists, err));
		key_add_part(&prefix, registry);
	}
	const struct listing listing = schemas_of(buffer_text(&prefix));
	TRY(listing_page(txn, &listing, token, limit, arena, &page, err));
	answer->schemas = (Tenon__V1__RegisteredSchema **)page.items;
	answer->n_schemas = page.count;
	answer->next_page_token = arena_text(arena, page.next);
	return STATUS_OK;
}

static enum status schema_remove(
	struct catalog_txn *txn, const Tenon__Store__V1__SchemaRecord *record, struct error *err)
{
	struct buffer SCOPED_BUFFER key = {0};
	bool found;
	key_init(&key);
	key_add_part(&key, text_of(record->schema->registry));
	buffer_add_string(&key, record->schema->name);
	TRY(schema_forget(txn, record, err));
	TRY(store_delete(txn, DB_SCHEMAS, buffer_text(&key), &found, err));
	return schema_note(txn, "schema_deleted", record->schema, NULL, err);
}

enum status schema_delete(
	struct catalog_txn *txn, struct text registry, struct text name, struct error *err)
{
	OWNED(arena) arena = arena_new();
	Tenon__Store__V1__SchemaRecord *record;
	TRY(schema_read(txn, registry, name, arena, &record, err));
	TRY(registry_count(txn, text_of(record->schema->registry), -1, arena, err));
	return schema_remove(txn, record, err);
}

/* A handful at a time: nothing is deleted under a scan. */
static enum status schemas_remove(struct catalog_txn *txn, struct text registry, struct error *err)
{
	enum { HANDFUL = 64 };
	struct buffer SCOPED_BUFFER prefix = {0};
	size_t count;
	key_init(&prefix);
	key_add_part(&prefix, registry);
	const struct listing listing = schemas_of(buffer_text(&prefix));
	do {
		OWNED(arena) arena = arena_new();
		struct page page;
		page_init(&page, arena, HANDFUL);
		TRY(listing_fill(txn, &listing, TEXT(""), &page, err));
		count = page.count;
		for (size_t i = 0; i < count; i++) {
			const Tenon__V1__RegisteredSchema *schema = page.items[i];
			Tenon__Store__V1__SchemaRecord *record;
			TRY(schema_read(txn, registry, text_of(schema->name), arena, &record, err));
			TRY(schema_remove(txn, record, err));
		}
	} while (count > 0);
	return STATUS_OK;
}

enum status registry_delete(struct catalog_txn *txn, struct text name, struct error *err)
{
	OWNED(arena) arena = arena_new();
	Tenon__V1__SchemaRegistry *registry;
	bool found;
	TRY(registry_get(txn, name, arena, &registry, err));
	TRY(schemas_remove(txn, text_of(registry->name), err));
	TRY(store_delete(txn, DB_REGISTRIES, text_of(registry->name), &found, err));
	TRY(tags_forget(txn, "registry", text_of(registry->name), err));
	struct feed_change change = {
		.kind = "registry_deleted",
		.resource = arena_printf(arena, "registry/%s", registry->name),
		.before = &registry->base,
	};
	return feed_note(txn, &change, err);
}
