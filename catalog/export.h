#pragma once

#include "catalog/catalog.h"

/* The whole catalog as lines of JSON, of one moment: docs/operations.md has the form. A
 * first line that says of what and when, a line per record, a last one with their count
 * and sum. Memory is that of one record; time is that of reading every one. ABORTED
 * when the store grew by a GB meanwhile. Never on a poller or the writer. */
struct export_options {
	const char *program; /* "0.1.0": for the first line */
	bool with_secrets; /* of connections and webhooks; else "***" */
	/* Whole lines, some hundred KB at a time. */
	enum status (*put)(void *state, struct text lines, struct error *err);
	void *state;
};
enum status catalog_export(struct catalog *catalog, const struct export_options *options,
	uint64_t *records_out, struct error *err) MUST_USE;
