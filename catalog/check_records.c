#include "catalog/check_rows.h"
#include "tenon/store/v1/records.pb-c.h"
#include "tenon/store/v1/tags.pb-c.h"
#include "tenon/v1/catalog.pb-c.h"
#include "tenon/v1/connections.pb-c.h"
#include "tenon/v1/functions.pb-c.h"
#include "tenon/v1/jobs.pb-c.h"
#include "tenon/v1/statistics.pb-c.h"
#include "tenon/v1/worker.pb-c.h"

/* What each named database holds: every record of it unpacks as that. */

#define HOLDS(db, descriptor)                              \
	{                                                  \
		"records", (db), &(descriptor), NULL, NULL \
	}

static const struct check_row rows[] = {
	HOLDS(DB_DATABASES, tenon__v1__database__descriptor),
	HOLDS(DB_TABLES, tenon__v1__table__descriptor),
	HOLDS(DB_VERSIONS, tenon__store__v1__version_record__descriptor),
	HOLDS(DB_PARTITIONS, tenon__v1__partition__descriptor),
	HOLDS(DB_FILES, tenon__v1__ledger_entry__descriptor),
	HOLDS(DB_JOBS, tenon__v1__job__descriptor),
	HOLDS(DB_BOOKMARKS, tenon__v1__bookmark__descriptor),
	HOLDS(DB_BOOKMARK_FILES, tenon__v1__seen_file__descriptor),
	HOLDS(DB_RUNS, tenon__store__v1__run_record__descriptor),
	HOLDS(DB_FEED, tenon__store__v1__change_record__descriptor),
	HOLDS(DB_FUNCTIONS, tenon__v1__function__descriptor),
	HOLDS(DB_CONNECTIONS, tenon__v1__connection__descriptor),
	HOLDS(DB_STATISTICS, tenon__v1__column_statistics__descriptor),
	HOLDS(DB_TAGS, tenon__store__v1__tags_record__descriptor),
};

const struct check_rows check_records = CHECK_ROWS(rows);
