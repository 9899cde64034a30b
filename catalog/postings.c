#include "base/memory.h"
#include "catalog/key.h"
#include "catalog/search_index.h"
#include "catalog/store.h"

#include <stdlib.h>

struct posting {
	uint64_t id;
	unsigned fields;
};

/* Of a word: a cursor that goes forward and jumps for a far step. Of a prefix: its
 * entries, sorted. Keys of the search index are short, and so are ids, so that LMDB's own
 * cursor sees them whole: a search takes very many steps. */
struct postings {
	struct catalog_txn *txn;
	MDB_cursor *cursor;
	enum db db;
	struct buffer prefix; /* the word and its NUL; empty for every table */
	struct posting now;
	bool begun;
	bool ended;
	uint64_t asked; /* a smaller id than the last one asked for starts over */

	bool listed;
	struct posting *items;
	size_t count;
	size_t capacity;
	size_t at;
};

void postings_free(struct postings *postings)
{
	if (!postings)
		return;
	if (postings->cursor)
		mdb_cursor_close(postings->cursor);
	buffer_done(&postings->prefix);
	free(postings->items);
	free(postings);
}

static enum status read_posting(enum db db, struct text key, struct text value,
	struct posting *posting_out, struct error *err)
{
	if (key.length < 8 || (db == DB_SEARCH && value.length != 2))
		return fail(err, STATUS_DATA_LOSS, "a search entry has a key of %zu bytes and %zu",
			key.length, value.length);
	posting_out->id = key_u64(key.at + key.length - 8);
	posting_out->fields = db == DB_SEARCH ? (unsigned)(unsigned char)value.at[0] << 8 |
							(unsigned char)value.at[1]
					      : 0;
	return STATUS_OK;
}

/* One step of the cursor; not found behind the last entry that begins with the prefix. */
static enum status step(struct postings *postings, struct text prefix, MDB_cursor_op op,
	MDB_val *key, bool *found_out, struct posting *posting_out, struct error *err)
{
	MDB_val value;
	int rc = mdb_cursor_get(postings->cursor, key, &value, op);
	if (rc != MDB_SUCCESS && rc != MDB_NOTFOUND)
		return lmdb_status(rc, err, "read the search index");
	struct text here = {"", 0};
	if (rc == MDB_SUCCESS)
		here = (struct text){key->mv_data, key->mv_size};
	*found_out = rc == MDB_SUCCESS && text_starts(here, prefix);
	return *found_out ? read_posting(postings->db, here,
				    (struct text){value.mv_data, value.mv_size}, posting_out, err)
			  : STATUS_OK;
}

static int by_id(const void *a, const void *b)
{
	uint64_t left = ((const struct posting *)a)->id;
	uint64_t right = ((const struct posting *)b)->id;
	return (left > right) - (left < right);
}

/* By a table of all ids up to the largest: quicker than sorting, when it is not large. */
static bool settle_dense(struct postings *postings, uint64_t id_max)
{
	enum { THERE = 1 << 15, DENSE_MIN = 65536 };
	if (id_max >= DENSE_MIN + 8 * (uint64_t)postings->count)
		return false;
	uint16_t *fields = memory_new_array(id_max + 1, sizeof *fields);
	for (size_t i = 0; i < postings->count; i++)
		fields[postings->items[i].id] |= (uint16_t)(THERE | postings->items[i].fields);
	size_t kept = 0;
	for (uint64_t id = 0; id <= id_max; id++) {
		if (fields[id])
			postings->items[kept++] =
				(struct posting){id, fields[id] & (unsigned)(THERE - 1)};
	}
	postings->count = kept;
	free(fields);
	return true;
}

/* Each table once, in the order of ids. */
static void settle(struct postings *postings)
{
	uint64_t id_max = 0;
	for (size_t i = 0; i < postings->count; i++)
		id_max = postings->items[i].id > id_max ? postings->items[i].id : id_max;
	if (postings->count == 0 || settle_dense(postings, id_max))
		return;
	qsort(postings->items, postings->count, sizeof *postings->items, by_id);
	size_t kept = 0;
	for (size_t i = 0; i < postings->count; i++) {
		if (kept && postings->items[kept - 1].id == postings->items[i].id)
			postings->items[kept - 1].fields |= postings->items[i].fields;
		else
			postings->items[kept++] = postings->items[i];
	}
	postings->count = kept;
}

/* Entries of one prefix are in the order of words: they are sorted by table here. */
static enum status list(
	struct postings *postings, struct text prefix, bool *truncated_out, struct error *err)
{
	MDB_val key = {prefix.length, (char *)(uintptr_t)prefix.at};
	MDB_cursor_op op = MDB_SET_RANGE;
	for (;; op = MDB_NEXT) {
		bool found;
		struct posting posting;
		TRY(step(postings, prefix, op, &key, &found, &posting, err));
		if (found && postings->count == LIMIT_SEARCH_PREFIX)
			*truncated_out = true;
		if (!found || postings->count == LIMIT_SEARCH_PREFIX)
			break;
		size_t wanted = memory_grown(postings->capacity, postings->count + 1);
		if (wanted != postings->capacity)
			postings->items =
				memory_resize(postings->items, wanted, sizeof *postings->items);
		postings->capacity = wanted;
		postings->items[postings->count++] = posting;
	}
	settle(postings);
	return STATUS_OK;
}

enum status postings_open(struct catalog_txn *txn, struct text word, bool prefix,
	struct postings **postings_out, bool *truncated_out, struct error *err)
{
	OWNED(postings) postings = memory_new(sizeof *postings);
	postings->txn = txn;
	postings->db = word.length ? DB_SEARCH : DB_TABLES;
	key_init(&postings->prefix);
	if (word.length)
		key_add_part(&postings->prefix, word);
	TRY(lmdb_status(
		mdb_cursor_open(txn->mdb, txn->catalog->dbis[postings->db], &postings->cursor), err,
		"open a cursor"));
	postings->listed = word.length && prefix;
	if (postings->listed)
		TRY(list(postings, word, truncated_out, err));
	*postings_out = TAKE(postings);
	return STATUS_OK;
}

static enum status move(
	struct postings *postings, MDB_cursor_op op, MDB_val *key, struct error *err)
{
	bool found;
	TRY(step(postings, buffer_text(&postings->prefix), op, key, &found, &postings->now, err));
	postings->ended = !found;
	return STATUS_OK;
}

static enum status jump(struct postings *postings, uint64_t id, struct error *err)
{
	size_t length = postings->prefix.length;
	key_add_u64(&postings->prefix, id);
	MDB_val key = {postings->prefix.length, postings->prefix.at};
	postings->prefix.length = length;
	postings->begun = true;
	return move(postings, MDB_SET_RANGE, &key, err);
}

static void seek_listed(struct postings *postings, uint64_t id)
{
	if (id < postings->asked)
		postings->at = 0;
	size_t low = postings->at;
	size_t high = postings->count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (postings->items[middle].id < id)
			low = middle + 1;
		else
			high = middle;
	}
	postings->at = low;
	postings->ended = low == postings->count;
	if (!postings->ended)
		postings->now = postings->items[low];
}

static enum status seek_scanned(struct postings *postings, uint64_t id, struct error *err)
{
	enum { NEAR = 8 }; /* steps that are cheaper than a jump */
	if (!postings->begun || id < postings->asked)
		return jump(postings, id, err);
	for (int i = 0; i < NEAR && !postings->ended && postings->now.id < id; i++) {
		MDB_val key;
		TRY(move(postings, MDB_NEXT, &key, err));
	}
	if (!postings->ended && postings->now.id < id)
		return jump(postings, id, err);
	return STATUS_OK;
}

enum status postings_seek(struct postings *postings, uint64_t id, bool *found_out, uint64_t *id_out,
	unsigned *fields_out, struct error *err)
{
	if (postings->listed)
		seek_listed(postings, id);
	else
		TRY(seek_scanned(postings, id, err));
	postings->asked = id;
	*found_out = !postings->ended;
	*id_out = postings->now.id;
	*fields_out = postings->now.fields;
	return STATUS_OK;
}

enum status postings_find(struct postings *postings, uint64_t id, bool *found_out,
	unsigned *fields_out, struct error *err)
{
	uint64_t at;
	if (postings->listed) {
		TRY(postings_seek(postings, id, found_out, &at, fields_out, err));
		*found_out = *found_out && at == id;
		return STATUS_OK;
	}
	size_t length = postings->prefix.length;
	struct text value;
	struct posting posting = {0};
	key_add_u64(&postings->prefix, id);
	struct text key = buffer_text(&postings->prefix);
	enum status status = store_find(postings->txn, postings->db, key, found_out, &value, err);
	if (status == STATUS_OK && *found_out)
		status = read_posting(postings->db, key, value, &posting, err);
	postings->prefix.length = length;
	*fields_out = posting.fields;
	return status;
}
