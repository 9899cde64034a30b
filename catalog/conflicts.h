#pragma once

#include "catalog/catalog.h"
#include "tenon/v1/catalog.pb-c.h"

/* Where crawls found otherwise than a person or a declaration says: one record for a field
 * of a table, from the first crawl that said so until a crawl says no more. */

/* One thing that a crawl found otherwise. */
struct conflict {
	const char *path; /* as in field_path_short */
	const char *kept; /* what stands in the catalog; empty: nothing */
	const char *found; /* what the data say */
	const Tenon__V1__FieldOwner *owner;
};

/* All that a crawl found of one table that it looked at: what was known before and is not
 * among it is forgotten. */
enum status conflicts_found(struct catalog_txn *txn, const Tenon__V1__Table *table,
	const char *run_id, const struct conflict *conflicts, size_t count,
	struct error *err) MUST_USE;

/* Those of all tables (empty database), of a database's, of one; the settled ones not.
 * By table, then by path. A page may be short and still have a next token. */
enum status conflicts_list(struct catalog_txn *txn, const Tenon__V1__ListConflictsRequest *request,
	size_t limit, struct arena *arena, Tenon__V1__Conflict ***conflicts_out, size_t *count_out,
	struct text *next_out, struct error *err) MUST_USE;

/* Takes what was found, which makes a version, or keeps what is there. NOT_FOUND when the
 * field has no conflict. */
enum status conflict_resolve(struct catalog_txn *txn,
	const Tenon__V1__ResolveConflictRequest *request, struct arena *arena,
	Tenon__V1__Table **table_out, uint32_t *resolved_out, struct error *err) MUST_USE;

/* Inside the room: a table became another one. What now agrees with what was found is no
 * conflict any more; of the rest the new value is what is kept. */
enum status conflicts_follow(struct catalog_txn *txn, const Tenon__V1__Table *before,
	const Tenon__V1__Table *after, struct error *err) MUST_USE;
/* Inside the room: of a table that goes. */
enum status conflicts_forget(struct catalog_txn *txn, uint64_t id, struct error *err) MUST_USE;
