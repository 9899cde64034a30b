#pragma once

#include "base/buffer.h"
#include "catalog/registries.h"
#include "catalog/store.h"
#include "tenon/store/v1/registry.pb-c.h"

/* Inside the room: the records of the schema registry. */

/* An empty name of a registry is the default one; the characters of both are checked. */
enum status registry_name(struct text name, struct text *name_out, struct error *err) MUST_USE;
enum status schema_name_check(struct text name, const char *what, struct error *err) MUST_USE;

enum status registry_read(struct catalog_txn *txn, struct text name, struct arena *arena,
	Tenon__V1__SchemaRegistry **registry_out, struct error *err) MUST_USE; /* NULL: none */
enum status registry_write(struct catalog_txn *txn, const Tenon__V1__SchemaRegistry *before,
	const Tenon__V1__SchemaRegistry *after, struct error *err) MUST_USE;
/* Made when it is the default one and not there; NOT_FOUND when it is another. */
enum status registry_need(struct catalog_txn *txn, struct text name, struct arena *arena,
	Tenon__V1__SchemaRegistry **registry_out, struct error *err) MUST_USE;

/* NOT_FOUND when there is none. */
enum status schema_read(struct catalog_txn *txn, struct text registry, struct text name,
	struct arena *arena, Tenon__Store__V1__SchemaRecord **record_out,
	struct error *err) MUST_USE;
/* One revision further. */
enum status schema_write(struct catalog_txn *txn, Tenon__Store__V1__SchemaRecord *record,
	struct error *err) MUST_USE;
/* Its versions, its entries in schema_ids, its tags; not itself. */
enum status schema_forget(struct catalog_txn *txn, const Tenon__Store__V1__SchemaRecord *record,
	struct error *err) MUST_USE;
enum status schema_note(struct catalog_txn *txn, const char *kind,
	const Tenon__V1__RegisteredSchema *before, const Tenon__V1__RegisteredSchema *after,
	struct error *err) MUST_USE;

/* NULL: none. The names of registry and schema are in it. */
enum status schema_version_read(struct catalog_txn *txn,
	const Tenon__Store__V1__SchemaRecord *schema, uint32_t number, struct arena *arena,
	Tenon__Store__V1__SchemaVersionRecord **record_out, struct error *err) MUST_USE;
enum status schema_version_write(struct catalog_txn *txn,
	const Tenon__Store__V1__SchemaRecord *schema,
	const Tenon__Store__V1__SchemaVersionRecord *record, struct error *err) MUST_USE;
enum status schema_version_remove(struct catalog_txn *txn,
	const Tenon__Store__V1__SchemaRecord *schema,
	const Tenon__Store__V1__SchemaVersionRecord *record, struct error *err) MUST_USE;
/* Its next version: written, noted, and counted in `schema`, which is not written. */
enum status schema_version_append(struct catalog_txn *txn, Tenon__Store__V1__SchemaRecord *schema,
	const struct schema_version_new *fresh, struct arena *arena,
	Tenon__V1__SchemaVersion **version_out, struct error *err) MUST_USE;
enum status schema_version_note(struct catalog_txn *txn, const char *kind,
	const Tenon__V1__SchemaVersion *before, const Tenon__V1__SchemaVersion *after,
	struct error *err) MUST_USE;

/* Keys of schema_ids:
 *
 *   i uuid                       → schema id · version
 *   s schema id                  → registry ␀ schema
 *   t schema id · hash · version → 1 when it is AVAILABLE, else 0; its uuid
 */
enum { ID_BYTES = 36, HASH_BYTES = 16 };
void id_key(struct buffer *key, struct text id);
void schema_id_key(struct buffer *key, uint64_t schema);
void text_key(struct buffer *key, uint64_t schema, struct text canonical);
void schema_version_key(struct buffer *key, uint64_t schema, uint32_t number);
struct text canonical_of(const Tenon__Store__V1__SchemaVersionRecord *record);
