#pragma once

#include "catalog/tables.h"

#include "base/hash.h"
#include "schema/schema.h"

/* A table's definition as the catalog keeps it: within limits, with maps sorted by
 * key (the last of equal keys wins), without what only the server sets. The maps of
 * `table` itself are sorted, and the definition shares them and all else below it. */
enum status definition_new(Tenon__V1__Table *table, struct arena *arena,
	Tenon__V1__Table **definition_out, struct schema *schema_out, struct error *err) MUST_USE;

enum status database_check(const Tenon__V1__Database *database, struct error *err) MUST_USE;
enum status storage_check(const Tenon__V1__StorageDescriptor *storage, struct error *err) MUST_USE;

/* What measures the data (see definition_compare) becomes that of `from`. */
void definition_keep_counts(
	struct arena *arena, Tenon__V1__Table *definition, const Tenon__V1__Table *from);

/* What an update amounts to. */
enum definition_change {
	DEFINITION_SAME, /* byte for byte */
	DEFINITION_COUNTS, /* only what measures the data: kept in place, no version */
	DEFINITION_CHANGED,
};
/* Both as definition_new makes them, server fields or not. What only measures:
 * `evidence`, and the parameters of table and storage that Glue, Hive and Spark
 * keep their counts and times in (README.md lists them). */
enum definition_change definition_compare(
	struct arena *arena, const Tenon__V1__Table *before, const Tenon__V1__Table *after);
/* Whether a parameter of this key only measures. */
bool definition_measures(struct text key);
