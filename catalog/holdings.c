#include "catalog/holdings.h"

#include "catalog/arrivals.h"
#include "catalog/connections.h"
#include "catalog/partition_indexes.h"
#include "catalog/webhooks.h"
#include "tenon/store/v1/access.pb-c.h"
#include "tenon/store/v1/conflicts.pb-c.h"
#include "tenon/store/v1/partition_indexes.pb-c.h"
#include "tenon/store/v1/records.pb-c.h"
#include "tenon/store/v1/registry.pb-c.h"
#include "tenon/store/v1/tags.pb-c.h"
#include "tenon/store/v1/versions.pb-c.h"
#include "tenon/v1/catalog.pb-c.h"
#include "tenon/v1/functions.pb-c.h"
#include "tenon/v1/jobs.pb-c.h"
#include "tenon/v1/statistics.pb-c.h"
#include "tenon/v1/worker.pb-c.h"

/* Counters travel; what is this store's own does not. */
static bool meta_travels(struct text key, struct text value)
{
	static const char *const own[] = {"format", "secret", "search", "node", "access"};
	for (size_t i = 0; i < sizeof own / sizeof *own; i++) {
		if (text_equal(key, text_of(own[i])))
			return false;
	}
	return value.length == 8;
}

static void hide_connection(ProtobufCMessage *message, struct arena *arena)
{
	connection_hide((Tenon__V1__Connection *)message, arena);
}

/* Not the notes of what there is to do. */
static bool partition_index_travels(struct text key, struct text value)
{
	(void)value;
	enum { INDEX_BYTES = 9 };
	return key.length == INDEX_BYTES;
}

static void hide_webhook(ProtobufCMessage *message, struct arena *arena)
{
	(void)arena;
	Tenon__Store__V1__WebhookRecord *record = (Tenon__Store__V1__WebhookRecord *)message;
	if (record->webhook)
		webhook_hide(record->webhook);
}

static void begin_filling(ProtobufCMessage *message)
{
	partition_index_begin((Tenon__Store__V1__PartitionIndexRecord *)message);
}

const struct holding holdings[DB_COUNT_] = {
	[DB_META] = {.name = "meta", .travels = meta_travels, .arrive = arrive_counter},
	[DB_DATABASES] = {.name = "databases",
		.value = &tenon__v1__database__descriptor,
		.content = true},
	[DB_TABLES] = {.name = "tables",
		.key = "n",
		.value = &tenon__v1__table__descriptor,
		.content = true,
		.arrive = arrive_table},
	[DB_TABLES_BY_NAME] = {.name = "tables_by_name", .derived = true},
	[DB_TABLES_BY_LOCATION] = {.name = "tables_by_location", .derived = true},
	[DB_VERSIONS] = {.name = "versions",
		.key = "nn",
		.value = &tenon__store__v1__version_record__descriptor},
	[DB_PARTITIONS] = {.name = "partitions",
		.key = "nr",
		.value = &tenon__v1__partition__descriptor},
	[DB_FILES] = {.name = "files", .key = "tr", .value = &tenon__v1__ledger_entry__descriptor},
	[DB_JOBS] = {.name = "jobs",
		.value = &tenon__v1__job__descriptor,
		.content = true,
		.arrive = arrive_job},
	[DB_JOBS_BY_ID] = {.name = "jobs_by_id", .derived = true},
	[DB_BOOKMARKS] = {.name = "bookmarks",
		.key = "nt",
		.value = &tenon__v1__bookmark__descriptor},
	[DB_BOOKMARK_FILES] = {.name = "bookmark_files",
		.key = "ntr",
		.value = &tenon__v1__seen_file__descriptor},
	[DB_RUNS] = {.name = "runs",
		.value = &tenon__store__v1__run_record__descriptor,
		.arrive = arrive_run},
	[DB_RUNS_BY_JOB] = {.name = "runs_by_job", .derived = true},
	[DB_RUNS_OPEN] = {.name = "runs_open", .derived = true, .content = true},
	[DB_FEED] = {.name = "feed",
		.key = "n",
		.value = &tenon__store__v1__change_record__descriptor,
		.starts_anew = true},
	[DB_LONG] = {.name = "long", .derived = true},
	[DB_DROPPED] = {.name = "dropped", .content = true},
	[DB_SEARCH] = {.name = "search", .derived = true},
	[DB_SEARCH_FRESH] = {.name = "search_fresh", .derived = true},
	[DB_PARTITION_INDEXES] = {.name = "partition_indexes",
		.key = "nr",
		.value = &tenon__store__v1__partition_index_record__descriptor,
		.travels = partition_index_travels,
		.begin = begin_filling,
		.arrive = arrive_partition_index},
	[DB_PARTITION_ORDERS] = {.name = "partition_orders", .derived = true},
	[DB_STATISTICS] = {.name = "statistics",
		.key = "nr",
		.value = &tenon__v1__column_statistics__descriptor},
	[DB_TAGS] = {.name = "tags",
		.key = "tr",
		.value = &tenon__store__v1__tags_record__descriptor,
		.arrive = arrive_tags},
	[DB_FUNCTIONS] = {.name = "functions",
		.key = "tr",
		.value = &tenon__v1__function__descriptor},
	[DB_CONNECTIONS] = {.name = "connections",
		.value = &tenon__v1__connection__descriptor,
		.content = true,
		.hide = hide_connection},
	[DB_CONFLICTS] = {.name = "conflicts",
		.key = "nr",
		.value = &tenon__store__v1__conflict_record__descriptor},
	[DB_REGISTRIES] = {.name = "registries",
		.value = &tenon__v1__schema_registry__descriptor,
		.content = true},
	[DB_SCHEMAS] = {.name = "schemas",
		.key = "tr",
		.value = &tenon__store__v1__schema_record__descriptor},
	[DB_SCHEMA_VERSIONS] = {.name = "schema_versions",
		.key = "nn",
		.value = &tenon__store__v1__schema_version_record__descriptor},
	[DB_SCHEMA_IDS] = {.name = "schema_ids"},
	[DB_WEBHOOKS] = {.name = "webhooks",
		.value = &tenon__store__v1__webhook_record__descriptor,
		.content = true,
		.hide = hide_webhook,
		.arrive = arrive_webhook},
	[DB_TOKENS] = {.name = "tokens",
		.key = "n",
		.value = &tenon__store__v1__token_record__descriptor,
		.arrive = arrive_token},
	[DB_GRANTS] = {.name = "grants",
		.key = "ttr",
		.value = &tenon__store__v1__grant_record__descriptor,
		.arrive = arrive_grant},
	[DB_PINS] = {.name = "pins",
		.key = "nn",
		.value = &tenon__store__v1__pin_record__descriptor},
	[DB_RETENTION] = {.name = "retention",
		.key = "n",
		.value = &tenon__v1__retention__descriptor},
	[DB_AUDIT] = {.name = "audit",
		.key = "n",
		.value = &tenon__store__v1__audit_record__descriptor,
		.starts_anew = true},
};
