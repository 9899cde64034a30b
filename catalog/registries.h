#pragma once

#include "catalog/catalog.h"
#include "tenon/v1/registry.pb-c.h"

/* The schema registry: registries of schemas of versions. This room keeps texts and
 * verdicts; what a text means and whether it may follow another is for the caller to
 * find out (registry/registry.h) and to hand in. Names are [A-Za-z0-9-_$#.], case
 * counts; an empty registry is "default-registry". Results are in `arena`. */

enum status registry_create(struct catalog_txn *txn, const Tenon__V1__SchemaRegistry *registry,
	struct arena *arena, Tenon__V1__SchemaRegistry **registry_out, struct error *err) MUST_USE;
enum status registry_update(struct catalog_txn *txn, struct text name, struct text description,
	struct arena *arena, Tenon__V1__SchemaRegistry **registry_out, struct error *err) MUST_USE;
enum status registry_list(struct catalog_txn *txn, struct text token, size_t limit,
	struct arena *arena, Tenon__V1__ListRegistriesResponse *answer, struct error *err) MUST_USE;
/* With its schemas and their versions. */
enum status registry_delete(struct catalog_txn *txn, struct text name, struct error *err) MUST_USE;

/* A version to be: the caller has parsed it and decided. All of it is copied. */
struct schema_version_new {
	struct text definition;
	struct text canonical; /* one text for all that are the same definition */
	Tenon__V1__Column **columns;
	size_t column_count;
	const char *failure; /* why it is FAILURE; NULL: it is AVAILABLE */
};

/* With its first version, which is the checkpoint. "default-registry" is made when it
 * is not there. */
enum status schema_create(struct catalog_txn *txn, const Tenon__V1__RegisteredSchema *schema,
	const struct schema_version_new *first, struct arena *arena,
	Tenon__V1__RegisteredSchema **schema_out, Tenon__V1__SchemaVersion **version_out,
	struct error *err) MUST_USE;
enum status schema_update(struct catalog_txn *txn, const Tenon__V1__UpdateSchemaRequest *asked,
	struct arena *arena, Tenon__V1__RegisteredSchema **schema_out, struct error *err) MUST_USE;
/* Of one registry, or (empty) of all, in the order of their names. */
enum status schema_list(struct catalog_txn *txn, struct text registry, struct text token,
	size_t limit, struct arena *arena, Tenon__V1__ListSchemasResponse *answer,
	struct error *err) MUST_USE;
enum status schema_delete(struct catalog_txn *txn, struct text registry, struct text name,
	struct error *err) MUST_USE;

/* A schema as it is now. What is decided about it holds as long as its revision. */
struct schema_view {
	Tenon__V1__RegisteredSchema *schema;
	uint64_t id;
	uint64_t revision;
};
enum status schema_view(struct catalog_txn *txn, struct text registry, struct text name,
	struct arena *arena, struct schema_view *view_out, struct error *err) MUST_USE;

/* ABORTED when the schema is no longer at the revision of `view`: look again. Written
 * under the next number, as AVAILABLE or FAILURE. */
enum status schema_version_add(struct catalog_txn *txn, const struct schema_view *view,
	const struct schema_version_new *fresh, struct arena *arena,
	Tenon__V1__SchemaVersion **version_out, struct error *err) MUST_USE;
/* By its number (0: the newest that is AVAILABLE) or by its id. */
enum status schema_version_get(struct catalog_txn *txn, struct text registry, struct text schema,
	uint32_t number, struct arena *arena, Tenon__V1__SchemaVersion **version_out,
	struct error *err) MUST_USE;
enum status schema_version_get_by_id(struct catalog_txn *txn, struct text id, struct arena *arena,
	Tenon__V1__SchemaVersion **version_out, struct error *err) MUST_USE;
/* The version with that canonical text, rather one that is AVAILABLE; NULL when there
 * is none. */
enum status schema_version_same(struct catalog_txn *txn, const struct schema_view *view,
	struct text canonical, struct arena *arena, Tenon__V1__SchemaVersion **version_out,
	struct error *err) MUST_USE;
/* The first AVAILABLE one from number `from` on, or NULL. */
enum status schema_version_from(struct catalog_txn *txn, const struct schema_view *view,
	uint32_t from, struct arena *arena, Tenon__V1__SchemaVersion **version_out,
	struct error *err) MUST_USE;
/* In the order of their numbers, without definitions and columns. */
enum status schema_version_list(struct catalog_txn *txn, struct text registry, struct text schema,
	struct text token, size_t limit, struct arena *arena,
	Tenon__V1__ListSchemaVersionsResponse *answer, struct error *err) MUST_USE;
/* "5" or "3-7". What cannot be removed (the checkpoint, what is not there) is told in
 * the answer, and the others are removed. */
enum status schema_version_delete(struct catalog_txn *txn, struct text registry, struct text schema,
	struct text which, struct arena *arena, Tenon__V1__DeleteSchemaVersionsResponse *answer,
	struct error *err) MUST_USE;

/* Notes on a version, by its id; at most LIMIT_VERSION_METADATA. `value` NULL removes the
 * key, which need not be there. Returns the version after it. */
enum status schema_version_annotate(struct catalog_txn *txn, struct text id, struct text key,
	const char *value, struct arena *arena, Tenon__V1__SchemaVersion **version_out,
	struct error *err) MUST_USE;
