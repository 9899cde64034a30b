#pragma once

#include "catalog/tables.h"
#include "schema/diff.h"

/* A change of one table, and all that follows from it in the same transaction: every
 * path that makes, changes, renames, drops or brings back a table ends here, so that
 * nothing derived from tables can be forgotten. */
struct table_change {
	const char *kind; /* as in tenon/v1/feed.proto: "table_created" */
	const Tenon__V1__Table *before; /* NULL: it is new, or back */
	const Tenon__V1__Table *after; /* NULL: it is gone, or dropped */
	const struct changes *changes; /* of the schema; NULL: none were compared */
};
enum status table_changed(struct catalog_txn *txn, const struct table_change *change,
	struct arena *arena, struct error *err) MUST_USE;

/* A change of what belongs to a table and leaves the table as it is, for the feed: of a
 * record (its conflict, its index; `before` or `after` may be NULL), and of one field. */
enum status table_note(struct catalog_txn *txn, const char *kind, const Tenon__V1__Table *table,
	const ProtobufCMessage *before, const ProtobufCMessage *after, struct error *err) MUST_USE;
enum status table_note_field(struct catalog_txn *txn, const char *kind,
	const Tenon__V1__Table *table, const char *path, const char *before, const char *after,
	struct error *err) MUST_USE;
