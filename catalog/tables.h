#pragma once

#include "catalog/catalog.h"
#include "tenon/store/v1/records.pb-c.h"
#include "tenon/v1/catalog.pb-c.h"

/* Databases and tables. Names are folded to lower case here, so callers pass what
 * they were given. Results are in `arena`. Who did it (catalog_act_as) and why are
 * recorded. */
enum status database_put(struct catalog_txn *txn, const Tenon__V1__Database *database,
	bool if_not_exists, struct arena *arena, Tenon__V1__Database **database_out,
	struct error *err) MUST_USE;
enum status database_get(struct catalog_txn *txn, struct text name, struct arena *arena,
	Tenon__V1__Database **database_out, struct error *err) MUST_USE;
/* Replaces the description, location, parameters and target; its tables stay. A new
 * name in `database` is FAILED_PRECONDITION: databases are not renamed yet. The same
 * again writes nothing. */
enum status database_update(struct catalog_txn *txn, struct text name,
	const Tenon__V1__Database *database, struct arena *arena,
	Tenon__V1__Database **database_out, struct error *err) MUST_USE;
enum status database_delete(
	struct catalog_txn *txn, struct text name, bool cascade, struct error *err) MUST_USE;
/* Up to `limit` after the key in `token` (empty: from the start); `next_out` is
 * the next token, empty at the end. INVALID_ARGUMENT for a token not ours. */
enum status database_list(struct catalog_txn *txn, struct text token, size_t limit,
	struct arena *arena, Tenon__V1__Database ***databases_out, size_t *count_out,
	struct text *next_out, struct error *err) MUST_USE;

/* Of a table that is created or updated the maps are sorted in place, and *table_out
 * shares what is below it: both live as long as the result is used. */
enum status table_create(struct catalog_txn *txn, Tenon__V1__Table *table, struct arena *arena,
	Tenon__V1__Table **table_out, struct error *err) MUST_USE;
/* Replaces the definition. `version` NULL: last writer wins; else ABORTED unless
 * current. Nothing changed: no new version, changed_out false. */
enum status table_update(struct catalog_txn *txn, Tenon__V1__Table *table, const uint64_t *version,
	struct arena *arena, Tenon__V1__Table **table_out, bool *changed_out,
	struct error *err) MUST_USE;
/* The same, and what changes is as if a crawl had found it, whoever writes. */
enum status table_update_inferred(struct catalog_txn *txn, Tenon__V1__Table *table,
	struct arena *arena, Tenon__V1__Table **table_out, struct error *err) MUST_USE;
/* Rename or move by the table's id: one key moves. */
enum status table_rename(struct catalog_txn *txn, uint64_t id, struct text database,
	struct text name, struct error *err) MUST_USE;
enum status table_delete(struct catalog_txn *txn, struct text database, struct text name,
	struct error *err) MUST_USE;

enum status table_get(struct catalog_txn *txn, struct text database, struct text name,
	struct arena *arena, Tenon__V1__Table **table_out, struct error *err) MUST_USE;
/* The stored bytes of a packed tenon.v1.Table, borrowed until the transaction
 * ends: a plain get is answered without unpacking. */
enum status table_get_bytes(struct catalog_txn *txn, struct text database, struct text name,
	struct text *bytes_out, struct error *err) MUST_USE;
enum status table_bytes_by_id(
	struct catalog_txn *txn, uint64_t id, struct text *bytes_out, struct error *err) MUST_USE;
enum status table_by_id(struct catalog_txn *txn, uint64_t id, struct arena *arena,
	Tenon__V1__Table **table_out, struct error *err) MUST_USE;
/* The table whose storage location is `location`, or NOT_FOUND. */
enum status table_by_location(struct catalog_txn *txn, struct text database, struct text location,
	struct arena *arena, Tenon__V1__Table **table_out, struct error *err) MUST_USE;
/* In (database, name) order; empty database: all of them. */
enum status table_list(struct catalog_txn *txn, struct text database, struct text token,
	size_t limit, bool names_only, struct arena *arena, Tenon__V1__Table ***tables_out,
	size_t *count_out, struct text *next_out, struct error *err) MUST_USE;

/* Newest first, the current one included; `with`: any of these together. */
enum { VERSIONS_BARE = 0, VERSIONS_WITH_TABLES = 1, VERSIONS_WITH_FIELDS = 2 };
enum status version_list(struct catalog_txn *txn, struct text database, struct text name,
	struct text token, size_t limit, unsigned with, struct arena *arena,
	Tenon__V1__TableVersion ***versions_out, size_t *count_out, struct text *next_out,
	struct error *err) MUST_USE;
enum status version_get(struct catalog_txn *txn, struct text database, struct text name,
	uint64_t version, struct arena *arena, Tenon__V1__TableVersion **version_out,
	struct error *err) MUST_USE;
/* With what only measures the data (field_measures), or without. */
enum status version_diff(struct catalog_txn *txn, struct text database, struct text name,
	uint64_t from, uint64_t to, bool measures, struct arena *arena,
	Tenon__V1__DiffTableVersionsResponse **diff_out, struct error *err) MUST_USE;

/* The table as it is now under these names, or as the version that was current at
 * `time_us` keeps it: under the names of then, without what only the current one
 * knows. NOT_FOUND before it was made, and where versions that are no longer kept
 * leave it open. Assumes that the clock did not run backwards. */
enum status table_get_as_of(struct catalog_txn *txn, struct text database, struct text name,
	int64_t time_us, struct arena *arena, Tenon__V1__Table **table_out,
	struct error *err) MUST_USE;
/* The definition of version `to` as a new version, by table_update. The names, the
 * evidence and the counts of the data stay what they are now. */
enum status table_rollback(struct catalog_txn *txn, struct text database, struct text name,
	uint64_t to, const uint64_t *version, struct arena *arena, Tenon__V1__Table **table_out,
	bool *changed_out, struct error *err) MUST_USE;

/* A wire table's columns and keys as a schema value (types parsed), in `arena`.
 * INVALID_ARGUMENT names the column. */
struct schema;
enum status table_schema(const Tenon__V1__Table *table, struct arena *arena,
	struct schema *schema_out, struct error *err) MUST_USE;
