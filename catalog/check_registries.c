#include "catalog/check_rows.h"
#include "catalog/key.h"
#include "catalog/registry_store.h"

#include <inttypes.h>

/* The schema registry: names, numbers and ids lead to each other. */

static const char *place_of(struct check *check, const Tenon__V1__RegisteredSchema *schema)
{
	return arena_printf(check->arena, "schema/%s/%s", schema->registry, schema->name);
}

static bool is_available(const Tenon__V1__SchemaVersion *version)
{
	return version->status == TENON__V1__SCHEMA_VERSION_STATUS__SCHEMA_VERSION_STATUS_AVAILABLE;
}

static enum status registry_counts_its_schemas(struct check *check, struct text key,
	struct text value, const void *message, struct error *err)
{
	const Tenon__V1__SchemaRegistry *registry = message;
	struct buffer SCOPED_BUFFER prefix = {0};
	uint64_t count;
	(void)value;
	key_init(&prefix);
	key_add_part(&prefix, key);
	TRY(store_count_prefix(check->txn, DB_SCHEMAS, buffer_text(&prefix), &count, err));
	if (count != registry->schema_count)
		check_found(check, arena_printf(check->arena, "registry/%s", registry->name),
			"says %" PRIu64 " schemas and has %" PRIu64, registry->schema_count, count);
	return STATUS_OK;
}

static enum status version_is_accepted(struct check *check,
	const Tenon__Store__V1__SchemaRecord *record, const char *what, uint32_t number,
	struct error *err)
{
	Tenon__Store__V1__SchemaVersionRecord *version;
	TRY(schema_version_read(check->txn, record, number, check->arena, &version, err));
	if (!version || !is_available(version->version))
		check_found(check, place_of(check, record->schema),
			"its %s is version %" PRIu32 ", which %s", what, number,
			version ? "was not accepted" : "is not there");
	return STATUS_OK;
}

static enum status schema_has_its_versions(struct check *check, struct text key, struct text value,
	const void *message, struct error *err)
{
	const Tenon__Store__V1__SchemaRecord *record = message;
	const char *place = place_of(check, record->schema);
	char id[8];
	uint64_t count;
	struct text found_value;
	struct buffer SCOPED_BUFFER names = {0};
	bool found;
	(void)value;
	schema_id_key(&names, record->id);
	TRY(store_find(check->txn, DB_SCHEMA_IDS, buffer_text(&names), &found, &found_value, err));
	if (!found || !text_equal(found_value, key))
		check_found(
			check, place, "its id %" PRIu64 " leads to no name or another", record->id);
	TRY(store_find(check->txn, DB_REGISTRIES, text_of(record->schema->registry), &found,
		&found_value, err));
	if (!found)
		check_found(check, place, "there is no registry '%s'", record->schema->registry);
	TRY(store_count_prefix(
		check->txn, DB_SCHEMA_VERSIONS, key_u64_text(record->id, id), &count, err));
	if (count != record->version_count)
		check_found(check, place, "says %" PRIu32 " versions and has %" PRIu64,
			record->version_count, count);
	TRY(version_is_accepted(check, record, "checkpoint", record->schema->checkpoint, err));
	return version_is_accepted(
		check, record, "latest version", record->schema->latest_version, err);
}

static enum status version_is_found(struct check *check, struct text key, struct text value,
	const void *message, struct error *err)
{
	const Tenon__Store__V1__SchemaVersionRecord *record = message;
	const char *place = arena_printf(check->arena, "schema version %s", record->version->id);
	uint64_t schema = key_u64(key.at);
	struct buffer SCOPED_BUFFER id = {0};
	struct buffer SCOPED_BUFFER text = {0};
	bool found;
	id_key(&id, text_of(record->version->id));
	TRY(store_find(check->txn, DB_SCHEMA_IDS, buffer_text(&id), &found, &value, err));
	if (!found || !text_equal(value, key))
		check_found(check, place, "its id leads to %s", found ? "another" : "nothing");
	text_key(&text, schema, canonical_of(record));
	key_add_u64(&text, record->version->version);
	TRY(store_find(check->txn, DB_SCHEMA_IDS, buffer_text(&text), &found, &value, err));
	if (!found || !text_equal(text_from(value, 1), text_of(record->version->id)))
		check_found(check, place, "it is not found by its text");
	return STATUS_OK;
}

/* What an entry leads to, whichever of the three kinds it is. */
static enum status id_leads_somewhere(struct check *check, struct text key, struct text value,
	const void *message, struct error *err)
{
	bool found = false;
	struct text there;
	char kind = key.length ? key.at[0] : 0;
	size_t text_bytes = 1 + 8 + HASH_BYTES + 8;
	(void)message;
	if (kind == 'i' && value.length == 16) {
		TRY(store_find(check->txn, DB_SCHEMA_VERSIONS, value, &found, &there, err));
	} else if (kind == 's') {
		TRY(store_find(check->txn, DB_SCHEMAS, value, &found, &there, err));
	} else if (kind == 't' && key.length == text_bytes) {
		struct buffer SCOPED_BUFFER version = {0};
		schema_version_key(
			&version, key_u64(key.at + 1), (uint32_t)key_u64(key.at + text_bytes - 8));
		TRY(store_find(check->txn, DB_SCHEMA_VERSIONS, buffer_text(&version), &found,
			&there, err));
	}
	if (!found)
		check_found(check, "schema_ids", "an entry of kind 0x%02x leads to nothing",
			(unsigned char)kind);
	return STATUS_OK;
}

static const struct check_row rows[] = {
	{.invariant = "registry-counts",
		.db = DB_REGISTRIES,
		.descriptor = &tenon__v1__schema_registry__descriptor,
		.visit = registry_counts_its_schemas},
	{.invariant = "schema-versions",
		.db = DB_SCHEMAS,
		.descriptor = &tenon__store__v1__schema_record__descriptor,
		.visit = schema_has_its_versions},
	{.invariant = "schema-version-ids",
		.db = DB_SCHEMA_VERSIONS,
		.descriptor = &tenon__store__v1__schema_version_record__descriptor,
		.visit = version_is_found},
	{.invariant = "schema-ids", .db = DB_SCHEMA_IDS, .visit = id_leads_somewhere},
};

const struct check_rows check_registries = CHECK_ROWS(rows);
