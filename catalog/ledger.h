#pragma once

#include "catalog/catalog.h"
#include "tenon/store/v1/records.pb-c.h"
#include "tenon/v1/worker.pb-c.h"

/* What crawls have seen: one entry per database and object path, so that an
 * unchanged object is not opened again. */
enum status ledger_put(struct catalog_txn *txn, struct text database,
	const Tenon__V1__LedgerEntry *entry, struct error *err) MUST_USE;
enum status ledger_remove(struct catalog_txn *txn, struct text database, struct text path,
	struct error *err) MUST_USE;
/* The next entries under `prefix` after path `after` (empty: from its start), sorted by path. */
enum status ledger_list(struct catalog_txn *txn, struct text database, struct text prefix,
	struct text after, size_t limit, struct arena *arena, Tenon__V1__LedgerEntry ***entries_out,
	size_t *count_out, struct error *err) MUST_USE;
