#pragma once

#include "catalog/catalog.h"

/* Whether the store is consistent: invariants, each walked over one and the same view
 * of the catalog. Memory is bounded; time is that of reading every record. Reads and
 * writes go on; ABORTED when the store grew by a GB meanwhile. Never on a poller or the
 * writer. */
enum { CHECK_PLACE_BYTES = 600, CHECK_MESSAGE_BYTES = 256 };

struct check_problem {
	const char *invariant; /* static: "tables-by-name" */
	char place[CHECK_PLACE_BYTES]; /* "sales.orders", "job/daily"; cut when longer */
	char message[CHECK_MESSAGE_BYTES];
};

struct check_sink {
	void (*problem)(void *state, const struct check_problem *problem);
	void *state;
};

/* A sink's problem and state, for who tells of the first and counts the rest. */
struct check_findings {
	struct check_problem first;
	uint64_t count;
};
void check_keep_first(void *findings, const struct check_problem *problem);

/* Told now and then how far it is; `phase` is static: the invariant that is looked at. */
struct check_watch {
	void (*progress)(void *state, const char *phase, uint64_t records);
	void *state;
};

/* Problems are told, not failures; an error is what cannot be walked at all. */
enum status catalog_check(struct catalog *catalog, const struct check_sink *sink,
	uint64_t *records_out, struct error *err) MUST_USE;
enum status catalog_check_watched(struct catalog *catalog, const struct check_sink *sink,
	const struct check_watch *watch, uint64_t *records_out, struct error *err) MUST_USE;
