#pragma once

#include "formats/format.h"
#include "tenon/v1/table.pb-c.h"

/* How a table's text files are laid out, from the parameters that a crawl wrote
 * (crawler/serde.h says how) or that Hive's serdes use (field.delim, separatorChar).
 * Without a quoteChar the quote is '"', unless areColumnsQuoted is "false". A
 * partition's own parameters win. `partition` may be NULL. */
enum status dialect_of(struct arena *arena, const Tenon__V1__Table *table,
	const Tenon__V1__Partition *partition, struct dialect *dialect_out,
	struct error *err) MUST_USE;

/* A parameter's value: of the partition, the table, its storage or its serde; NULL
 * when none has it. */
const char *table_parameter(
	const Tenon__V1__Table *table, const Tenon__V1__Partition *partition, const char *key);
