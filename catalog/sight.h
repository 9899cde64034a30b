#pragma once

#include "catalog/txn.h"

/* Inside the room: what listings leave out because their reader may not see it
 * (catalog_see). Everything is seen where nobody said otherwise. */
static inline bool sees_table(
	const struct catalog_txn *txn, struct text database, struct text table)
{
	return !txn->sight || txn->sight->table(txn->sight, database, table);
}

static inline bool sees_resource(const struct catalog_txn *txn, struct text resource)
{
	return !txn->sight || txn->sight->resource(txn->sight, resource);
}

/* "job" and "daily" for "job/daily". */
bool sees_named(const struct catalog_txn *txn, const char *kind, const char *name);
