#include "catalog/tags.h"

#include "catalog/connections.h"
#include "catalog/databases.h"
#include "catalog/feed.h"
#include "catalog/key.h"
#include "catalog/names.h"
#include "catalog/registry_store.h"
#include "catalog/runs.h"
#include "catalog/search_index.h"
#include "catalog/store.h"
#include "catalog/table.h"

#define DESCRIPTOR &tenon__store__v1__tags_record__descriptor

/* What a name of a resource stands for. */
struct resource {
	struct buffer key; /* in DB_TAGS */
	char *name; /* as the feed tells it */
	char *database; /* NULL: it is in none */
	uint64_t table_id; /* 0: it is no table */
};

static void resource_done(struct resource *resource)
{
	buffer_done(&resource->key);
}
#define SCOPED_RESOURCE __attribute__((cleanup(resource_done)))

static enum status of_database(struct catalog_txn *txn, struct text path, struct arena *arena,
	struct resource *resource, struct error *err)
{
	Tenon__V1__Database *database;
	TRY(database_get(txn, path, arena, &database, err));
	buffer_add_string(&resource->key, database->name);
	resource->name = arena_printf(arena, "database/%s", database->name);
	resource->database = database->name;
	return STATUS_OK;
}

static enum status of_table(struct catalog_txn *txn, struct text path, struct arena *arena,
	struct resource *resource, struct error *err)
{
	uint64_t id;
	struct text database;
	struct text name;
	size_t slash = text_find(path, '/');
	TRY(name_fold(arena, text_until(path, slash), "database name", &database, err));
	TRY(name_fold(arena, text_from(path, slash + 1), "table name", &name, err));
	TRY(table_find(txn, database, name, &id, err));
	key_add_u64(&resource->key, id);
	resource->table_id = id;
	resource->database = arena_text(arena, database);
	resource->name = arena_printf(arena, "table/%s/%.*s", resource->database, TEXT_ARG(name));
	return STATUS_OK;
}

static enum status of_job(struct catalog_txn *txn, struct text path, struct arena *arena,
	struct resource *resource, struct error *err)
{
	Tenon__V1__Job *job;
	TRY(job_get(txn, path, arena, &job, err));
	buffer_add_text(&resource->key, path);
	resource->name = arena_printf(arena, "job/%s", job->name);
	return STATUS_OK;
}

static enum status of_connection(struct catalog_txn *txn, struct text path, struct arena *arena,
	struct resource *resource, struct error *err)
{
	Tenon__V1__Connection *connection;
	TRY(connection_get(txn, path, false, arena, &connection, err));
	buffer_add_text(&resource->key, path);
	resource->name = arena_printf(arena, "connection/%s", connection->name);
	return STATUS_OK;
}

static enum status of_registry(struct catalog_txn *txn, struct text path, struct arena *arena,
	struct resource *resource, struct error *err)
{
	Tenon__V1__SchemaRegistry *registry;
	TRY(schema_name_check(path, "registry", err));
	TRY(registry_read(txn, path, arena, &registry, err));
	if (!registry)
		return fail(err, STATUS_NOT_FOUND, "no registry '%.*s'", TEXT_ARG(path));
	buffer_add_text(&resource->key, path);
	resource->name = arena_printf(arena, "registry/%s", registry->name);
	return STATUS_OK;
}

static enum status of_schema(struct catalog_txn *txn, struct text path, struct arena *arena,
	struct resource *resource, struct error *err)
{
	Tenon__Store__V1__SchemaRecord *record;
	size_t slash = text_find(path, '/');
	TRY(schema_name_check(text_until(path, slash), "registry", err));
	TRY(schema_read(
		txn, text_until(path, slash), text_from(path, slash + 1), arena, &record, err));
	buffer_add_text(&resource->key, path);
	resource->name = arena_printf(arena, "schema/%.*s", TEXT_ARG(path));
	return STATUS_OK;
}

static const struct kind {
	const char *name;
	enum status (*find)(struct catalog_txn *txn, struct text path, struct arena *arena,
		struct resource *resource, struct error *err);
} kinds[] = {
	{"database", of_database},
	{"table", of_table},
	{"job", of_job},
	{"connection", of_connection},
	{"registry", of_registry},
	{"schema", of_schema},
};

static enum status resource_find(struct catalog_txn *txn, struct text name, struct arena *arena,
	struct resource *resource, struct error *err)
{
	size_t slash = text_find(name, '/');
	TRY(length_check(name, LIMIT_RESOURCE_BYTES, "the resource", err));
	key_init(&resource->key);
	for (size_t i = 0; slash < name.length && i < sizeof kinds / sizeof *kinds; i++) {
		if (!text_equal(text_until(name, slash), text_of(kinds[i].name)))
			continue;
		key_add_part(&resource->key, text_of(kinds[i].name));
		return kinds[i].find(txn, text_from(name, slash + 1), arena, resource, err);
	}
	return fail(err, STATUS_INVALID_ARGUMENT,
		"'%.*s' names no resource: give database/D, table/D/T, job/J, connection/C, "
		"registry/R or schema/R/S",
		TEXT_ARG(name));
}

static enum status tags_read(struct catalog_txn *txn, const struct resource *resource,
	struct arena *arena, Tenon__Store__V1__TagsRecord **tags_out, struct error *err)
{
	void *found;
	TRY(store_message(
		txn, DB_TAGS, buffer_text(&resource->key), DESCRIPTOR, arena, &found, err));
	if (!found) {
		Tenon__Store__V1__TagsRecord *none = arena_alloc(arena, sizeof *none);
		tenon__store__v1__tags_record__init(none);
		found = none;
	}
	*tags_out = found;
	return STATUS_OK;
}

static enum status tags_write(struct catalog_txn *txn, const struct resource *resource,
	const Tenon__Store__V1__TagsRecord *before, const Tenon__Store__V1__TagsRecord *after,
	struct error *err)
{
	struct text key = buffer_text(&resource->key);
	bool found;
	if (after->n_tags)
		TRY(store_put_message(txn, DB_TAGS, key, &after->base, err));
	else
		TRY(store_delete(txn, DB_TAGS, key, &found, err));
	if (resource->table_id)
		TRY(search_index_retag(txn, resource->table_id, before, after, err));
	struct feed_change change = {
		.kind = after->n_tags ? "tags_put" : "tags_deleted",
		.resource = resource->name,
		.database = resource->database,
		.before = before->n_tags ? &before->base : NULL,
		.after = after->n_tags ? &after->base : NULL,
	};
	return feed_note(txn, &change, err);
}

static enum status tag_check(const Tenon__Store__V1__Tag *tag, struct error *err)
{
	struct text key = text_of(tag->key);
	size_t characters = text_characters(key);
	if (characters < 1 || characters > LIMIT_TAG_KEY_CHARACTERS)
		return fail(err, STATUS_INVALID_ARGUMENT,
			"a tag's key has %zu characters, between 1 and %d are allowed", characters,
			LIMIT_TAG_KEY_CHARACTERS);
	if (text_equal_folded(text_until(key, 4), TEXT("aws:")))
		return fail(err, STATUS_INVALID_ARGUMENT,
			"tag '%s': keys that begin with 'aws:' are reserved", tag->key);
	characters = text_characters(text_of(tag->value));
	if (characters > LIMIT_TAG_VALUE_CHARACTERS)
		return fail(err, STATUS_INVALID_ARGUMENT,
			"the value of tag '%s' has %zu characters, at most %d are allowed",
			tag->key, characters, LIMIT_TAG_VALUE_CHARACTERS);
	return STATUS_OK;
}

/* Where `key` is, or belongs. */
static size_t place_of(const Tenon__Store__V1__TagsRecord *tags, const char *key, bool *found_out)
{
	size_t at = 0;
	while (at < tags->n_tags && strcmp(tags->tags[at]->key, key) < 0)
		at++;
	*found_out = at < tags->n_tags && strcmp(tags->tags[at]->key, key) == 0;
	return at;
}

/* `record` has room; whether that changed anything. */
static bool tag_put(Tenon__Store__V1__TagsRecord *tags, Tenon__Store__V1__Tag *tag)
{
	bool found;
	size_t at = place_of(tags, tag->key, &found);
	if (found && strcmp(tags->tags[at]->value, tag->value) == 0)
		return false;
	if (!found) {
		memmove(&tags->tags[at + 1], &tags->tags[at],
			(tags->n_tags - at) * sizeof *tags->tags);
		tags->n_tags++;
	}
	tags->tags[at] = tag;
	return true;
}

/* The same tags in an array of their own, with room for `more`. */
static Tenon__Store__V1__TagsRecord *tags_copy(
	struct arena *arena, const Tenon__Store__V1__TagsRecord *tags, size_t more)
{
	Tenon__Store__V1__TagsRecord *copy = arena_alloc(arena, sizeof *copy);
	*copy = *tags;
	copy->tags = arena_array(arena, tags->n_tags + more, sizeof *copy->tags);
	for (size_t i = 0; i < tags->n_tags; i++)
		copy->tags[i] = tags->tags[i];
	return copy;
}

enum status tags_get(struct catalog_txn *txn, struct text resource, struct arena *arena,
	Tenon__Store__V1__TagsRecord **tags_out, struct error *err)
{
	struct resource SCOPED_RESOURCE found = {0};
	TRY(resource_find(txn, resource, arena, &found, err));
	return tags_read(txn, &found, arena, tags_out, err);
}

enum status tags_add(struct catalog_txn *txn, struct text resource,
	const Tenon__Store__V1__TagsRecord *tags, struct arena *arena,
	Tenon__Store__V1__TagsRecord **tags_out, struct error *err)
{
	struct resource SCOPED_RESOURCE found = {0};
	Tenon__Store__V1__TagsRecord *before;
	bool changed = false;
	if (tags->n_tags > LIMIT_TAGS)
		return fail(err, STATUS_INVALID_ARGUMENT,
			"%zu tags, at most %d are allowed on one resource", tags->n_tags,
			LIMIT_TAGS);
	for (size_t i = 0; i < tags->n_tags; i++)
		TRY(tag_check(tags->tags[i], err));
	TRY(resource_find(txn, resource, arena, &found, err));
	TRY(tags_read(txn, &found, arena, &before, err));
	Tenon__Store__V1__TagsRecord *after = tags_copy(arena, before, tags->n_tags);
	for (size_t i = 0; i < tags->n_tags; i++)
		changed |= tag_put(after, tags->tags[i]);
	if (after->n_tags > LIMIT_TAGS)
		return fail(err, STATUS_INVALID_ARGUMENT,
			"'%s' would have %zu tags, at most %d are allowed: remove some first",
			found.name, after->n_tags, LIMIT_TAGS);
	*tags_out = after;
	return changed ? tags_write(txn, &found, before, after, err) : STATUS_OK;
}

enum status tags_remove(struct catalog_txn *txn, struct text resource, char *const *keys,
	size_t count, struct arena *arena, Tenon__Store__V1__TagsRecord **tags_out,
	struct error *err)
{
	struct resource SCOPED_RESOURCE found = {0};
	Tenon__Store__V1__TagsRecord *before;
	TRY(resource_find(txn, resource, arena, &found, err));
	TRY(tags_read(txn, &found, arena, &before, err));
	Tenon__Store__V1__TagsRecord *after = tags_copy(arena, before, 0);
	for (size_t i = 0; i < count; i++) {
		bool there;
		size_t at = place_of(after, keys[i], &there);
		if (there)
			memmove(&after->tags[at], &after->tags[at + 1],
				(--after->n_tags - at) * sizeof *after->tags);
	}
	*tags_out = after;
	return after->n_tags == before->n_tags ? STATUS_OK
					       : tags_write(txn, &found, before, after, err);
}

static enum status forget(struct catalog_txn *txn, struct buffer *key, struct error *err)
{
	bool found;
	return store_delete(txn, DB_TAGS, buffer_text(key), &found, err);
}

enum status tags_forget(
	struct catalog_txn *txn, const char *kind, struct text name, struct error *err)
{
	struct buffer SCOPED_BUFFER key = {0};
	key_init(&key);
	key_add_part(&key, text_of(kind));
	buffer_add_text(&key, name);
	return forget(txn, &key, err);
}

static void table_key(struct buffer *key, uint64_t id)
{
	key_init(key);
	key_add_part(key, TEXT("table"));
	key_add_u64(key, id);
}

enum status tags_of_table(struct catalog_txn *txn, uint64_t id, struct arena *arena,
	Tenon__Store__V1__TagsRecord **tags_out, struct error *err)
{
	struct buffer SCOPED_BUFFER key = {0};
	void *found;
	table_key(&key, id);
	TRY(store_message(txn, DB_TAGS, buffer_text(&key), DESCRIPTOR, arena, &found, err));
	*tags_out = found;
	return STATUS_OK;
}

enum status tags_take(struct catalog_txn *txn, const char *kind, struct text name,
	struct arena *arena, Tenon__Store__V1__TagsRecord **tags_out, struct error *err)
{
	struct buffer SCOPED_BUFFER key = {0};
	void *found;
	key_init(&key);
	key_add_part(&key, text_of(kind));
	buffer_add_text(&key, name);
	TRY(store_message(txn, DB_TAGS, buffer_text(&key),
		&tenon__store__v1__tags_record__descriptor, arena, &found, err));
	*tags_out = found;
	return found ? forget(txn, &key, err) : STATUS_OK;
}

enum status tags_keep(struct catalog_txn *txn, const char *kind, struct text name,
	const Tenon__Store__V1__TagsRecord *tags, struct error *err)
{
	struct buffer SCOPED_BUFFER key = {0};
	key_init(&key);
	key_add_part(&key, text_of(kind));
	buffer_add_text(&key, name);
	return store_put_message(txn, DB_TAGS, buffer_text(&key), &tags->base, err);
}

enum status tags_forget_table(struct catalog_txn *txn, uint64_t id, struct error *err)
{
	struct buffer SCOPED_BUFFER key = {0};
	OWNED(arena) arena = arena_new();
	Tenon__Store__V1__TagsRecord *tags;
	TRY(tags_of_table(txn, id, arena, &tags, err));
	if (!tags)
		return STATUS_OK;
	TRY(search_index_retag(txn, id, tags, NULL, err));
	table_key(&key, id);
	return forget(txn, &key, err);
}
