#pragma once

#include "catalog/txn.h"

/* The store's format: what older programs cannot read adds one. A store of an older
 * format is brought up, step by step, in the transaction that opens it: it is upgraded
 * whole or stays as it was. A newer one is refused; there is no way back but a backup
 * made before, or an import of an export. */
struct format_step {
	uint64_t to; /* from the one before */
	const char *what; /* has changed */
	/* NULL: what is there is read as it is, and older programs would misread what is
	 * written from now on. */
	enum status (*up)(struct catalog_txn *txn, struct error *err);
};

struct formats {
	const struct format_step *steps; /* in order, the first leads to format 2 */
	size_t count;
};

extern const struct formats formats_known;

uint64_t format_newest(const struct formats *formats);

/* With `meta` open: FAILED_PRECONDITION for a newer format, DATA_LOSS when the record is
 * none. */
enum status format_read(struct catalog_txn *txn, const struct formats *formats, const char *folder,
	uint64_t *format_out, struct error *err) MUST_USE;
/* With every database open. */
enum status format_upgrade(struct catalog_txn *txn, const struct formats *formats,
	const char *folder, uint64_t format, struct error *err) MUST_USE;
enum status format_put(struct catalog_txn *txn, uint64_t format, struct error *err) MUST_USE;
