#pragma once

#include "base/arena.h"
#include "tenon/v1/table.pb-c.h"

/* Where two tables differ, but for what the schema's own changes tell (a column's name
 * and type, columns that came or went) and what the server sets. Paths are the proto's
 * names: "description", "storage.serde.library"; an entry of a map by its key
 * ("parameters.owner"), a column by its name ("storage.columns.amount.comment"); any
 * other list as a whole, as JSON. Values are cut to 1,024 bytes. At most
 * LIMIT_FEED_FIELDS; either may be NULL: then there is nothing to compare. */
void field_diff(struct arena *arena, const Tenon__V1__Table *before, const Tenon__V1__Table *after,
	Tenon__V1__FieldChange ***changes_out, size_t *count_out);
