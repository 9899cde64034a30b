#pragma once

#include "catalog/txn.h"
#include "tenon/v1/table.pb-c.h"

/* Inside the room: how versions are kept. A record holds its table whole, or as what
 * differs from the last whole one before it: never from another difference, so that
 * any version is read from at most two records. A whole one is due when the differences
 * from the last one have come to its own size, after VERSIONS_OF_BASE, or when a
 * difference is more than half of what it stands for. A whole one that is removed stays,
 * hidden, while there are differences from it. */
enum { VERSIONS_OF_BASE = 256 };

/* `before`: a version of the table that is there, the last one; NULL: there is none. */
enum status version_store(struct catalog_txn *txn, uint64_t table,
	const Tenon__V1__TableVersion *version, const uint64_t *before, struct arena *arena,
	struct error *err) MUST_USE;

/* *version_out NULL when there is none. Reading its table costs more. */
enum status version_find(struct catalog_txn *txn, uint64_t table, uint64_t version, bool with_table,
	struct arena *arena, Tenon__V1__TableVersion **version_out, struct error *err) MUST_USE;
/* The first one that is not below `least`, without its table; NULL past the last. */
enum status version_from(struct catalog_txn *txn, uint64_t table, uint64_t least,
	struct arena *arena, Tenon__V1__TableVersion **version_out, struct error *err) MUST_USE;
/* Of one that is not the newest. */
enum status version_remove(struct catalog_txn *txn, uint64_t table, uint64_t version,
	bool *found_out, struct error *err) MUST_USE;

/* DATA_LOSS, saying what, when a record's table cannot be read, or when it is hidden and
 * nobody needs it. */
enum status version_check(struct catalog_txn *txn, uint64_t table, uint64_t version,
	struct arena *arena, struct error *err) MUST_USE;
