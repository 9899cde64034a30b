#pragma once

#include "catalog/txn.h"

/* Inside the room: what listings leave out because their reader may not see it
 * (catalog_see). Everything is seen where nobody said otherwise. */
static inline bool sees_table(
	const struct catalog_txn *txn, struct text database, struct text table)
{
	return !txn->sight || txn->sight->table(txn->sight, database, table);
}

/* All of it, and so how much there is. */
static inline bool sees_database(const struct catalog_txn *txn, struct text database)
{
	return !txn->sight || txn->sight->database(txn->sight, database);
}

static inline bool sees_resource(const struct catalog_txn *txn, struct text resource)
{
	return !txn->sight || txn->sight->resource(txn->sight, resource);
}

/* "job" and "daily" for "job/daily". */
bool sees_named(const struct catalog_txn *txn, const char *kind, const char *name);
/* `name` "*": all of the registry's. */
bool sees_schema(const struct catalog_txn *txn, struct text registry, struct text name);
