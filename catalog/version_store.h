#pragma once

#include "base/buffer.h"
#include "catalog/txn.h"
#include "tenon/store/v1/versions.pb-c.h"
#include "tenon/v1/table.pb-c.h"

/* Inside the room: how versions are kept. A record holds its table whole, or as what
 * differs from the last whole one before it: never from another difference, so that
 * any version is read from at most two records. A whole one is due when the differences
 * from the last one have come to its own size, after VERSIONS_OF_BASE, or when a
 * difference is more than half of what it stands for. A whole one that is removed stays,
 * hidden, while there are differences from it. */
enum { VERSIONS_OF_BASE = 256 };

/* The key of a version's record, and of its pin. */
void version_key(struct buffer *key, uint64_t table, uint64_t version);

/* `packed`: the version's table. `before`: a version of it that is there, the last one;
 * NULL: there is none. */
enum status version_store(struct catalog_txn *txn, const Tenon__V1__TableVersion *version,
	struct text packed, const uint64_t *before, struct arena *arena,
	struct error *err) MUST_USE;

/* *version_out NULL when there is none. Reading its table costs more. Says whether it
 * is pinned. */
enum status version_find(struct catalog_txn *txn, uint64_t table, uint64_t version, bool with_table,
	struct arena *arena, Tenon__V1__TableVersion **version_out, struct error *err) MUST_USE;
/* The first one that is not below `least`, without its table; NULL past the last. */
enum status version_from(struct catalog_txn *txn, uint64_t table, uint64_t least,
	struct arena *arena, Tenon__V1__TableVersion **version_out, struct error *err) MUST_USE;
/* The last version made by `time_us` and the first after it, by halving; NULL where
 * there is none. */
enum status version_around(struct catalog_txn *txn, uint64_t table, uint64_t newest,
	int64_t time_us, struct arena *arena, Tenon__V1__TableVersion **before_out,
	Tenon__V1__TableVersion **after_out, struct error *err) MUST_USE;
/* Of one that is neither the newest nor pinned. */
enum status version_remove(struct catalog_txn *txn, uint64_t table, uint64_t version,
	bool *found_out, struct error *err) MUST_USE;

/* Whether a record holds a version, and is not only there for others. A glance. */
bool version_is_visible(struct text record);
/* DATA_LOSS, saying what, when a record's table cannot be read, or when it is hidden and
 * nobody needs it. */
enum status version_check(struct catalog_txn *txn, uint64_t table, uint64_t version,
	struct arena *arena, struct error *err) MUST_USE;
