#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "catalog/conflicts.h"
#include "tenon/v1/table.pb-c.h"

/* What becomes of a table when a crawl or a run brings a new definition of it. Pure.
 *
 * What has an owner (catalog/owners.h) stays as it is; so do a column's comment,
 * description, owner and every parameter the newcomer does not set itself. */

struct merged {
	Tenon__V1__Table *table;
	struct conflict *conflicts; /* what the crawl found otherwise than an owner says */
	size_t conflict_count;
	bool keys_differ; /* partition keys: what is registered no longer fits */
};

/* Parts are shared, not copied. */
void merge_crawl(struct arena *arena, const Tenon__V1__Table *stored, const Tenon__V1__Table *found,
	struct merged *merged_out);

/* The same for a run's output, which may widen columns and add some, and removes
 * none. FAILED_PRECONDITION names the column whose types have no common one. */
enum status merge_output(struct arena *arena, const Tenon__V1__Table *stored,
	const Tenon__V1__Table *written, Tenon__V1__Table **table_out, struct error *err) MUST_USE;
