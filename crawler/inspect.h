#pragma once

#include "crawler/crawl.h"
#include "crawler/found.h"

/* Opens every changed object: classify → infer, into found->entry. Small objects
 * go to `threads` threads one each, large ones are read by all threads together.
 * One object's failure is its entry's outcome and no other's. The calling
 * thread reports progress meanwhile. CANCELLED when report or `stop` (may be
 * NULL) said so. Results do not depend on the number of threads. */
struct inspection {
	struct store *store;
	struct found *found;
	size_t count;
	unsigned threads; /* 0: one per core */
	const struct crawl_progress *progress; /* may be NULL */
	const volatile bool *stop;
	struct arena *arena; /* of the entries */
	uint64_t objects_opened; /* results */
	uint64_t bytes_read;
};
enum status inspect(struct inspection *inspection, struct error *err) MUST_USE;
