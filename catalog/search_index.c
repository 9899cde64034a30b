#include "catalog/search_index.h"

#include "base/hash.h"
#include "base/memory.h"
#include "catalog/key.h"
#include "catalog/search_chunk.h"
#include "catalog/search_fresh.h"
#include "catalog/search_order.h"
#include "catalog/store.h"
#include "catalog/table_texts.h"
#include "catalog/tags.h"
#include "catalog/words.h"

#include <stdlib.h>

/* What is in the index; another way of cutting words gets another number, and the
 * index is built anew at the next open. */
enum { INDEX_VERSION = 5, CUTS = 64 };

struct entry {
	struct text word;
	uint64_t head; /* its first bytes, as a number that sorts as they do */
	unsigned fields;
};

struct entries {
	struct arena *arena;
	struct entry *items;
	size_t count;
	size_t capacity;
	size_t words; /* seen, repetitions too: what a table may have is counted in them */
	/* Where each word stands, by its hash: place + 1, 0 where there is none. The same
	 * few words come again and again in a table's comments and types. */
	uint32_t *slots;
	size_t slot_count; /* a power of two, at least twice `count` */
	/* Texts that were cut into words already, by their hash: types above all. */
	struct cut {
		struct text text; /* the table's own */
		enum table_field field;
		size_t words;
	} cuts[CUTS];
};

static uint32_t *slot_of(const struct entries *entries, struct text word)
{
	size_t at = (size_t)hash_of_64(word);
	for (;; at++) {
		uint32_t *slot = &entries->slots[at & (entries->slot_count - 1)];
		if (*slot == 0 || text_equal(entries->items[*slot - 1].word, word))
			return slot;
	}
}

static void slots_grow(struct entries *entries)
{
	enum { SLOTS_MIN = 256 };
	entries->slot_count = entries->slot_count ? 2 * entries->slot_count : SLOTS_MIN;
	entries->slots = arena_array(entries->arena, entries->slot_count, sizeof *entries->slots);
	for (size_t i = 0; i < entries->count; i++)
		*slot_of(entries, entries->items[i].word) = (uint32_t)(i + 1);
}

static uint64_t head_of(struct text word)
{
	char bytes[8] = {0};
	memcpy(bytes, word.at, word.length < sizeof bytes ? word.length : sizeof bytes);
	return key_u64(bytes);
}

static void add_word(struct entries *entries, struct text word, unsigned fields)
{
	if (2 * (entries->count + 1) > entries->slot_count)
		slots_grow(entries);
	uint32_t *slot = slot_of(entries, word);
	if (*slot) {
		entries->items[*slot - 1].fields |= fields;
		return;
	}
	size_t wanted = memory_grown(entries->capacity, entries->count + 1);
	if (wanted != entries->capacity)
		entries->items = arena_grow(entries->arena, entries->items, entries->count, wanted,
			sizeof *entries->items);
	entries->capacity = wanted;
	struct entry *entry = &entries->items[entries->count++];
	entry->word = arena_copy(entries->arena, word);
	entry->head = head_of(word);
	entry->fields = fields;
	*slot = (uint32_t)entries->count;
}

static bool add_words_of(struct entries *entries, const struct table_text *text, bool parts)
{
	struct text rest = text->text;
	struct word word;
	while (entries->words < LIMIT_SEARCH_TABLE_WORDS && word_next(&rest, parts, &word)) {
		entries->words++;
		add_word(entries, (struct text){word.bytes, word.length}, 1U << text->field);
	}
	return entries->words < LIMIT_SEARCH_TABLE_WORDS;
}

static bool add_words(void *state, const struct table_text *text)
{
	struct entries *entries = state;
	struct cut *cut = &entries->cuts[hash_of_64(text->text) % CUTS];
	if (cut->field == text->field && text_equal(cut->text, text->text)) {
		entries->words += cut->words;
		return entries->words < LIMIT_SEARCH_TABLE_WORDS;
	}
	size_t before = entries->words;
	bool goes_on = add_words_of(entries, text, false) &&
		       (!words_have_parts(text->text) || add_words_of(entries, text, true));
	*cut = (struct cut){text->text, text->field, entries->words - before};
	return goes_on;
}

static int by_word(const void *a, const void *b)
{
	const struct entry *left = a;
	const struct entry *right = b;
	if (left->head != right->head)
		return left->head < right->head ? -1 : 1;
	return text_compare(left->word, right->word);
}

/* The words of a table, each once, in order. */
static void collect(struct entries *entries, const Tenon__V1__Table *table,
	const Tenon__Store__V1__TagsRecord *tags)
{
	if (!table)
		return;
	table_texts(table, tags, add_words, entries);
	for (size_t i = 0; i < SEARCH_ORDERS; i++)
		add_word(entries, search_order_word(table, i, entries->arena), 0);
	if (entries->count)
		qsort(entries->items, entries->count, sizeof *entries->items, by_word);
}

/* What the index holds of a word of the table; `record` is what is left of the table's
 * fresh words, which are read as far as this one. */
static enum status entry_read(struct catalog_txn *txn, uint64_t id, struct text word,
	struct text *record, bool *found_out, unsigned *fields_out, struct error *err)
{
	while (record->length) {
		struct text rest = *record;
		struct fresh_word fresh;
		TRY(fresh_next(&rest, &fresh, err));
		int order = text_compare(fresh.word, word);
		if (order > 0)
			break;
		*record = rest;
		if (order < 0)
			continue;
		*found_out = fresh.is;
		*fields_out = fresh.is & ~(unsigned)FRESH_THERE;
		return STATUS_OK;
	}
	enum status status = chunk_find(txn, word, id, found_out, fields_out, err);
	if (status != STATUS_DATA_LOSS)
		return status;
	*found_out = false; /* a record that nobody can read does not lead to the table */
	return STATUS_OK;
}

enum status search_index_verify(struct catalog_txn *txn, const Tenon__V1__Table *table,
	struct arena *arena, size_t *words_out, struct text *amiss_out, struct error *err)
{
	struct entries entries = {.arena = arena};
	Tenon__Store__V1__TagsRecord *tags;
	char key[8];
	bool found;
	struct text record = TEXT("");
	TRY(tags_of_table(txn, table->id, arena, &tags, err));
	collect(&entries, table, tags);
	*words_out = entries.count;
	*amiss_out = TEXT("");
	TRY(store_find(txn, DB_SEARCH_FRESH, key_u64_text(table->id, key), &found, &record, err));
	for (size_t i = 0; i < entries.count && amiss_out->length == 0; i++) {
		unsigned fields = 0;
		const struct entry *entry = &entries.items[i];
		TRY(entry_read(txn, table->id, entry->word, &record, &found, &fields, err));
		if (!found || fields != entry->fields)
			*amiss_out = entry->word;
	}
	return STATUS_OK;
}

/* Both in order: what only one has, or has otherwise. */
static enum status write_difference(struct catalog_txn *txn, uint64_t id,
	const struct entries *before, const struct entries *after, struct error *err)
{
	size_t i = 0;
	size_t j = 0;
	size_t count = 0;
	struct fresh_word *words =
		arena_array(after->arena, before->count + after->count, sizeof *words);
	while (i < before->count || j < after->count) {
		int order = i == before->count ? 1 : -1;
		if (i < before->count && j < after->count)
			order = by_word(&before->items[i], &after->items[j]);
		struct fresh_word word = {0};
		if (order <= 0)
			word = (struct fresh_word){.word = before->items[i].word,
				.was = before->items[i].fields | FRESH_THERE};
		if (order >= 0) {
			word.word = after->items[j].word;
			word.is = after->items[j].fields | FRESH_THERE;
		}
		if (word.was != word.is)
			words[count++] = word;
		i += order <= 0;
		j += order >= 0;
	}
	return count ? fresh_put(txn, id, words, count, err) : STATUS_OK;
}

/* What a table is to search. */
struct searched {
	const Tenon__V1__Table *table; /* NULL: there is none */
	const Tenon__Store__V1__TagsRecord *tags;
};

static enum status change(struct catalog_txn *txn, const struct searched *before,
	const struct searched *after, struct arena *arena, struct error *err)
{
	struct entries old = {.arena = arena};
	struct entries new = {.arena = arena};
	collect(&old, before->table, before->tags);
	collect(&new, after->table, after->tags);
	const Tenon__V1__Table *table = after->table ? after->table : before->table;
	return table ? write_difference(txn, table->id, &old, &new, err) : STATUS_OK;
}

enum status search_index_change(struct catalog_txn *txn, const Tenon__V1__Table *before,
	const Tenon__V1__Table *after, struct error *err)
{
	OWNED(arena) arena = arena_new();
	Tenon__Store__V1__TagsRecord *tags = NULL;
	if (before || after)
		TRY(tags_of_table(txn, after ? after->id : before->id, arena, &tags, err));
	return change(
		txn, &(struct searched){before, tags}, &(struct searched){after, tags}, arena, err);
}

enum status search_index_retag(struct catalog_txn *txn, uint64_t id,
	const Tenon__Store__V1__TagsRecord *before, const Tenon__Store__V1__TagsRecord *after,
	struct error *err)
{
	OWNED(arena) arena = arena_new();
	char key[8];
	void *table;
	TRY(store_message(txn, DB_TABLES, key_u64_text(id, key), &tenon__v1__table__descriptor,
		arena, &table, err));
	return change(txn, &(struct searched){table, before}, &(struct searched){table, after},
		arena, err);
}

/* The next table's record after `last`, in the arena; nothing may be written while
 * a scan is open, so each step opens its own. */
static enum status table_after(struct catalog_txn *txn, struct buffer *last, struct arena *arena,
	Tenon__V1__Table **table_out, struct error *err)
{
	OWNED(scan) scan = NULL;
	bool found;
	struct text key;
	struct text value;
	void *table;
	*table_out = NULL;
	TRY(scan_open(txn, DB_TABLES, TEXT(""), buffer_text(last), &scan, err));
	TRY(scan_next(scan, &found, &key, &value, err));
	if (!found)
		return STATUS_OK;
	buffer_clear(last);
	buffer_add_text(last, key);
	TRY(store_unpack(value, &tenon__v1__table__descriptor, arena, &table, err));
	*table_out = table;
	return STATUS_OK;
}

static enum status build(struct catalog_txn *txn, struct error *err)
{
	OWNED(arena) arena = arena_new();
	struct buffer SCOPED_BUFFER last = {0};
	key_init(&last);
	uint64_t count;
	TRY(store_delete_prefix(txn, DB_SEARCH, TEXT(""), &count, err));
	TRY(store_delete_prefix(txn, DB_SEARCH_FRESH, TEXT(""), &count, err));
	for (;;) {
		arena_reset(arena);
		Tenon__V1__Table *table;
		TRY(table_after(txn, &last, arena, &table, err));
		if (!table)
			return STATUS_OK;
		TRY(search_index_change(txn, NULL, table, err));
	}
}

enum status search_index_ensure(struct catalog_txn *txn, struct error *err)
{
	bool found;
	struct text value;
	TRY(store_find(txn, DB_META, TEXT("search"), &found, &value, err));
	if (found && value.length == 8 && key_u64(value.at) == INDEX_VERSION)
		return STATUS_OK;
	TRY(build(txn, err));
	char bytes[8];
	return store_put(txn, DB_META, TEXT("search"), key_u64_text(INDEX_VERSION, bytes), err);
}
