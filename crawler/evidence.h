#pragma once

#include "base/arena.h"
#include "tenon/v1/table.pb-c.h"

/* Evidence of many objects as one: sums by column path and by type, and the first
 * counter-example of each type in the order in which objects are added. */
struct evidence_merge;

struct evidence_merge *evidence_merge_new(struct arena *arena);
void evidence_merge_free(struct evidence_merge *merge);
OWNABLE(evidence_merge);
/* What one object's entry says; a counter-example without a file is in `path`.
 * Borrows the texts. */
void evidence_merge_add(struct evidence_merge *merge, char *path,
	Tenon__V1__ColumnEvidence *const *columns, size_t count);
/* In the order in which paths were first met; in the arena. */
Tenon__V1__ColumnEvidence **evidence_merge_columns(struct evidence_merge *merge, size_t *count_out);
