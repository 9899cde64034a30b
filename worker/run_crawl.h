#pragma once

#include "worker/reporter.h"
#include "worker/session.h"

/* One crawl: the ledger in, crawl(), the plan out. */
enum status run_crawl(struct session *session, const Tenon__V1__CrawlTask *task,
	struct reporter *reporter, struct error *err) MUST_USE;
