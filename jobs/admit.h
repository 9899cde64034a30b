#pragma once

#include "base/error.h"
#include "base/text.h"
#include "tenon/store/v1/records.pb-c.h"

/* May one more run begin? Pure: judged against the runs that have not ended, read
 * in the same transaction that adds the new one, so that two requests at once
 * cannot both slip through. */

/* RESOURCE_EXHAUSTED naming the job's limit when it has as many runs as it may. */
enum status admit_job(const Tenon__V1__Job *job, Tenon__Store__V1__RunRecord *const *open,
	size_t count, struct error *err) MUST_USE;

/* FAILED_PRECONDITION naming the crawl that works on the same place of the same
 * database: an outer or inner folder counts. Plans change nothing and are free. */
enum status admit_crawl(const Tenon__V1__StartCrawlRequest *crawl,
	Tenon__Store__V1__RunRecord *const *open, size_t count, struct error *err) MUST_USE;

/* Bookmarks forbid two runs at once: both would read the same new files.
 * INVALID_ARGUMENT says what to change. */
enum status admit_bookmark(
	const Tenon__V1__Job *job, Tenon__V1__BookmarkMode mode, struct error *err) MUST_USE;

/* `path` is `folder` or inside it. Both without a final slash. */
bool path_is_within(struct text path, struct text folder);
