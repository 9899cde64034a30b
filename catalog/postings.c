#include "base/memory.h"
#include "catalog/key.h"
#include "catalog/search_cursor.h"
#include "catalog/search_index.h"
#include "catalog/store.h"

#include <stdlib.h>

struct posting {
	uint64_t id;
	unsigned fields;
};

/* Of a word: a cursor that goes forward and jumps for a far step. Of a prefix: its
 * entries, sorted. Of all: a cursor over the tables themselves. */
struct postings {
	struct catalog_txn *txn;
	struct search_cursor *words;
	MDB_cursor *tables;
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
	search_cursor_free(postings->words);
	if (postings->tables)
		mdb_cursor_close(postings->tables);
	buffer_done(&postings->prefix);
	free(postings->items);
	free(postings);
}

static uint64_t id_of(struct text key)
{
	return key_u64(key.at + key.length - 8);
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
static enum status list(struct postings *postings, bool *truncated_out, struct error *err)
{
	bool found;
	struct search_entry entry;
	TRY(search_cursor_seek(
		postings->words, buffer_text(&postings->prefix), false, &found, &entry, err));
	while (found && postings->count < LIMIT_SEARCH_PREFIX) {
		size_t wanted = memory_grown(postings->capacity, postings->count + 1);
		if (wanted != postings->capacity)
			postings->items =
				memory_resize(postings->items, wanted, sizeof *postings->items);
		postings->capacity = wanted;
		postings->items[postings->count++] =
			(struct posting){id_of(entry.key), entry.fields};
		TRY(search_cursor_next(postings->words, &found, &entry, err));
	}
	if (found)
		*truncated_out = true;
	settle(postings);
	return STATUS_OK;
}

enum status postings_open(struct catalog_txn *txn, struct text word, bool prefix,
	struct postings **postings_out, bool *truncated_out, struct error *err)
{
	OWNED(postings) postings = memory_new(sizeof *postings);
	postings->txn = txn;
	key_init(&postings->prefix);
	postings->listed = word.length && prefix;
	if (postings->listed)
		buffer_add_text(&postings->prefix, word);
	else if (word.length)
		key_add_part(&postings->prefix, word);
	if (word.length)
		TRY(search_cursor_open(txn, buffer_text(&postings->prefix), &postings->words, err));
	else
		TRY(lmdb_status(
			mdb_cursor_open(txn->mdb, txn->catalog->dbis[DB_TABLES], &postings->tables),
			err, "open a cursor"));
	if (postings->listed)
		TRY(list(postings, truncated_out, err));
	*postings_out = TAKE(postings);
	return STATUS_OK;
}

static enum status at_table(
	struct postings *postings, int rc, const MDB_val *key, struct error *err)
{
	postings->ended = rc == MDB_NOTFOUND;
	if (postings->ended)
		return STATUS_OK;
	TRY(lmdb_status(rc, err, "read the tables"));
	if (key->mv_size != 8)
		return fail(err, STATUS_DATA_LOSS, "a table's id has %zu bytes", key->mv_size);
	postings->now = (struct posting){.id = key_u64(key->mv_data)};
	return STATUS_OK;
}

static void at_word(struct postings *postings, bool found, const struct search_entry *entry)
{
	postings->ended = !found;
	if (found)
		postings->now = (struct posting){id_of(entry->key), entry->fields};
}

static enum status step(struct postings *postings, struct error *err)
{
	MDB_val key;
	MDB_val value;
	bool found;
	struct search_entry entry;
	if (postings->tables)
		return at_table(postings, mdb_cursor_get(postings->tables, &key, &value, MDB_NEXT),
			&key, err);
	TRY(search_cursor_next(postings->words, &found, &entry, err));
	at_word(postings, found, &entry);
	return STATUS_OK;
}

static enum status jump(struct postings *postings, uint64_t id, struct error *err)
{
	size_t length = postings->prefix.length;
	key_add_u64(&postings->prefix, id);
	struct text key = buffer_text(&postings->prefix);
	postings->prefix.length = length;
	postings->begun = true;
	bool found;
	struct search_entry entry;
	if (postings->tables) {
		MDB_val at = {key.length, (char *)(uintptr_t)key.at};
		MDB_val value;
		int rc = mdb_cursor_get(postings->tables, &at, &value, MDB_SET_RANGE);
		return at_table(postings, rc, &at, err);
	}
	TRY(search_cursor_seek(postings->words, key, false, &found, &entry, err));
	at_word(postings, found, &entry);
	return STATUS_OK;
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
	for (int i = 0; i < NEAR && !postings->ended && postings->now.id < id; i++)
		TRY(step(postings, err));
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
	key_add_u64(&postings->prefix, id);
	struct text key = buffer_text(&postings->prefix);
	postings->prefix.length = length;
	if (!postings->tables)
		return search_cursor_find(postings->words, key, found_out, fields_out, err);
	struct text value;
	*fields_out = 0;
	return store_find(postings->txn, DB_TABLES, key, found_out, &value, err);
}
