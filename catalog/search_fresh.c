#include "catalog/search_fresh.h"

#include "base/hash.h"
#include "base/memory.h"
#include "catalog/key.h"
#include "catalog/search_chunk.h"
#include "catalog/store.h"

#include <stdlib.h>

enum { HEAD_BYTES = 6 };

static unsigned number(const char *at)
{
	return (unsigned)(unsigned char)at[0] << 8 | (unsigned char)at[1];
}

enum status fresh_next(struct text *record, struct fresh_word *word_out, struct error *err)
{
	size_t length = record->length < HEAD_BYTES ? 0 : number(record->at + 4);
	if (length == 0 || record->length < HEAD_BYTES + length)
		return fail(err, STATUS_DATA_LOSS,
			"what search has yet to learn ends in the middle of a word");
	*word_out = (struct fresh_word){
		.word = {record->at + HEAD_BYTES, length},
		.was = number(record->at),
		.is = number(record->at + 2),
	};
	*record = text_from(*record, HEAD_BYTES + length);
	return STATUS_OK;
}

static void add_number(struct buffer *record, unsigned number)
{
	buffer_add_byte(record, (char)(number >> 8));
	buffer_add_byte(record, (char)number);
}

/* What came back to what the index holds has nothing to be told. */
static void add_word(struct buffer *record, size_t *count, const struct fresh_word *word)
{
	if (word->was == word->is)
		return;
	add_number(record, word->was);
	add_number(record, word->is);
	add_number(record, (unsigned)word->word.length);
	buffer_add_text(record, word->word);
	(*count)++;
}

/* The words that changed now behind those that had changed before. */
static enum status compose(struct buffer *record, size_t *count_out, struct text before,
	const struct fresh_word *words, size_t count, struct error *err)
{
	struct fresh_word old = {0};
	size_t i = 0;
	bool has_old = false;
	*count_out = 0;
	for (;;) {
		if (!has_old && before.length) {
			TRY(fresh_next(&before, &old, err));
			has_old = true;
		}
		if (!has_old && i == count)
			return buffer_check(record, "words", err);
		int order = i == count ? -1 : 1;
		if (has_old && i < count)
			order = text_compare(old.word, words[i].word);
		struct fresh_word word = order > 0 ? words[i] : old;
		if (order == 0)
			word.is = words[i].is;
		add_word(record, count_out, &word);
		has_old = has_old && order > 0;
		i += order >= 0;
	}
}

/* What moves to the index, by word: a few hundred tables share most of theirs, so that
 * sorting the words alone is enough. */
struct moved_word {
	struct text word;
	struct chunk_change *changes; /* in order of ids */
	size_t count;
	size_t capacity;
};

struct moves {
	struct arena *arena;
	struct moved_word **words;
	size_t count;
	size_t slot_count; /* a power of two, at least twice `count` */
	struct moved_word **slots; /* by hash of the word */
};

static struct moved_word **slot_of(const struct moves *moves, struct text word)
{
	for (size_t at = (size_t)hash_of_64(word);; at++) {
		struct moved_word **slot = &moves->slots[at & (moves->slot_count - 1)];
		if (!*slot || text_equal((*slot)->word, word))
			return slot;
	}
}

static void slots_grow(struct moves *moves)
{
	enum { SLOTS_MIN = 1024 };
	size_t slots = moves->slot_count ? 2 * moves->slot_count : SLOTS_MIN;
	moves->words = arena_grow(
		moves->arena, moves->words, moves->count, slots / 2, sizeof *moves->words);
	moves->slots = arena_array(moves->arena, slots, sizeof(struct moved_word *));
	moves->slot_count = slots;
	for (size_t i = 0; i < moves->count; i++)
		*slot_of(moves, moves->words[i]->word) = moves->words[i];
}

static void add_move(struct moves *moves, uint64_t id, const struct fresh_word *word)
{
	if (2 * (moves->count + 1) > moves->slot_count)
		slots_grow(moves);
	struct moved_word **slot = slot_of(moves, word->word);
	if (!*slot) {
		struct moved_word *moved = arena_alloc(moves->arena, sizeof *moved);
		moved->word = word->word;
		moves->words[moves->count++] = moved;
		*slot = moved;
	}
	struct moved_word *moved = *slot;
	/* Many words are of one table alone. */
	size_t wanted = moved->count ? memory_grown(moved->capacity, moved->count + 1) : 1;
	if (wanted != moved->capacity)
		moved->changes = arena_grow(
			moves->arena, moved->changes, moved->count, wanted, sizeof *moved->changes);
	moved->capacity = wanted;
	moved->changes[moved->count++] = (struct chunk_change){
		.entry = {id, word->is & ~(unsigned)FRESH_THERE}, .there = word->is != 0};
}

static int by_word(const void *a, const void *b)
{
	return text_compare(
		(*(struct moved_word *const *)a)->word, (*(struct moved_word *const *)b)->word);
}

static enum status add_record(
	struct moves *moves, uint64_t id, struct text record, struct error *err)
{
	while (record.length) {
		struct fresh_word word;
		TRY(fresh_next(&record, &word, err));
		add_move(moves, id, &word);
	}
	return STATUS_OK;
}

static enum status gather(struct catalog_txn *txn, struct moves *moves, struct error *err)
{
	OWNED(scan) scan = NULL;
	TRY(scan_open(txn, DB_SEARCH_FRESH, TEXT(""), TEXT(""), &scan, err));
	for (;;) {
		bool found;
		struct text key;
		struct text record;
		TRY(scan_next(scan, &found, &key, &record, err));
		if (!found)
			return STATUS_OK;
		if (key.length != 8)
			return fail(
				err, STATUS_DATA_LOSS, "a table's id has %zu bytes", key.length);
		/* Copied: what is written moves pages. */
		TRY(add_record(moves, key_u64(key.at), arena_copy(moves->arena, record), err));
	}
}

static enum status move_all(struct catalog_txn *txn, const struct moves *moves, struct error *err)
{
	if (moves->count)
		qsort(moves->words, moves->count, sizeof(struct moved_word *), by_word);
	for (size_t i = 0; i < moves->count; i++) {
		const struct moved_word *moved = moves->words[i];
		TRY(chunk_write(txn, moved->word, moved->changes, moved->count, err));
	}
	return STATUS_OK;
}

enum status fresh_merge(struct catalog_txn *txn, struct error *err)
{
	OWNED(arena) arena = arena_new();
	struct moves moves = {.arena = arena};
	TRY(gather(txn, &moves, err));
	TRY(move_all(txn, &moves, err));
	uint64_t count;
	return store_delete_prefix(txn, DB_SEARCH_FRESH, TEXT(""), &count, err);
}

static enum status merge_when_many(struct catalog_txn *txn, struct error *err)
{
	MDB_stat stat;
	TRY(lmdb_status(mdb_stat(txn->mdb, txn->catalog->dbis[DB_SEARCH_FRESH], &stat), err,
		"count records"));
	size_t pages = stat.ms_leaf_pages + stat.ms_overflow_pages;
	return stat.ms_entries > FRESH_TABLES_MAX || pages > FRESH_PAGES_MAX ? fresh_merge(txn, err)
									     : STATUS_OK;
}

enum status fresh_put(struct catalog_txn *txn, uint64_t id, const struct fresh_word *words,
	size_t count, struct error *err)
{
	struct buffer SCOPED_BUFFER record = {0};
	char key[8];
	bool found;
	struct text before = TEXT("");
	size_t kept;
	buffer_init(&record, LIMIT_MESSAGE_BYTES);
	TRY(store_find(txn, DB_SEARCH_FRESH, key_u64_text(id, key), &found, &before, err));
	TRY(compose(&record, &kept, found ? before : TEXT(""), words, count, err));
	if (record.length == 0)
		return found ? store_delete(
				       txn, DB_SEARCH_FRESH, key_u64_text(id, key), &found, err)
			     : STATUS_OK;
	TRY(store_put(txn, DB_SEARCH_FRESH, key_u64_text(id, key), buffer_text(&record), err));
	return kept > FRESH_WORDS_MAX ? fresh_merge(txn, err) : merge_when_many(txn, err);
}
