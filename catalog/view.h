#pragma once

#include "catalog/txn.h"

/* Inside the room: reads that last, as copies and checks do. While a view is open the
 * pages that it sees are not used again, and the map cannot move. So the map gets room
 * first, as much as the store may grow meanwhile, and a view in whose time the store
 * grows by more is given up: no write ever waits for it, and the store is larger by no
 * more than that. */
#define VIEW_GROWTH_BYTES ((uint64_t)1 << 30) /* unless catalog_options say otherwise */

struct view {
	struct catalog *catalog;
	uint64_t bytes; /* of the store when it began */
};

/* Before the view itself is opened, on a thread that may wait for the writer. */
enum status view_begin(struct catalog *catalog, struct view *view, struct error *err) MUST_USE;
/* ABORTED when the store has grown too much since. Cheap; any thread, while the view is
 * open. */
enum status view_check(const struct view *view, struct error *err) MUST_USE;
