#pragma once

#include "catalog/catalog.h"
#include "tenon/v1/catalog.pb-c.h"

/* Which versions of a table stay. Names are folded here; results are in `arena`. */

/* A pinned version is removed neither by retention nor by hand. `label` (may be empty)
 * is unique in its table: ALREADY_EXISTS. Again: another label. */
enum status version_pin(struct catalog_txn *txn, struct text database, struct text name,
	uint64_t version, struct text label, struct arena *arena,
	Tenon__V1__TableVersion **version_out, struct error *err) MUST_USE;
/* One that is not pinned is no error. */
enum status version_unpin(struct catalog_txn *txn, struct text database, struct text name,
	uint64_t version, struct arena *arena, Tenon__V1__TableVersion **version_out,
	struct error *err) MUST_USE;

/* INVALID_ARGUMENT for the current one, FAILED_PRECONDITION for one that is pinned. */
enum status version_delete(struct catalog_txn *txn, struct text database, struct text name,
	uint64_t version, struct error *err) MUST_USE;
/* After an update that was not to keep what was before: the version before the current
 * one goes, unless it is pinned. */
enum status version_skip(
	struct catalog_txn *txn, const Tenon__V1__Table *table, struct error *err) MUST_USE;

/* How long is kept what holds for one table, or (no name) for all that have none of
 * their own. `own_out`: the table has. Before anybody said so: dropped tables and
 * databases RETENTION_DROPPED_S, changes and audit entries as the daemon was told, all
 * else for ever. */
enum { RETENTION_DROPPED_S = 7 * 24 * 3600 };
enum status retention_get(struct catalog_txn *txn, struct text database, struct text name,
	struct arena *arena, Tenon__V1__Retention **retention_out, bool *own_out,
	struct error *err) MUST_USE;
/* Of changes or audit entries: how long they are kept where the daemon was told
 * `told_s`; 0 is for ever. */
int64_t retention_age_s(int64_t setting_s, int64_t told_s);
/* NULL: back to what holds for all (of all: to what held at first). A table's own says
 * only how many versions and how old. */
enum status retention_put(struct catalog_txn *txn, struct text database, struct text name,
	const Tenon__V1__Retention *retention, struct arena *arena, struct error *err) MUST_USE;

/* Removing what retention does not hold: a walk over all versions in bounded steps,
 * zeroed to begin with. */
struct retention_walk {
	bool begun;
	bool ended;
	bool cut; /* there was more to remove than one walk does */
	uint64_t table; /* the last one looked at, */
	uint64_t newest; /* its last version so far, */
	uint64_t count; /* and how many it has */
};
/* Versions of one table that may go: those up to `upto` that are not pinned. */
struct retention_due {
	uint64_t table; /* 0: none found in this step */
	uint64_t from; /* moves on while they are removed */
	uint64_t upto;
};
enum status retention_look(struct catalog_txn *txn, struct retention_walk *walk,
	struct retention_due *due_out, struct error *err) MUST_USE;
/* At most `limit`; due->table is 0 when all are gone. */
enum status retention_remove(struct catalog_txn *txn, struct retention_due *due, size_t limit,
	size_t *removed_out, struct error *err) MUST_USE;

/* Inside the room: as retention_get, by the table's id (0: of all). */
enum status retention_of(struct catalog_txn *txn, uint64_t table, struct arena *arena,
	Tenon__V1__Retention **retention_out, bool *own_out, struct error *err) MUST_USE;
/* What is kept by the id of a table that goes for good. */
enum status pins_forget(struct catalog_txn *txn, uint64_t table, struct error *err) MUST_USE;
