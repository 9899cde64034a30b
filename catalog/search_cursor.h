#pragma once

#include "catalog/txn.h"

/* The entries of the search index in the order of their keys, either way: those in their
 * places and those that are still fresh (search_fresh.h), as one. Keys of the index are
 * short, and so are ids, so that LMDB's own cursor sees them whole: a search takes very
 * many steps. Nothing may be written while one is open. */
struct search_cursor;

struct search_entry {
	struct text key; /* word ␀ table id; borrowed until the next step */
	unsigned fields; /* one bit of enum table_field each */
};

/* Only keys that begin with `prefix`. */
enum status search_cursor_open(struct catalog_txn *txn, struct text prefix,
	struct search_cursor **cursor_out, struct error *err) MUST_USE;
void search_cursor_free(struct search_cursor *cursor);
OWNABLE(search_cursor);

/* The first from `key` on; or, backwards, the last before it. `key` begins with the
 * prefix, or is the first text behind all that do. */
enum status search_cursor_seek(struct search_cursor *cursor, struct text key, bool backwards,
	bool *found_out, struct search_entry *entry_out, struct error *err) MUST_USE;
/* The next one in the direction of the last seek. */
enum status search_cursor_next(struct search_cursor *cursor, bool *found_out,
	struct search_entry *entry_out, struct error *err) MUST_USE;
/* The entry with just this key; where the cursor stands does not change. */
enum status search_cursor_find(struct search_cursor *cursor, struct text key, bool *found_out,
	unsigned *fields_out, struct error *err) MUST_USE;
