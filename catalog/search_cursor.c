#include "catalog/search_cursor.h"

#include "base/memory.h"
#include "catalog/key.h"
#include "catalog/search_chunk.h"
#include "catalog/search_fresh.h"

#include <assert.h>
#include <stdlib.h>

enum { ID_BYTES = 8 };

struct fresh {
	struct text key; /* as the index would have it; in the arena */
	unsigned is;
};

/* Two ordered sequences walked as one; a fresh entry hides the placed one of its key. */
struct search_cursor {
	struct catalog_txn *txn;
	MDB_cursor *placed;
	struct buffer prefix;
	struct arena *arena;
	struct fresh *fresh;
	size_t count;
	size_t capacity;

	bool backwards;
	size_t at; /* fresh entries before the place of the walk */
	struct chunk chunk; /* where the next placed one is, when there is one */
	size_t chunk_at;
	struct buffer placed_key; /* its key */
	bool has_placed;
	bool uses_placed; /* what the last step gave, and the next one leaves */
	bool uses_fresh;
};

void search_cursor_free(struct search_cursor *cursor)
{
	if (!cursor)
		return;
	if (cursor->placed)
		mdb_cursor_close(cursor->placed);
	buffer_done(&cursor->prefix);
	buffer_done(&cursor->placed_key);
	arena_free(cursor->arena);
	free(cursor->fresh);
	free(cursor);
}

/* Whether a word's entries have keys that begin with the prefix: word ␀ or less of it. */
static bool is_wanted(const struct search_cursor *cursor, struct text word)
{
	struct text prefix = buffer_text(&cursor->prefix);
	if (prefix.length <= word.length)
		return text_starts(word, prefix);
	return prefix.length == word.length + 1 && prefix.at[word.length] == 0 &&
	       text_starts(prefix, word);
}

static void add_fresh(struct search_cursor *cursor, const struct fresh_word *word, uint64_t id)
{
	size_t wanted = memory_grown(cursor->capacity, cursor->count + 1);
	if (wanted != cursor->capacity)
		cursor->fresh = memory_resize(cursor->fresh, wanted, sizeof *cursor->fresh);
	cursor->capacity = wanted;
	size_t length = word->word.length + 1 + ID_BYTES;
	char *key = arena_alloc(cursor->arena, length);
	memcpy(key, word->word.at, word->word.length);
	key[word->word.length] = 0;
	(void)key_u64_text(id, key + word->word.length + 1);
	cursor->fresh[cursor->count++] = (struct fresh){{key, length}, word->is};
}

static enum status add_record(
	struct search_cursor *cursor, uint64_t id, struct text record, struct error *err)
{
	while (record.length) {
		struct fresh_word word;
		TRY(fresh_next(&record, &word, err));
		if (is_wanted(cursor, word.word))
			add_fresh(cursor, &word, id);
		else if (text_compare(word.word, buffer_text(&cursor->prefix)) > 0)
			break; /* words are in order */
	}
	return STATUS_OK;
}

static int by_key(const void *a, const void *b)
{
	return text_compare(((const struct fresh *)a)->key, ((const struct fresh *)b)->key);
}

static enum status read_fresh(struct search_cursor *cursor, struct error *err)
{
	MDB_cursor *records;
	MDB_val key;
	MDB_val value;
	enum status status = STATUS_OK;
	TRY(lmdb_status(mdb_cursor_open(cursor->txn->mdb,
				cursor->txn->catalog->dbis[DB_SEARCH_FRESH], &records),
		err, "open a cursor"));
	int rc = mdb_cursor_get(records, &key, &value, MDB_FIRST);
	for (; rc == MDB_SUCCESS && status == STATUS_OK;
		rc = mdb_cursor_get(records, &key, &value, MDB_NEXT))
		status = key.mv_size == ID_BYTES
				 ? add_record(cursor, key_u64(key.mv_data),
					   (struct text){value.mv_data, value.mv_size}, err)
				 : fail(err, STATUS_DATA_LOSS, "a table's id has %zu bytes",
					   key.mv_size);
	mdb_cursor_close(records);
	TRY(status);
	if (cursor->count)
		qsort(cursor->fresh, cursor->count, sizeof *cursor->fresh, by_key);
	return rc == MDB_NOTFOUND ? STATUS_OK : lmdb_status(rc, err, "read the search index");
}

enum status search_cursor_open(struct catalog_txn *txn, struct text prefix,
	struct search_cursor **cursor_out, struct error *err)
{
	OWNED(search_cursor) cursor = memory_new(sizeof *cursor);
	cursor->txn = txn;
	cursor->arena = arena_new();
	key_init(&cursor->prefix);
	key_init(&cursor->placed_key);
	buffer_add_text(&cursor->prefix, prefix);
	TRY(buffer_check(&cursor->prefix, "key", err));
	TRY(lmdb_status(mdb_cursor_open(txn->mdb, txn->catalog->dbis[DB_SEARCH], &cursor->placed),
		err, "open a cursor"));
	TRY(read_fresh(cursor, err));
	*cursor_out = TAKE(cursor);
	return STATUS_OK;
}

static void stand_at(struct search_cursor *cursor, size_t at)
{
	cursor->chunk_at = at;
	(void)key_u64_text(cursor->chunk.entries[at].id,
		cursor->placed_key.at + cursor->placed_key.length - ID_BYTES);
}

/* Into the chunk that LMDB's cursor is at: to its first entry, or backwards its last. */
static enum status enter_chunk(struct search_cursor *cursor, int rc, const MDB_val *key,
	const MDB_val *value, struct error *err)
{
	if (rc != MDB_SUCCESS && rc != MDB_NOTFOUND)
		return lmdb_status(rc, err, "read the search index");
	cursor->has_placed = false;
	if (rc == MDB_NOTFOUND)
		return STATUS_OK;
	struct text at = {key->mv_data, key->mv_size};
	if (!text_starts(at, buffer_text(&cursor->prefix)))
		return STATUS_OK;
	TRY(chunk_read(at, (struct text){value->mv_data, value->mv_size}, &cursor->chunk, err));
	buffer_clear(&cursor->placed_key);
	buffer_add_text(&cursor->placed_key, at);
	TRY(buffer_check(&cursor->placed_key, "key", err));
	cursor->has_placed = true;
	stand_at(cursor, cursor->backwards ? cursor->chunk.count - 1 : 0);
	return STATUS_OK;
}

static enum status step_chunk(struct search_cursor *cursor, struct error *err)
{
	MDB_val key;
	MDB_val value;
	int rc = mdb_cursor_get(
		cursor->placed, &key, &value, cursor->backwards ? MDB_PREV : MDB_NEXT);
	return enter_chunk(cursor, rc, &key, &value, err);
}

static enum status step_placed(struct search_cursor *cursor, struct error *err)
{
	size_t end = cursor->backwards ? 0 : cursor->chunk.count - 1;
	if (cursor->chunk_at == end)
		return step_chunk(cursor, err);
	stand_at(cursor, cursor->backwards ? cursor->chunk_at - 1 : cursor->chunk_at + 1);
	return STATUS_OK;
}

/* The fresh entry that the walk comes to next. */
static const struct fresh *next_fresh(const struct search_cursor *cursor)
{
	if (cursor->backwards)
		return cursor->at ? &cursor->fresh[cursor->at - 1] : NULL;
	return cursor->at < cursor->count ? &cursor->fresh[cursor->at] : NULL;
}

/* What the walk gives from where both sequences stand. */
static enum status settle(struct search_cursor *cursor, bool *found_out,
	struct search_entry *entry_out, struct error *err)
{
	for (;;) {
		const struct fresh *fresh = next_fresh(cursor);
		int order = !fresh ? -1 : 1;
		if (fresh && cursor->has_placed) {
			order = text_compare(buffer_text(&cursor->placed_key), fresh->key);
			order = cursor->backwards ? -order : order;
		}
		cursor->uses_placed = cursor->has_placed && order <= 0;
		cursor->uses_fresh = fresh && order >= 0;
		*found_out = cursor->uses_placed || cursor->uses_fresh;
		if (!*found_out)
			return STATUS_OK;
		if (cursor->uses_fresh)
			*entry_out = (struct search_entry){
				fresh->key, fresh->is & ~(unsigned)FRESH_THERE};
		else
			*entry_out = (struct search_entry){buffer_text(&cursor->placed_key),
				cursor->chunk.entries[cursor->chunk_at].fields};
		if (!cursor->uses_fresh || fresh->is)
			return STATUS_OK;
		/* It is there no more. */
		cursor->at = cursor->backwards ? cursor->at - 1 : cursor->at + 1;
		if (cursor->uses_placed)
			TRY(step_placed(cursor, err));
	}
}

enum status search_cursor_next(struct search_cursor *cursor, bool *found_out,
	struct search_entry *entry_out, struct error *err)
{
	if (cursor->uses_fresh)
		cursor->at = cursor->backwards ? cursor->at - 1 : cursor->at + 1;
	if (cursor->uses_placed)
		TRY(step_placed(cursor, err));
	return settle(cursor, found_out, entry_out, err);
}

/* How many fresh entries are before `key`. */
static size_t fresh_before(const struct search_cursor *cursor, struct text key)
{
	size_t low = 0;
	size_t high = cursor->count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (text_compare(cursor->fresh[middle].key, key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* In the chunk that `key` may be inside of, past what is before it. */
static enum status enter_at(struct search_cursor *cursor, struct text key, struct error *err)
{
	struct text at = buffer_text(&cursor->placed_key);
	if (at.length != key.length || memcmp(at.at, key.at, key.length - ID_BYTES) != 0)
		return STATUS_OK;
	size_t position = chunk_position(&cursor->chunk, key_u64(key.at + key.length - ID_BYTES));
	if (position == cursor->chunk.count)
		return step_chunk(cursor, err);
	stand_at(cursor, position);
	return STATUS_OK;
}

static enum status seek_forward(struct search_cursor *cursor, struct text key, struct error *err)
{
	MDB_val at;
	MDB_val value;
	int rc = chunk_seek(cursor->placed, key, &at, &value);
	TRY(enter_chunk(cursor, rc, &at, &value, err));
	return cursor->has_placed ? enter_at(cursor, key, err) : STATUS_OK;
}

/* To the last before `key`: in the chunk that it is inside of, or else at the end of the
 * one before. */
static enum status seek_backward(struct search_cursor *cursor, struct text key, struct error *err)
{
	MDB_val at;
	MDB_val value;
	int rc = chunk_seek(cursor->placed, key, &at, &value);
	bool inside =
		rc == MDB_SUCCESS && text_compare((struct text){at.mv_data, at.mv_size}, key) < 0;
	if (!inside && (rc == MDB_SUCCESS || rc == MDB_NOTFOUND))
		rc = mdb_cursor_get(
			cursor->placed, &at, &value, rc == MDB_SUCCESS ? MDB_PREV : MDB_LAST);
	TRY(enter_chunk(cursor, rc, &at, &value, err));
	if (inside && cursor->has_placed)
		stand_at(cursor,
			chunk_position(&cursor->chunk, key_u64(key.at + key.length - ID_BYTES)) -
				1);
	return STATUS_OK;
}

enum status search_cursor_seek(struct search_cursor *cursor, struct text key, bool backwards,
	bool *found_out, struct search_entry *entry_out, struct error *err)
{
	cursor->backwards = backwards;
	cursor->at = fresh_before(cursor, key);
	if (backwards)
		TRY(seek_backward(cursor, key, err));
	else
		TRY(seek_forward(cursor, key, err));
	return settle(cursor, found_out, entry_out, err);
}

enum status search_cursor_find(struct search_cursor *cursor, struct text key, bool *found_out,
	unsigned *fields_out, struct error *err)
{
	size_t at = fresh_before(cursor, key);
	*fields_out = 0;
	if (at < cursor->count && text_equal(cursor->fresh[at].key, key)) {
		unsigned is = cursor->fresh[at].is;
		*found_out = is;
		*fields_out = is & ~(unsigned)FRESH_THERE;
		return STATUS_OK;
	}
	assert(key.length > ID_BYTES + 1);
	return chunk_find(cursor->txn, text_until(key, key.length - ID_BYTES - 1),
		key_u64(key.at + key.length - ID_BYTES), found_out, fields_out, err);
}
