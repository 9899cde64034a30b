#pragma once

#include "catalog/catalog.h"
#include "service/daemon.h"
#include "tenon/v1/worker.pb-c.h"

/* A crawl's plan into the catalog: tables matched by location, created or merged,
 * partitions added, the ledger brought up to date. One call is one transaction's
 * part: undoing it undoes all of it, so a plan is judged by applying and undoing.
 * The result is complete, in `arena`. The plan's parts (service/parts.h) are read one
 * at a time. */
enum status crawl_apply(struct catalog_txn *txn, struct daemon *daemon, const char *run_id,
	const char *principal, const Tenon__V1__ApplyCrawlRequest *plan, struct arena *arena,
	Tenon__V1__CrawlResult **result_out, struct error *err) MUST_USE;
