#pragma once

#include "schema/type.h"

/* How much two rows look like one table, 0..1: shared column names over all
 * names; a shared name whose kinds have nothing in common (text against a
 * number) counts half. Null, as of an empty column, fits everything. */
double rows_similarity(const struct type *a, const struct type *b);
