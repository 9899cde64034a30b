#pragma once

#include "clients/cli/cli.h"
#include "tenon/v1/feed.pb-c.h"

/* Which changes: DB[.TABLE] as the plain argument number `place`, when there are so
 * many; --after, --severity, --kind. */
enum status feed_filter_read(struct cli *cli, const struct options *options, size_t place,
	Tenon__V1__WatchRequest *filter, struct error *err) MUST_USE;
