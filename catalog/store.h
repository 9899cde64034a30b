#pragma once

#include "catalog/txn.h"

#include <protobuf-c/protobuf-c.h>

/* Ordered records with keys of any length up to KEY_BYTES_MAX. LMDB's keys end
 * at 511 bytes; a longer one keeps its first 510 where it belongs, with a byte
 * to mark that it goes on, and its value names a node in DB_LONG under which the
 * rest is stored the same way:
 *
 *   table db   "first 510 bytes" 00          -> node 7
 *   DB_LONG    node 7 "next 502 bytes" 00    -> node 8
 *   DB_LONG    node 8 "the rest"             -> value
 *
 * so that order, ranges and prefixes are those of the whole keys.
 *
 * Values are borrowed until the transaction ends or writes. */
enum { KEY_BYTES_MAX = 256 * 1024, LMDB_KEY_BYTES = 511, NODE_BYTES = 8 };

enum status store_find(struct catalog_txn *txn, enum db db, struct text key, bool *found_out,
	struct text *value_out, struct error *err) MUST_USE;
enum status store_put(struct catalog_txn *txn, enum db db, struct text key, struct text value,
	struct error *err) MUST_USE;
/* Packed; a large one straight into its page. */
enum status store_put_message(struct catalog_txn *txn, enum db db, struct text key,
	const ProtobufCMessage *message, struct error *err) MUST_USE;
enum status store_delete(struct catalog_txn *txn, enum db db, struct text key, bool *found_out,
	struct error *err) MUST_USE;
/* Every key that starts with `prefix`. */
enum status store_delete_prefix(struct catalog_txn *txn, enum db db, struct text prefix,
	uint64_t *count_out, struct error *err) MUST_USE;
/* The first `most` of them; fewer when there were no more. */
enum status store_delete_some(struct catalog_txn *txn, enum db db, struct text prefix,
	uint64_t most, uint64_t *count_out, struct error *err) MUST_USE;

/* The record unpacked into `arena`, or *message_out NULL when there is none. */
enum status store_message(struct catalog_txn *txn, enum db db, struct text key,
	const ProtobufCMessageDescriptor *descriptor, struct arena *arena, void **message_out,
	struct error *err) MUST_USE;
enum status store_unpack(struct text value, const ProtobufCMessageDescriptor *descriptor,
	struct arena *arena, void **message_out, struct error *err) MUST_USE;

/* Keys that start with `prefix`, in order, from the first one after `after`
 * (empty: from the start). Nothing may be written while a scan is open. */
struct scan;
enum status scan_open(struct catalog_txn *txn, enum db db, struct text prefix, struct text after,
	struct scan **scan_out, struct error *err) MUST_USE;
/* The same from `from` on, itself included. */
enum status scan_open_at(struct catalog_txn *txn, enum db db, struct text prefix, struct text from,
	struct scan **scan_out, struct error *err) MUST_USE;
void scan_free(struct scan *scan);
OWNABLE(scan);
/* False in found_out at the end. `key` is borrowed until the next step. */
enum status scan_next(struct scan *scan, bool *found_out, struct text *key_out,
	struct text *value_out, struct error *err) MUST_USE;

/* The records whose keys start with `prefix`, from the first after `after` (empty: from
 * the start), unpacked into `arena`: at most `limit`. */
enum status store_messages(struct catalog_txn *txn, enum db db, struct text prefix,
	struct text after, size_t limit, const ProtobufCMessageDescriptor *descriptor,
	struct arena *arena, void ***messages_out, size_t *count_out, struct error *err) MUST_USE;

/* Keys in all. */
enum status store_count(
	struct catalog_txn *txn, enum db db, uint64_t *count_out, struct error *err) MUST_USE;
/* Those that start with `prefix`, one after another. */
enum status store_count_prefix(struct catalog_txn *txn, enum db db, struct text prefix,
	uint64_t *count_out, struct error *err) MUST_USE;

/* Numbers that are never given twice: ids of tables and jobs, positions of the feed. */
enum status store_next(struct catalog_txn *txn, const char *counter, uint64_t *value_out,
	struct error *err) MUST_USE;
