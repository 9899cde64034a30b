#pragma once

#include "catalog/tables.h"

/* Tables by their words: catalog.proto says what a request means and what comes back.
 * At most `limit` hits, fewer or none when many tables had to be looked at: only an
 * empty token ends. Unsorted, the hits come by the worst place of a query's words
 * (names, then columns, then the rest) and by id within that. */
enum status table_search(struct catalog_txn *txn, const Tenon__V1__SearchTablesRequest *request,
	size_t limit, struct arena *arena, Tenon__V1__SearchTablesResponse *response,
	struct error *err) MUST_USE;
