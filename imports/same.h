#pragma once

#include "imports/item.h"

#include <stdbool.h>

/* Whether what a file says is what the catalog has already: without what the daemon
 * sets, names folded, maps in any order. The arena is for copies. */
bool same_database(
	struct arena *arena, const Tenon__V1__Database *file, const Tenon__V1__Database *stored);
bool same_table(struct arena *arena, const Tenon__V1__Table *file, const Tenon__V1__Table *stored);
bool same_function(
	struct arena *arena, const Tenon__V1__Function *file, const Tenon__V1__Function *stored);
/* A stored partition keeps only what differs from its table. */
bool same_partition(struct arena *arena, const Tenon__V1__Partition *file,
	const Tenon__V1__Partition *stored, const Tenon__V1__Table *table);
