#pragma once

#include "catalog/catalog.h"

/* How large the store is, as one view sees it. */
struct catalog_figures {
	uint32_t format;
	uint64_t databases; /* that the view shows, as are the tables: counts.h */
	uint64_t tables;
	uint64_t file_bytes; /* of the data file */
	uint64_t used_bytes; /* of it, in pages that hold something */
	uint64_t map_bytes;
	uint64_t feed_sequence; /* of the newest change */
	uint64_t readers; /* views that are open, this one counted */
};
enum status catalog_figures(
	struct catalog_txn *txn, struct catalog_figures *figures_out, struct error *err) MUST_USE;
