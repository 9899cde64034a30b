#include "catalog/search_chunk.h"

#include "base/varint.h"
#include "catalog/key.h"
#include "catalog/store.h"

enum { ID_BYTES = 8, ENTRY_BYTES_LIKELY = 4 };

static enum status damaged(struct text word, struct error *err)
{
	return fail(err, STATUS_DATA_LOSS, "the search index has a damaged record of word '%.*s'",
		TEXT_ARG(text_until(word, 64)));
}

enum status chunk_read(
	struct text key, struct text value, struct chunk *chunk_out, struct error *err)
{
	if (key.length < ID_BYTES + 2 || key.at[key.length - ID_BYTES - 1] != 0)
		return damaged(key, err);
	chunk_out->word = text_until(key, key.length - ID_BYTES - 1);
	chunk_out->bytes = value.length;
	chunk_out->count = 0;
	uint64_t id = key_u64(key.at + key.length - ID_BYTES);
	while (value.length) {
		uint64_t more;
		uint64_t fields;
		if (chunk_out->count == CHUNK_ENTRIES_MAX || !varint_take(&value, &more) ||
			!varint_take(&value, &fields) || fields > UINT16_MAX ||
			(more == 0) != (chunk_out->count == 0))
			return damaged(chunk_out->word, err);
		id += more;
		chunk_out->entries[chunk_out->count++] = (struct chunk_entry){id, (unsigned)fields};
	}
	return chunk_out->count ? STATUS_OK : damaged(chunk_out->word, err);
}

size_t chunk_position(const struct chunk *chunk, uint64_t id)
{
	size_t low = 0;
	size_t high = chunk->count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (chunk->entries[middle].id < id)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Whether both are keys of one word. */
static bool same_word(struct text a, struct text b)
{
	return a.length == b.length && a.length > ID_BYTES &&
	       memcmp(a.at, b.at, a.length - ID_BYTES) == 0 && a.at[a.length - ID_BYTES - 1] == 0;
}

static struct text text_of_val(const MDB_val *val)
{
	return (struct text){val->mv_data, val->mv_size};
}

int chunk_seek(MDB_cursor *cursor, struct text key, MDB_val *key_out, MDB_val *value_out)
{
	*key_out = (MDB_val){key.length, (char *)(uintptr_t)key.at};
	int rc = key.length ? mdb_cursor_get(cursor, key_out, value_out, MDB_SET_RANGE)
			    : mdb_cursor_get(cursor, key_out, value_out, MDB_FIRST);
	bool whole = key.length > ID_BYTES + 1 && key.at[key.length - ID_BYTES - 1] == 0;
	if (!whole || (rc != MDB_SUCCESS && rc != MDB_NOTFOUND) ||
		(rc == MDB_SUCCESS && text_equal(text_of_val(key_out), key)))
		return rc;
	/* The one before may reach this far. */
	int back =
		mdb_cursor_get(cursor, key_out, value_out, rc == MDB_SUCCESS ? MDB_PREV : MDB_LAST);
	if (back == MDB_SUCCESS && same_word(text_of_val(key_out), key))
		return back;
	if (back != MDB_SUCCESS && back != MDB_NOTFOUND)
		return back;
	if (rc == MDB_NOTFOUND)
		return rc;
	if (back == MDB_SUCCESS)
		return mdb_cursor_get(cursor, key_out, value_out, MDB_NEXT);
	*key_out = (MDB_val){key.length, (char *)(uintptr_t)key.at};
	return mdb_cursor_get(cursor, key_out, value_out, MDB_SET_RANGE);
}

static void word_key(struct buffer *key, struct text word, uint64_t id)
{
	buffer_clear(key);
	key_add_part(key, word);
	key_add_u64(key, id);
}

/* The chunk of the word that `id` is in or would be put in; chunk->count 0: there is none.
 * *reach_out is the first id of the word's next chunk, UINT64_MAX when it is the last. `key`
 * is room for keys. */
static enum status chunk_for(struct catalog_txn *txn, struct buffer *key, struct text word,
	uint64_t id, struct chunk *chunk, uint64_t *reach_out, struct error *err)
{
	MDB_cursor *cursor;
	MDB_val at;
	MDB_val value;
	word_key(key, word, id);
	TRY(buffer_check(key, "key", err));
	*reach_out = UINT64_MAX;
	chunk->bytes = 0;
	chunk->count = 0;
	TRY(lmdb_status(mdb_cursor_open(txn->mdb, txn->catalog->dbis[DB_SEARCH], &cursor), err,
		"open a cursor"));
	enum status status = STATUS_OK;
	int rc = chunk_seek(cursor, buffer_text(key), &at, &value);
	if (rc == MDB_SUCCESS && same_word(text_of_val(&at), buffer_text(key))) {
		status = chunk_read(text_of_val(&at), text_of_val(&value), chunk, err);
		rc = mdb_cursor_get(cursor, &at, &value, MDB_NEXT);
		if (rc == MDB_SUCCESS && same_word(text_of_val(&at), buffer_text(key)))
			*reach_out = key_u64((char *)at.mv_data + at.mv_size - ID_BYTES);
	}
	mdb_cursor_close(cursor);
	TRY(status);
	return rc == MDB_NOTFOUND ? STATUS_OK : lmdb_status(rc, err, "read the search index");
}

enum status chunk_find(struct catalog_txn *txn, struct text word, uint64_t id, bool *found_out,
	unsigned *fields_out, struct error *err)
{
	struct buffer SCOPED_BUFFER key = {0};
	struct chunk chunk;
	uint64_t reach;
	key_init(&key);
	TRY(chunk_for(txn, &key, word, id, &chunk, &reach, err));
	size_t at = chunk_position(&chunk, id);
	*found_out = at < chunk.count && chunk.entries[at].id == id;
	*fields_out = *found_out ? chunk.entries[at].fields : 0;
	return STATUS_OK;
}

/* What is in one chunk and what comes into it; as many chunks as that takes. */
struct rewriting {
	struct catalog_txn *txn;
	struct text word;
	struct buffer key;
	uint64_t first; /* of the record being made */
	uint64_t last;
	size_t count;
	char bytes[CHUNK_BYTES_MAX];
	size_t length;
	size_t bytes_max; /* of one record */
};

static void rewriting_done(struct rewriting *rewriting)
{
	buffer_done(&rewriting->key);
}
#define SCOPED_REWRITING __attribute__((cleanup(rewriting_done)))

static enum status flush(struct rewriting *to, struct error *err)
{
	if (to->count == 0)
		return STATUS_OK;
	word_key(&to->key, to->word, to->first);
	to->count = 0;
	return store_put(to->txn, DB_SEARCH, buffer_text(&to->key),
		(struct text){to->bytes, to->length}, err);
}

static enum status add(struct rewriting *to, const struct chunk_entry *entry, struct error *err)
{
	char bytes[2 * VARINT_BYTES_MAX];
	if (to->count) {
		size_t length = varint_put(bytes, entry->id - to->last);
		length += varint_put(bytes + length, entry->fields);
		if (to->length + length <= to->bytes_max && to->count < CHUNK_ENTRIES_MAX) {
			memcpy(to->bytes + to->length, bytes, length);
			to->length += length;
			to->last = entry->id;
			to->count++;
			return STATUS_OK;
		}
		TRY(flush(to, err));
	}
	to->first = to->last = entry->id;
	to->length = varint_put(to->bytes, 0);
	to->length += varint_put(to->bytes + to->length, entry->fields);
	to->count = 1;
	return STATUS_OK;
}

/* Both in order of ids; a change hides the entry of its id. */
static enum status rewrite(struct rewriting *to, const struct chunk *chunk,
	const struct chunk_change *changes, size_t count, struct error *err)
{
	size_t i = 0;
	size_t j = 0;
	bool found;
	if (chunk->count) {
		word_key(&to->key, to->word, chunk->entries[0].id);
		TRY(store_delete(to->txn, DB_SEARCH, buffer_text(&to->key), &found, err));
	}
	while (i < chunk->count || j < count) {
		const struct chunk_entry *old = i < chunk->count ? &chunk->entries[i] : NULL;
		const struct chunk_change *new = j < count ? &changes[j] : NULL;
		if (new && (!old || new->entry.id <= old->id)) {
			if (new->there)
				TRY(add(to, &new->entry, err));
			i += old && new->entry.id == old->id;
			j++;
		} else {
			TRY(add(to, old, err));
			i++;
		}
	}
	return flush(to, err);
}

enum status chunk_write(struct catalog_txn *txn, struct text word,
	const struct chunk_change *changes, size_t count, struct error *err)
{
	struct rewriting SCOPED_REWRITING to; /* its bytes are as they come */
	key_init(&to.key);
	to.txn = txn;
	to.word = word;
	to.count = 0;
	while (count) {
		struct chunk chunk;
		uint64_t reach;
		TRY(chunk_for(txn, &to.key, word, changes[0].entry.id, &chunk, &reach, err));
		size_t here = 1;
		while (here < count && changes[here].entry.id < reach)
			here++;
		/* New tables come at the end, and leave full records behind them. One in the
		 * middle that grows too large becomes two halves, which have room again. */
		bool grows = chunk.bytes + here * ENTRY_BYTES_LIKELY > CHUNK_BYTES_MAX;
		to.bytes_max = grows && reach != UINT64_MAX ? CHUNK_BYTES_MAX / 2 : CHUNK_BYTES_MAX;
		TRY(rewrite(&to, &chunk, changes, here, err));
		changes += here;
		count -= here;
	}
	return STATUS_OK;
}
