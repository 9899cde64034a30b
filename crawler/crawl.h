#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "tenon/v1/worker.pb-c.h"

#include <stdbool.h>

/* From files to tables: list → compare with the ledger → classify → infer →
 * group → merge → plan. Pure with regard to the catalog: it takes the ledger and
 * returns a plan as messages; the worker carries both over gRPC. */
struct crawl_progress {
	/* Called now and then from the crawling thread; false asks it to stop. */
	bool (*report)(void *state, const Tenon__V1__Progress *progress);
	void *state;
};

/* The plan for one target. `ledger` is sorted by path. One object's failure is an
 * entry in the plan's `loose` and in result.failed; only an unreadable target
 * fails the crawl. CANCELLED when report said stop. */
enum status crawl(const Tenon__V1__CrawlTask *task, Tenon__V1__LedgerEntry *const *ledger,
	size_t ledger_count, const struct crawl_progress *progress, struct arena *arena,
	Tenon__V1__ApplyCrawlRequest **plan_out, struct error *err) MUST_USE;

/* What a crawl would say of a file or prefix, without a catalog: one result per
 * table, or (`each`) per object. */
enum status infer_path(struct text path, bool each, unsigned threads, const volatile bool *stop,
	struct arena *arena, Tenon__V1__InferResponse **response_out, struct error *err) MUST_USE;
