#pragma once

#include "catalog/txn.h"

/* The index proper: a word's tables in chunks, in the order of their ids,
 *
 *   search   word ␀ first id (8) → of each table: what its id is more than the one before
 *                                  (the first: 0), its fields; both as varints
 *
 * two or three bytes a table, some hundreds of tables a record. A chunk reaches to the
 * first id of the next one of its word. */
enum { CHUNK_BYTES_MAX = 1000, CHUNK_ENTRIES_MAX = CHUNK_BYTES_MAX / 2 };

struct chunk_entry {
	uint64_t id;
	unsigned fields; /* one bit of enum table_field each */
};

struct chunk {
	struct text word; /* borrowed, as the record is */
	size_t bytes; /* of the record's value */
	size_t count;
	struct chunk_entry entries[CHUNK_ENTRIES_MAX];
};

/* DATA_LOSS when the record is none. */
enum status chunk_read(
	struct text key, struct text value, struct chunk *chunk_out, struct error *err) MUST_USE;

/* The first entry of the chunk from `id` on: chunk->count when all are before it. */
size_t chunk_position(const struct chunk *chunk, uint64_t id);

/* Moves `cursor` (of DB_SEARCH) to the chunk that has the key's word and id when there is
 * one, else to the first chunk behind `key`, a whole key or the beginning of one. LMDB's
 * code is the result. */
int chunk_seek(MDB_cursor *cursor, struct text key, MDB_val *key_out, MDB_val *value_out);

enum status chunk_find(struct catalog_txn *txn, struct text word, uint64_t id, bool *found_out,
	unsigned *fields_out, struct error *err) MUST_USE;

/* What becomes of a word's tables, in order of ids; `there` false: no entry any more. */
struct chunk_change {
	struct chunk_entry entry;
	bool there;
};
enum status chunk_write(struct catalog_txn *txn, struct text word,
	const struct chunk_change *changes, size_t count, struct error *err) MUST_USE;
