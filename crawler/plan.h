#pragma once

#include "crawler/group.h"

/* One table of the plan from a group and its summary: definition, partitions with
 * their locations, the entries of changed objects. `exclusions` are the crawl's
 * globs, noted for readers. `unchanged`: no object of it differs. */
struct table_plan {
	const struct found *found;
	const struct group *group;
	char *name;
	const char *database;
	Tenon__V1__Inferred *summary;
	struct text target; /* to which the exclusions are relative */
	char *const *exclusions;
	size_t exclusion_count;
	bool unchanged;
};
Tenon__V1__CrawlTable *table_planned(const struct table_plan *plan, struct arena *arena);
