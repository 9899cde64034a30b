#include "catalog/registries.h"

#include "catalog/key.h"
#include "catalog/listing.h"
#include "catalog/registry_store.h"

#include <inttypes.h>

/* Versions of registered schemas. */

static bool is_available(const Tenon__V1__SchemaVersion *version)
{
	return version->status == TENON__V1__SCHEMA_VERSION_STATUS__SCHEMA_VERSION_STATUS_AVAILABLE;
}

enum status schema_version_add(struct catalog_txn *txn, const struct schema_view *view,
	const struct schema_version_new *fresh, struct arena *arena,
	Tenon__V1__SchemaVersion **version_out, struct error *err)
{
	Tenon__Store__V1__SchemaRecord *record;
	TRY(schema_read(txn, text_of(view->schema->registry), text_of(view->schema->name), arena,
		&record, err));
	if (record->id != view->id || record->revision != view->revision)
		return fail(err, STATUS_ABORTED,
			"schema '%s' changed while the definition was looked at: try again",
			view->schema->name);
	TRY(schema_version_append(txn, record, fresh, arena, version_out, err));
	return schema_write(txn, record, err);
}

static enum status missing(
	const Tenon__Store__V1__SchemaRecord *schema, uint32_t number, struct error *err)
{
	return fail(err, STATUS_NOT_FOUND, "schema '%s' in registry '%s' has no version %" PRIu32,
		schema->schema->name, schema->schema->registry, number);
}

enum status schema_version_get(struct catalog_txn *txn, struct text registry, struct text schema,
	uint32_t number, struct arena *arena, Tenon__V1__SchemaVersion **version_out,
	struct error *err)
{
	Tenon__Store__V1__SchemaRecord *owner;
	Tenon__Store__V1__SchemaVersionRecord *record;
	TRY(schema_read(txn, registry, schema, arena, &owner, err));
	number = number ? number : owner->schema->latest_version;
	TRY(schema_version_read(txn, owner, number, arena, &record, err));
	if (!record)
		return missing(owner, number, err);
	*version_out = record->version;
	return STATUS_OK;
}

static enum status no_id(struct text id, struct error *err)
{
	return fail(err, STATUS_NOT_FOUND, "no schema version '%.*s'",
		TEXT_ARG(text_until(id, ID_BYTES)));
}

static enum status owner_find(struct catalog_txn *txn, uint64_t id, struct arena *arena,
	Tenon__Store__V1__SchemaRecord **owner_out, struct error *err)
{
	struct buffer SCOPED_BUFFER key = {0};
	struct text names;
	bool found;
	schema_id_key(&key, id);
	TRY(store_find(txn, DB_SCHEMA_IDS, buffer_text(&key), &found, &names, err));
	if (!found)
		return fail(err, STATUS_DATA_LOSS, "schema %" PRIu64 " has no name", id);
	names = arena_copy(arena, names);
	size_t end = text_find(names, 0);
	return schema_read(
		txn, text_until(names, end), text_from(names, end + 1), arena, owner_out, err);
}

static enum status find_by_id(struct catalog_txn *txn, struct text id, struct arena *arena,
	Tenon__Store__V1__SchemaRecord **owner_out,
	Tenon__Store__V1__SchemaVersionRecord **record_out, struct error *err)
{
	struct buffer SCOPED_BUFFER key = {0};
	struct text place;
	bool found;
	if (id.length != ID_BYTES)
		return fail(err, STATUS_INVALID_ARGUMENT,
			"'%.*s' is no schema version's id: it is a UUID of 36 characters",
			TEXT_ARG(text_until(id, 60)));
	id_key(&key, id);
	TRY(store_find(txn, DB_SCHEMA_IDS, buffer_text(&key), &found, &place, err));
	if (!found || place.length != 16)
		return no_id(id, err);
	uint32_t number = (uint32_t)key_u64(place.at + 8);
	TRY(owner_find(txn, key_u64(place.at), arena, owner_out, err));
	TRY(schema_version_read(txn, *owner_out, number, arena, record_out, err));
	return *record_out ? STATUS_OK : no_id(id, err);
}

enum status schema_version_get_by_id(struct catalog_txn *txn, struct text id, struct arena *arena,
	Tenon__V1__SchemaVersion **version_out, struct error *err)
{
	Tenon__Store__V1__SchemaRecord *owner;
	Tenon__Store__V1__SchemaVersionRecord *record;
	TRY(find_by_id(txn, id, arena, &owner, &record, err));
	*version_out = record->version;
	return STATUS_OK;
}

/* The numbers of those whose canonical text has the hash, a few: any that is AVAILABLE
 * before any that is not. */
enum { SAME_MOST = 16 };

static enum status same_numbers(struct catalog_txn *txn, struct text prefix, uint32_t *numbers,
	size_t *count_out, struct error *err)
{
	OWNED(scan) scan = NULL;
	TRY(scan_open(txn, DB_SCHEMA_IDS, prefix, TEXT(""), &scan, err));
	for (*count_out = 0; *count_out < SAME_MOST;) {
		bool found;
		struct text key;
		struct text value;
		TRY(scan_next(scan, &found, &key, &value, err));
		if (!found)
			return STATUS_OK;
		uint32_t number = (uint32_t)key_u64(key.at + prefix.length);
		bool first = value.length && value.at[0] == 1 && *count_out;
		numbers[(*count_out)++] = first ? numbers[0] : number;
		if (first)
			numbers[0] = number;
	}
	return STATUS_OK;
}

enum status schema_version_same(struct catalog_txn *txn, const struct schema_view *view,
	struct text canonical, struct arena *arena, Tenon__V1__SchemaVersion **version_out,
	struct error *err)
{
	struct buffer SCOPED_BUFFER prefix = {0};
	Tenon__Store__V1__SchemaRecord owner = TENON__STORE__V1__SCHEMA_RECORD__INIT;
	uint32_t numbers[SAME_MOST];
	size_t count;
	owner.schema = view->schema;
	owner.id = view->id;
	*version_out = NULL;
	text_key(&prefix, view->id, canonical);
	TRY(same_numbers(txn, buffer_text(&prefix), numbers, &count, err));
	for (size_t i = 0; i < count; i++) {
		Tenon__Store__V1__SchemaVersionRecord *record;
		TRY(schema_version_read(txn, &owner, numbers[i], arena, &record, err));
		if (!record || !text_equal(canonical_of(record), canonical))
			continue; /* a hash is not the text */
		*version_out = record->version;
		return STATUS_OK;
	}
	return STATUS_OK;
}

enum status schema_version_from(struct catalog_txn *txn, const struct schema_view *view,
	uint32_t from, struct arena *arena, Tenon__V1__SchemaVersion **version_out,
	struct error *err)
{
	OWNED(scan) scan = NULL;
	struct buffer SCOPED_BUFFER after = {0};
	char id[8];
	*version_out = NULL;
	schema_version_key(&after, view->id, from ? from - 1 : 0);
	TRY(scan_open(txn, DB_SCHEMA_VERSIONS, key_u64_text(view->id, id), buffer_text(&after),
		&scan, err));
	for (;;) {
		bool found;
		struct text key;
		struct text value;
		void *record;
		TRY(scan_next(scan, &found, &key, &value, err));
		if (!found)
			return STATUS_OK;
		TRY(store_unpack(value, &tenon__store__v1__schema_version_record__descriptor, arena,
			&record, err));
		Tenon__V1__SchemaVersion *version =
			((Tenon__Store__V1__SchemaVersionRecord *)record)->version;
		if (!is_available(version))
			continue;
		*version_out = version;
		return STATUS_OK;
	}
}

/* What it is, not what it says. */
static enum status version_item(struct catalog_txn *txn, const struct listing *listing,
	struct text key, struct text value, struct arena *arena, void **item_out, struct error *err)
{
	(void)txn;
	(void)key;
	static char nothing[] = "";
	const Tenon__V1__RegisteredSchema *schema = listing->asked;
	void *record;
	TRY(store_unpack(
		value, &tenon__store__v1__schema_version_record__descriptor, arena, &record, err));
	Tenon__V1__SchemaVersion *version =
		((Tenon__Store__V1__SchemaVersionRecord *)record)->version;
	version->registry = schema->registry;
	version->schema = schema->name;
	version->definition = nothing;
	version->n_columns = 0;
	*item_out = version;
	return STATUS_OK;
}

enum status schema_version_list(struct catalog_txn *txn, struct text registry, struct text schema,
	struct text token, size_t limit, struct arena *arena,
	Tenon__V1__ListSchemaVersionsResponse *answer, struct error *err)
{
	struct page page;
	char id[8];
	Tenon__Store__V1__SchemaRecord *owner;
	TRY(schema_read(txn, registry, schema, arena, &owner, err));
	struct text prefix = key_u64_text(owner->id, id);
	const struct listing listing = {DB_SCHEMA_VERSIONS, prefix, TOKEN_SCHEMA_VERSIONS, prefix,
		version_item, owner->schema};
	TRY(listing_page(txn, &listing, token, limit, arena, &page, err));
	answer->versions = (Tenon__V1__SchemaVersion **)page.items;
	answer->n_versions = page.count;
	answer->next_page_token = arena_text(arena, page.next);
	return STATUS_OK;
}

/* Deleting */

static enum status range_read(
	struct text which, uint32_t *first_out, uint32_t *last_out, struct error *err)
{
	uint64_t first = 0;
	uint64_t last = 0;
	size_t dash = text_find(which, '-');
	struct text head = text_until(which, dash);
	struct text tail = dash < which.length ? text_from(which, dash + 1) : head;
	bool good = head.length && tail.length && text_uint64(head, &first) == head.length &&
		    text_uint64(tail, &last) == tail.length && first >= 1 && first <= last &&
		    last <= LIMIT_SCHEMA_VERSION;
	if (!good)
		return fail(err, STATUS_INVALID_ARGUMENT,
			"'%.*s' names no versions: give one as 5, several as 3-7",
			TEXT_ARG(text_until(which, 60)));
	if (last - first >= LIMIT_PAGE)
		return fail(err, STATUS_RESOURCE_EXHAUSTED,
			"'%.*s' names more than %d versions: delete them in parts", TEXT_ARG(which),
			LIMIT_PAGE);
	*first_out = (uint32_t)first;
	*last_out = (uint32_t)last;
	return STATUS_OK;
}

static enum status delete_one(struct catalog_txn *txn, Tenon__Store__V1__SchemaRecord *owner,
	uint32_t number, struct error *err)
{
	OWNED(arena) arena = arena_new();
	Tenon__Store__V1__SchemaVersionRecord *record;
	TRY(schema_version_read(txn, owner, number, arena, &record, err));
	if (!record)
		return missing(owner, number, err);
	if (number == owner->schema->checkpoint)
		return fail(err, STATUS_FAILED_PRECONDITION,
			"version %" PRIu32 " is the checkpoint: move that first", number);
	owner->version_count--;
	TRY(schema_version_remove(txn, owner, record, err));
	return schema_version_note(txn, "schema_version_deleted", record->version, NULL, err);
}

/* The newest that was accepted: at the latest the checkpoint, which is never deleted. */
static enum status latest_find(
	struct catalog_txn *txn, Tenon__Store__V1__SchemaRecord *owner, struct error *err)
{
	for (uint32_t number = owner->schema->latest_version; number > 0; number--) {
		OWNED(arena) arena = arena_new();
		Tenon__Store__V1__SchemaVersionRecord *record;
		TRY(schema_version_read(txn, owner, number, arena, &record, err));
		if (!record || !is_available(record->version))
			continue;
		owner->schema->latest_version = number;
		return STATUS_OK;
	}
	return fail(err, STATUS_DATA_LOSS, "schema '%s' has no version left", owner->schema->name);
}

static Tenon__V1__VersionError *error_of(
	struct arena *arena, uint32_t number, const struct error *why)
{
	Tenon__V1__VersionError *error = arena_alloc(arena, sizeof *error);
	*error = (Tenon__V1__VersionError)TENON__V1__VERSION_ERROR__INIT;
	error->version = number;
	error->code = (int32_t)why->status;
	error->message = arena_text(arena, text_of(why->message));
	return error;
}

enum status schema_version_delete(struct catalog_txn *txn, struct text registry, struct text schema,
	struct text which, struct arena *arena, Tenon__V1__DeleteSchemaVersionsResponse *answer,
	struct error *err)
{
	uint32_t first;
	uint32_t last;
	size_t deleted = 0;
	Tenon__Store__V1__SchemaRecord *owner;
	TRY(range_read(which, &first, &last, err));
	TRY(schema_read(txn, registry, schema, arena, &owner, err));
	answer->errors =
		arena_array(arena, (size_t)last - first + 1, sizeof(Tenon__V1__VersionError *));
	for (uint32_t number = first; number <= last; number++) {
		enum status status = delete_one(txn, owner, number, err);
		deleted += status == STATUS_OK;
		if (status == STATUS_NOT_FOUND || status == STATUS_FAILED_PRECONDITION)
			answer->errors[answer->n_errors++] = error_of(arena, number, err);
		else if (status != STATUS_OK)
			return status;
	}
	if (deleted == 0)
		return STATUS_OK;
	TRY(latest_find(txn, owner, err));
	return schema_write(txn, owner, err);
}

/* Metadata */

/* [a-zA-Z0-9+-=._./@]+, in which "+-=" is a range (the Glue API's MetadataKeyString). */
static enum status note_check(struct text text, size_t most, const char *what, struct error *err)
{
	if (text.length == 0 || text.length > most)
		return fail(err, STATUS_INVALID_ARGUMENT,
			"the metadata's %s has %zu bytes, 1 to %zu are allowed", what, text.length,
			most);
	for (size_t i = 0; i < text.length; i++) {
		char byte = text.at[i];
		char low = text_lower(byte);
		if ((byte < '+' || byte > '=') && (low < 'a' || low > 'z') && byte != '_' &&
			byte != '@')
			return fail(err, STATUS_INVALID_ARGUMENT,
				"the metadata's %s '%.*s' holds byte 0x%02x: letters, digits and "
				"+,-./:;<=_@ are allowed",
				what, TEXT_ARG(text_until(text, 100)), (unsigned char)byte);
	}
	return STATUS_OK;
}

static size_t note_find(const Tenon__V1__SchemaVersion *version, struct text key, bool *found_out)
{
	size_t at = 0;
	while (at < version->n_metadata &&
		text_compare(text_of(version->metadata[at]->key), key) < 0)
		at++;
	*found_out =
		at < version->n_metadata && text_equal(text_of(version->metadata[at]->key), key);
	return at;
}

/* Whether anything changed. */
static bool note_change(
	Tenon__V1__SchemaVersion *version, struct text key, const char *value, struct arena *arena)
{
	bool found;
	size_t at = note_find(version, key, &found);
	size_t count = version->n_metadata;
	Tenon__V1__SchemaVersion__MetadataEntry **entries =
		arena_array(arena, count + 1, sizeof *entries);
	if (value ? found && strcmp(version->metadata[at]->value, value) == 0 : !found)
		return false;
	Tenon__V1__SchemaVersion__MetadataEntry *entry = arena_alloc(arena, sizeof *entry);
	*entry = (Tenon__V1__SchemaVersion__MetadataEntry)
		TENON__V1__SCHEMA_VERSION__METADATA_ENTRY__INIT;
	entry->key = arena_text(arena, key);
	entry->value = arena_text(arena, text_of(value ? value : ""));
	size_t made = 0;
	for (size_t i = 0; i <= count; i++) {
		if (i == at && value)
			entries[made++] = entry;
		if (i < count && !(i == at && found))
			entries[made++] = version->metadata[i];
	}
	version->metadata = entries;
	version->n_metadata = made;
	return true;
}

enum status schema_version_annotate(struct catalog_txn *txn, struct text id, struct text key,
	const char *value, struct arena *arena, Tenon__V1__SchemaVersion **version_out,
	struct error *err)
{
	Tenon__Store__V1__SchemaRecord *owner;
	Tenon__Store__V1__SchemaVersionRecord *record;
	TRY(note_check(key, LIMIT_METADATA_KEY_BYTES, "key", err));
	if (value)
		TRY(note_check(text_of(value), LIMIT_METADATA_VALUE_BYTES, "value", err));
	TRY(find_by_id(txn, id, arena, &owner, &record, err));
	Tenon__V1__SchemaVersion before = *record->version;
	*version_out = record->version;
	if (!note_change(record->version, key, value, arena))
		return STATUS_OK;
	if (record->version->n_metadata > LIMIT_VERSION_METADATA)
		return fail(err, STATUS_RESOURCE_EXHAUSTED,
			"version %" PRIu32 " has %d metadata pairs, which is the most",
			before.version, LIMIT_VERSION_METADATA);
	TRY(schema_version_write(txn, owner, record, err));
	return schema_version_note(txn, "schema_version_put", &before, record->version, err);
}
