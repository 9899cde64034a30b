#pragma once

#include "catalog/tables.h"
#include "catalog/txn.h"
#include "tenon/store/v1/records.pb-c.h"

/* Append to the change feed: numbers the change, dates it and says whose it is. */
enum status feed_append(struct catalog_txn *txn, Tenon__Store__V1__ChangeRecord *change,
	struct error *err) MUST_USE;

/* A change of anything but a database or table, in the transaction that makes it:
 * `kind` as in tenon/v1/feed.proto ("job_put"), `resource` as in tags.proto
 * ("job/daily"). What it was and what it is: either may be NULL (new, gone); the
 * feed says which fields differ, and never the value of one that is secret. */
struct feed_change {
	const char *kind;
	const char *resource;
	const char *database; /* of what is in one; or NULL */
	const ProtobufCMessage *before;
	const ProtobufCMessage *after;
	const char *within; /* as in struct field_pair, as are these: or NULL */
	bool (*is_secret)(const void *state, struct text key);
	const void *state;
};
enum status feed_note(
	struct catalog_txn *txn, const struct feed_change *change, struct error *err) MUST_USE;
