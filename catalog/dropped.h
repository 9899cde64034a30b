#pragma once

#include "catalog/catalog.h"
#include "tenon/v1/catalog.pb-c.h"

/* What was dropped can be had back until its time has passed (retention's dropped_s). A
 * dropped table is absent for everybody: its name is free, nothing finds it; only what is
 * kept by its id stays, untouched, until it is purged in bounded steps. A database takes
 * its tables along, and brings those back. Names are folded here. */

/* `drop_id` 0: the last one dropped under this name. `new_name` empty: as it was.
 * NOT_FOUND when there is none; ALREADY_EXISTS when the name is taken meanwhile. */
enum status table_undrop(struct catalog_txn *txn, struct text database, struct text name,
	uint64_t drop_id, struct text new_name, struct arena *arena, Tenon__V1__Table **table_out,
	struct error *err) MUST_USE;
enum status database_undrop(struct catalog_txn *txn, struct text name, uint64_t drop_id,
	struct text new_name, struct arena *arena, Tenon__V1__Database **database_out,
	uint64_t *tables_out, struct error *err) MUST_USE;
/* Newest first; empty database: all. Tables that went with their database are counted
 * there, not listed. */
enum status dropped_list(struct catalog_txn *txn, struct text database, struct text token,
	size_t limit, struct arena *arena, Tenon__V1__Dropped ***dropped_out, size_t *count_out,
	struct text *next_out, struct error *err) MUST_USE;

/* Whether there is anything whose time has passed. */
enum status dropped_due(struct catalog_txn *txn, bool *due_out, struct error *err) MUST_USE;
/* Some of it goes for good: about `limit` records. False in more_out when that was all. */
enum status dropped_purge(
	struct catalog_txn *txn, uint64_t limit, bool *more_out, struct error *err) MUST_USE;
