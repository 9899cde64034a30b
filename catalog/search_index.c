#include "catalog/search_index.h"

#include "catalog/key.h"
#include "catalog/search_chunk.h"
#include "catalog/search_fresh.h"
#include "catalog/store.h"
#include "catalog/table_words.h"
#include "catalog/tags.h"

/* What is in the index; another way of cutting words gets another number, and the
 * index is built anew at the next open. */
enum { INDEX_VERSION = 5 };

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
	Tenon__Store__V1__TagsRecord *tags;
	char key[8];
	bool found;
	struct text record = TEXT("");
	TRY(tags_of_table(txn, table->id, arena, &tags, err));
	struct table_words words = table_words(table, tags, arena);
	*words_out = words.count;
	*amiss_out = TEXT("");
	TRY(store_find(txn, DB_SEARCH_FRESH, key_u64_text(table->id, key), &found, &record, err));
	for (size_t i = 0; i < words.count && amiss_out->length == 0; i++) {
		unsigned fields = 0;
		const struct table_word *entry = &words.at[i];
		TRY(entry_read(txn, table->id, entry->word, &record, &found, &fields, err));
		if (!found || fields != entry->fields)
			*amiss_out = entry->word;
	}
	return STATUS_OK;
}

/* Both in order: what only one has, or has otherwise. */
static enum status write_difference(struct catalog_txn *txn, uint64_t id,
	const struct table_words *before, const struct table_words *after, struct arena *arena,
	struct error *err)
{
	size_t i = 0;
	size_t j = 0;
	size_t count = 0;
	struct fresh_word *words = arena_array(arena, before->count + after->count, sizeof *words);
	while (i < before->count || j < after->count) {
		int order = i == before->count ? 1 : -1;
		if (i < before->count && j < after->count)
			order = table_word_compare(&before->at[i], &after->at[j]);
		struct fresh_word word = {0};
		if (order <= 0)
			word = (struct fresh_word){.word = before->at[i].word,
				.was = before->at[i].fields | FRESH_THERE};
		if (order >= 0) {
			word.word = after->at[j].word;
			word.is = after->at[j].fields | FRESH_THERE;
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
	struct table_words old = table_words(before->table, before->tags, arena);
	struct table_words new = table_words(after->table, after->tags, arena);
	const Tenon__V1__Table *table = after->table ? after->table : before->table;
	return table ? write_difference(txn, table->id, &old, &new, arena, err) : STATUS_OK;
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
