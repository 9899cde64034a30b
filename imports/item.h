#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "tenon/v1/catalog.pb-c.h"
#include "tenon/v1/functions.pb-c.h"
#include "tenon/v1/statistics.pb-c.h"

/* One thing that a file of another catalog says. */
enum import_kind {
	IMPORT_DATABASE,
	IMPORT_TABLE,
	IMPORT_FUNCTION,
	IMPORT_PARTITION,
	IMPORT_STATISTICS,
	IMPORT_KINDS_,
};

struct import_item {
	enum import_kind kind;
	size_t line; /* where it begins, from 1 */
	size_t column; /* 0: not known */
	/* Not STATUS_OK: it cannot be read, as `why` says; what follows it can. */
	struct error why;
	/* Of a partition and of statistics: the table they belong to. Empty: the file does
	 * not say. */
	char *in_database, *in_table;
	/* Of a partition whose values stand in an order of their own: the key of each. */
	char **in_keys;
	union {
		Tenon__V1__Database *database;
		Tenon__V1__Table *table;
		Tenon__V1__Function *function;
		Tenon__V1__Partition *partition;
		Tenon__V1__ColumnStatistics *statistics;
	};
};
