#include "catalog/search_cursor.h"

#include "base/memory.h"
#include "catalog/key.h"
#include "catalog/search_fresh.h"
#include "catalog/store.h"

#include <stdlib.h>

enum { ID_BYTES = 8, FIELDS_BYTES = 2 };

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
	struct search_entry here; /* the next placed one, when there is one */
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
	buffer_add_text(&cursor->prefix, prefix);
	TRY(buffer_check(&cursor->prefix, "key", err));
	TRY(lmdb_status(mdb_cursor_open(txn->mdb, txn->catalog->dbis[DB_SEARCH], &cursor->placed),
		err, "open a cursor"));
	TRY(read_fresh(cursor, err));
	*cursor_out = TAKE(cursor);
	return STATUS_OK;
}

static enum status read_fields(struct text value, unsigned *fields_out, struct error *err)
{
	if (value.length != FIELDS_BYTES)
		return fail(err, STATUS_DATA_LOSS, "a search entry has %zu bytes", value.length);
	*fields_out = (unsigned)(unsigned char)value.at[0] << 8 | (unsigned char)value.at[1];
	return STATUS_OK;
}

static enum status take_placed(struct search_cursor *cursor, int rc, const MDB_val *key,
	const MDB_val *value, struct error *err)
{
	if (rc != MDB_SUCCESS && rc != MDB_NOTFOUND)
		return lmdb_status(rc, err, "read the search index");
	cursor->has_placed = false;
	if (rc == MDB_NOTFOUND)
		return STATUS_OK;
	cursor->here.key = (struct text){key->mv_data, key->mv_size};
	if (!text_starts(cursor->here.key, buffer_text(&cursor->prefix)))
		return STATUS_OK;
	if (key->mv_size < ID_BYTES)
		return fail(err, STATUS_DATA_LOSS, "a search entry has a key of %zu bytes",
			key->mv_size);
	cursor->has_placed = true;
	return read_fields(
		(struct text){value->mv_data, value->mv_size}, &cursor->here.fields, err);
}

static enum status step_placed(struct search_cursor *cursor, struct error *err)
{
	MDB_val key;
	MDB_val value;
	int rc = mdb_cursor_get(
		cursor->placed, &key, &value, cursor->backwards ? MDB_PREV : MDB_NEXT);
	return take_placed(cursor, rc, &key, &value, err);
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
			order = text_compare(cursor->here.key, fresh->key);
			order = cursor->backwards ? -order : order;
		}
		cursor->uses_placed = cursor->has_placed && order <= 0;
		cursor->uses_fresh = fresh && order >= 0;
		*found_out = cursor->uses_placed || cursor->uses_fresh;
		if (!*found_out)
			return STATUS_OK;
		*entry_out = cursor->here;
		if (cursor->uses_fresh)
			*entry_out = (struct search_entry){
				fresh->key, fresh->is & ~(unsigned)FRESH_THERE};
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

static int seek_placed(struct search_cursor *cursor, MDB_val *key, MDB_val *value)
{
	int rc = mdb_cursor_get(cursor->placed, key, value, MDB_SET_RANGE);
	if (!cursor->backwards)
		return rc;
	if (rc == MDB_NOTFOUND)
		return mdb_cursor_get(cursor->placed, key, value, MDB_LAST);
	return rc == MDB_SUCCESS ? mdb_cursor_get(cursor->placed, key, value, MDB_PREV) : rc;
}

enum status search_cursor_seek(struct search_cursor *cursor, struct text key, bool backwards,
	bool *found_out, struct search_entry *entry_out, struct error *err)
{
	MDB_val value;
	MDB_val at = {key.length, (char *)(uintptr_t)key.at};
	cursor->backwards = backwards;
	cursor->at = fresh_before(cursor, key);
	int rc = key.length ? seek_placed(cursor, &at, &value)
			    : mdb_cursor_get(cursor->placed, &at, &value, MDB_FIRST);
	TRY(take_placed(cursor, rc, &at, &value, err));
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
	struct text value;
	TRY(store_find(cursor->txn, DB_SEARCH, key, found_out, &value, err));
	return *found_out ? read_fields(value, fields_out, err) : STATUS_OK;
}
