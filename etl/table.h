#pragma once

#include "base/error.h"
#include "schema/schema.h"
#include "tenon/v1/table.pb-c.h"

/* A catalog table's columns and keys, parsed. INVALID_ARGUMENT names the column
 * whose type text is no type. */
enum status table_schema(struct arena *arena, const Tenon__V1__Table *table,
	struct schema *schema_out, struct error *err) MUST_USE;
