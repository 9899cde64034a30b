#pragma once

#include "catalog/catalog.h"

/* How much of the change feed is kept. Numbers go on all the same: what is gone is a
 * beginning of the feed, and never anything behind what is kept. */
struct feed_keep {
	uint64_t changes; /* 0: as many as there are */
	int64_t age_s; /* 0: for ever */
};

/* Whether there is anything to forget. A read will do. */
enum status feed_is_long(struct catalog_txn *txn, const struct feed_keep *keep, bool *long_out,
	struct error *err) MUST_USE;

/* Forgets the oldest changes that `keep` does not hold, at most `limit` of them. */
enum status feed_trim(struct catalog_txn *txn, const struct feed_keep *keep, size_t limit,
	size_t *removed_out, struct error *err) MUST_USE;
