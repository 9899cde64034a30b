#pragma once

#include "etl/run.h"
#include "etl/source.h"

/* Which of a sorted listing's files an earlier run has not read: a merge-join
 * with the sorted bookmark, page by page, so its memory is one page whatever the
 * bookmark's size. Files are known by identity (path, size, time, etag), so late,
 * old-dated and overwritten files are all seen for what they are. */
enum status bookmark_select(const struct etl_host *host, const char *context,
	Tenon__V1__OverwriteMode overwrite, struct source *source, struct error *err) MUST_USE;
