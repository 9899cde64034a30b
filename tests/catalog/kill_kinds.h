#pragma once

#include "catalog/catalog.h"

/* What the kill test's writers write, one row for each kind of write. A cell is a place
 * that one writer alone writes, in numbered steps from 1; what a step leaves there
 * depends on its number alone, so that whoever knows the number can tell whether the
 * step is there, whole. A new kind of write is a new row. */
struct kill_cell {
	const char *database; /* of the cell's own, with table "t" (a int, b string | k int) */
	const char *name; /* for what is in no database */
	uint64_t writer;
};

struct kill_kind {
	const char *name;
	/* From step - 1 to step, many records in one write where the kind allows it. */
	enum status (*write)(struct catalog_txn *txn, const struct kill_cell *cell, uint64_t step,
		struct arena *arena, struct error *err);
	/* Whether the catalog is as `step` left it, all of it; step 0: before the first. */
	bool (*is_at)(struct catalog_txn *txn, const struct kill_cell *cell, uint64_t step,
		struct arena *arena, struct error *err);
};

/* The rows of one file. */
struct kill_family {
	const struct kill_kind *kinds;
	size_t count;
};
#define KILL_FAMILY(rows)                           \
	{                                           \
		rows, sizeof(rows) / sizeof *(rows) \
	}

enum { KILL_WRITERS = 64 };

size_t kill_kind_count(void);
/* Writer by writer over the rows of all files. Step 1 makes the database and its table. */
const struct kill_kind *kill_kind_of(uint64_t writer);
enum status kill_write(
	struct catalog_txn *txn, uint64_t writer, uint64_t step, struct error *err) MUST_USE;
bool kill_is_at(struct catalog_txn *txn, uint64_t writer, uint64_t step);
