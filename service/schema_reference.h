#pragma once

#include "catalog/catalog.h"
#include "tenon/v1/table.pb-c.h"

/* A table whose columns are those of a registered schema: it is stored without any, and
 * whoever reads it gets the columns of the version that it names, or (0) of the newest. */

/* Whether the stored bytes of a table name a schema: cheap, nothing is unpacked. */
bool table_names_schema(struct text stored);

/* `table` as it is to be stored: itself, or without columns when it names a schema, which
 * must be there (NOT_FOUND) and accepted (FAILED_PRECONDITION). */
enum status table_without_schema(struct catalog_txn *txn, struct arena *arena,
	Tenon__V1__Table *table, Tenon__V1__Table **stored_out, struct error *err) MUST_USE;

/* Fills in the columns where `table` names a schema. When that is gone they stay as they
 * are stored. */
enum status table_with_schema(struct catalog_txn *txn, struct arena *arena, Tenon__V1__Table *table,
	struct error *err) MUST_USE;
