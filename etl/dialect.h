#pragma once

#include "formats/format.h"
#include "tenon/v1/table.pb-c.h"

/* How a table's text files are laid out, from the parameters that a crawl wrote
 * (delimiter, quoteChar, escapeChar, commentCharacter, skip.header.line.count,
 * encoding, nullText, jsonArray) or that Hive's serdes use (field.delim,
 * separatorChar). A partition's own parameters win. `partition` may be NULL. */
enum status dialect_of(struct arena *arena, const Tenon__V1__Table *table,
	const Tenon__V1__Partition *partition, struct dialect *dialect_out,
	struct error *err) MUST_USE;

/* A parameter's value: of the partition, the table, its storage or its serde; NULL
 * when none has it. */
const char *table_parameter(
	const Tenon__V1__Table *table, const Tenon__V1__Partition *partition, const char *key);
