#pragma once

#include "base/arena.h"
#include "schema/type.h"
#include "storage/store.h"
#include "tenon/v1/worker.pb-c.h"

/* One object of a listing and what is known of it: from the ledger when it has
 * not changed since, else from its own bytes. */
struct found {
	const struct object *object;
	Tenon__V1__LedgerEntry *entry; /* NULL until it was inspected */
	const struct type *row; /* exact columns; NULL: not part of any table */
	bool changed; /* new or other than the ledger's: it is opened */
	bool unreadable; /* could not be opened now: not recorded, so the next crawl retries */
};
