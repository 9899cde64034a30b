#pragma once

#include "crawler/crawl.h"
#include "crawler/entry.h"
#include "crawler/group.h"
#include "crawler/inspect.h"
#include "crawler/listing.h"

/* What crawl and infer_path share: everything up to the groups. */
struct crawl_run {
	const Tenon__V1__CrawlTask *task;
	Tenon__V1__LedgerEntry *const *ledger;
	size_t ledger_count;
	const struct crawl_progress *progress; /* may be NULL */
	const volatile bool *stop; /* may be NULL */
	struct arena *arena;
	/* Results. */
	Tenon__V1__CrawlOptions defaults;
	const Tenon__V1__CrawlOptions *options; /* the task's, or the defaults */
	struct text target;
	struct store *store;
	struct crawl_listing listing;
	struct inspection inspection;
	struct groups groups;
};

enum status crawl_run(struct crawl_run *run, struct error *err) MUST_USE;
void crawl_run_done(struct crawl_run *run);
#define CRAWL_RUN __attribute__((cleanup(crawl_run_done))) struct crawl_run
