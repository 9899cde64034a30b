#pragma once

#include "crawler/found.h"

/* What lies under a target now, against what earlier crawls saw there. */
struct crawl_listing {
	struct found *found; /* sorted by path */
	size_t count;
	char **gone; /* paths in the ledger that no longer exist, or are now excluded */
	const char **gone_tables; /* the tables they belonged to */
	size_t gone_count;
	uint64_t skipped; /* hidden, empty, excluded */
};

/* A merge-join of the sorted listing with the sorted ledger: an object is known
 * when path, bytes, time and etag are the ledger's. INVALID_ARGUMENT for a bad
 * exclusion; what store_list says. Lives in `arena`. */
enum status listing_read(struct store *store, struct text target, char *const *exclusions,
	size_t exclusion_count, Tenon__V1__LedgerEntry *const *ledger, size_t ledger_count,
	struct arena *arena, struct crawl_listing *listing_out, struct error *err) MUST_USE;
