#pragma once

#include "catalog/catalog.h"

/* The lines of an export into a catalog that holds nothing. They come in parts, are
 * checked one by one and kept aside in a nameless file of the catalog's folder; the end
 * applies them all in one transaction, in which the whole is then checked as tenon fsck
 * does: it is there at once, or not at all. Memory is one part's and, at the end, what
 * LMDB holds of a transaction (half a GB at most). */
struct import;

/* FAILED_PRECONDITION when there is something in the catalog. */
enum status import_new(
	struct catalog *catalog, struct import **import_out, struct error *err) MUST_USE;
void import_free(struct import *import); /* NULL is fine; nothing is left of it */
OWNABLE(import);

/* Whole lines, the next of the export. INVALID_ARGUMENT begins with "line 17: "; after
 * any failure there is only import_free. */
enum status import_lines(struct import *import, struct text lines, struct error *err) MUST_USE;
/* After the last line. Waits for the write: never on a poller or the writer. */
enum status import_finish(struct import *import, struct error *err) MUST_USE;

uint64_t import_records(const struct import *import);
