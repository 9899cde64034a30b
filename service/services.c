#include "service/serve.h"

#include "tenon/v1/access.pb-c.h"
#include "tenon/v1/connections.pb-c.h"
#include "tenon/v1/feed.pb-c.h"
#include "tenon/v1/functions.pb-c.h"
#include "tenon/v1/operations.pb-c.h"
#include "tenon/v1/registry.pb-c.h"
#include "tenon/v1/statistics.pb-c.h"
#include "tenon/v1/tags.pb-c.h"

/* What the daemon serves. A service's methods may come from several handler files. */

static const struct methods *const catalog[] = {
	&database_methods,
	&table_methods,
	&version_methods,
	&dropped_methods,
	&search_methods,
	&conflict_methods,
	&partition_methods,
	&partition_index_methods,
};
static const struct methods *const crawlers[] = {&crawler_methods};
static const struct methods *const jobs[] = {&job_methods};
static const struct methods *const operations[] = {&operations_methods};
static const struct methods *const worker[] = {&worker_methods};
static const struct methods *const functions[] = {&function_methods};
static const struct methods *const statistics[] = {&statistics_methods};
static const struct methods *const tags[] = {&tag_methods};

static const struct methods *const registry[] = {&registry_methods};

static const struct methods *const connections[] = {&connection_methods};

static const struct methods *const access_parts[] = {&access_methods};
static const struct methods *const feed[] = {&feed_methods, &webhook_methods};

#define PARTS(array) .parts = (array), .part_count = sizeof(array) / sizeof *(array)

const struct service_row service_rows[] = {
	{.descriptor = &tenon__v1__catalog__descriptor, PARTS(catalog)},
	{.descriptor = &tenon__v1__crawlers__descriptor, PARTS(crawlers)},
	{.descriptor = &tenon__v1__jobs__descriptor, PARTS(jobs)},
	{.descriptor = &tenon__v1__worker__descriptor, PARTS(worker), .admit = worker_admit},
	{.descriptor = &tenon__v1__statistics__descriptor, PARTS(statistics)},
	{.descriptor = &tenon__v1__functions__descriptor, PARTS(functions)},
	{.descriptor = &tenon__v1__tags__descriptor, PARTS(tags)},
	{.descriptor = &tenon__v1__connections__descriptor, PARTS(connections)},
	{.descriptor = &tenon__v1__feed__descriptor, PARTS(feed)},
	{.descriptor = &tenon__v1__registry__descriptor, PARTS(registry)},
	{.descriptor = &tenon__v1__access__descriptor, PARTS(access_parts)},
	{.descriptor = &tenon__v1__operations__descriptor, PARTS(operations)},
};

const size_t service_rows_count = sizeof service_rows / sizeof *service_rows;
