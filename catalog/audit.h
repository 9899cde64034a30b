#pragma once

#include "catalog/catalog.h"
#include "tenon/v1/access.pb-c.h"

/* What was done, by whom: numbered from 1 in the order it was written down, which for
 * reads and denials is a second or two after they were answered. */

/* Numbers the entry. */
enum status audit_append(
	struct catalog_txn *txn, Tenon__V1__AuditEntry *entry, struct error *err) MUST_USE;

/* A page, newest first unless asked otherwise. `resource` is a pattern of names
 * (pattern.h). A page may be short or empty and have a next one. */
enum status audit_list(struct catalog_txn *txn, const Tenon__V1__ListAuditRequest *request,
	size_t limit, struct arena *arena, Tenon__V1__ListAuditResponse *response,
	struct error *err) MUST_USE;

/* Forgets, oldest first, at most `batch` entries that are older than `before_us` or more
 * than the newest `most`. */
enum status audit_trim(struct catalog_txn *txn, int64_t before_us, uint64_t most, size_t batch,
	size_t *gone_out, struct error *err) MUST_USE;
