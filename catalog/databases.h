#pragma once

#include "catalog/tables.h"
#include "catalog/txn.h"

/* Inside the room: `folded` has gone through name_fold. NOT_FOUND says what to do. */
enum status database_read(struct catalog_txn *txn, struct text folded, struct arena *arena,
	Tenon__V1__Database **database_out, struct error *err) MUST_USE;
/* One table more or less. */
enum status database_count(
	struct catalog_txn *txn, struct text folded, int change, struct error *err) MUST_USE;
/* The same of one that was read in this write and has not been counted since. */
enum status database_count_read(struct catalog_txn *txn, Tenon__V1__Database *database, int change,
	struct error *err) MUST_USE;
/* A change of a database, for the feed; `before` or `after` may be NULL. */
enum status database_note(struct catalog_txn *txn, const char *kind,
	const Tenon__V1__Database *before, const Tenon__V1__Database *after,
	struct error *err) MUST_USE;
