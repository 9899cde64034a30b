#pragma once

#include "catalog/catalog.h"
#include "tenon/v1/feed.pb-c.h"

/* Reading the change feed. Changes are numbered without gaps from 1; the oldest may
 * be gone. */

/* The oldest kept and the newest made: oldest is newest + 1 when none is kept. */
enum status feed_range(struct catalog_txn *txn, uint64_t *oldest_out, uint64_t *newest_out,
	struct error *err) MUST_USE;

/* INVALID_ARGUMENT names what no change can match: a severity that is none, a table
 * without its database, a name that cannot be one. */
enum status feed_filter_check(
	const Tenon__V1__WatchRequest *filter, struct arena *arena, struct error *err) MUST_USE;

/* One bounded step: what was looked at and what of it matched, in the caller's arena. */
struct feed_step {
	Tenon__V1__Change **changes;
	size_t count;
	uint64_t sequence; /* the last looked at; `after` when there was nothing */
	bool more; /* there is more behind it in this view */
};
/* Upwards from `after` (0: from the oldest kept) through at most `limit` matches.
 * OUT_OF_RANGE when changes after `after` are gone, or `after` was not made yet. */
enum status feed_read(struct catalog_txn *txn, uint64_t after,
	const Tenon__V1__WatchRequest *filter, size_t limit, struct arena *arena,
	struct feed_step *step_out, struct error *err) MUST_USE;

/* A page of a listing; `after` and the rest of the filter hold for either direction. */
enum status feed_list(struct catalog_txn *txn, const Tenon__V1__ListChangesRequest *request,
	size_t limit, struct arena *arena, Tenon__V1__Change ***changes_out, size_t *count_out,
	struct text *next_out, struct error *err) MUST_USE;
