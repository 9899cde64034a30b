#include "catalog/check_rows.h"
#include "catalog/key.h"
#include "catalog/search_chunk.h"
#include "catalog/search_fresh.h"
#include "catalog/search_index.h"

#include <inttypes.h>

/* The index holds every word of every table, and no more than those. */

static enum status table_is_found_by_its_words(struct check *check, struct text key,
	struct text value, const void *message, struct error *err)
{
	(void)key;
	(void)value;
	const Tenon__V1__Table *table = message;
	struct text amiss;
	size_t words;
	TRY(search_index_verify(check->txn, table, check->arena, &words, &amiss, err));
	check->tally.words += words;
	if (amiss.length)
		check_found(check,
			arena_printf(check->arena, "%s.%s", table->database, table->name),
			"is not found by its word '%.*s'", TEXT_ARG(text_until(amiss, 64)));
	return STATUS_OK;
}

enum { ID_BYTES = 8 };

static char *place_of(struct check *check, struct text word)
{
	return arena_printf(check->arena, "word/%.*s", TEXT_ARG(word));
}

/* Whether the table's fresh words say that the entry is to go. */
static enum status is_leaving(
	struct check *check, uint64_t id, struct text word, bool *is_out, struct error *err)
{
	char key[ID_BYTES];
	bool found;
	struct text record;
	*is_out = false;
	TRY(store_find(check->txn, DB_SEARCH_FRESH, key_u64_text(id, key), &found, &record, err));
	while (found && record.length && !*is_out) {
		struct fresh_word fresh;
		TRY(fresh_next(&record, &fresh, err));
		*is_out = fresh.is == 0 && text_equal(fresh.word, word);
	}
	return STATUS_OK;
}

static enum status entry_leads_to_a_table(
	struct check *check, struct text word, uint64_t id, struct error *err)
{
	bool found;
	check->tally.postings++;
	TRY(check_has_table(check, id, &found, err));
	if (!found)
		TRY(is_leaving(check, id, word, &found, err));
	if (!found)
		check_found(check, place_of(check, word), "leads to a table that is not there");
	return STATUS_OK;
}

/* What cannot be read is not there: the damage is told where the record is visited. */
static enum status placed_entry(struct check *check, struct text word, uint64_t id, bool *found_out,
	unsigned *fields_out, struct error *err)
{
	enum status status = chunk_find(check->txn, word, id, found_out, fields_out, err);
	if (status != STATUS_DATA_LOSS)
		return status;
	*found_out = false;
	return STATUS_OK;
}

/* A record of the index is whole, comes behind the one before, and leads to tables. */
static enum status words_lead_to_tables(struct check *check, struct text key, struct text value,
	const void *message, struct error *err)
{
	(void)message;
	struct chunk chunk;
	struct error why;
	struct text word = text_until(key, text_find(key, 0));
	if (chunk_read(key, value, &chunk, &why) != STATUS_OK) {
		check_found(check, place_of(check, word), "%s", why.message);
		return STATUS_OK;
	}
	for (size_t i = 0; i < chunk.count; i++)
		TRY(entry_leads_to_a_table(check, chunk.word, chunk.entries[i].id, err));
	bool there;
	unsigned fields;
	uint64_t last = chunk.entries[chunk.count - 1].id;
	TRY(placed_entry(check, chunk.word, last, &there, &fields, err));
	if (!there)
		check_found(check, place_of(check, word),
			"has a record that reaches into the next one");
	return STATUS_OK;
}

/* What is fresh knows what the index has in its place. */
static enum status fresh_word_is_right(
	struct check *check, uint64_t id, const struct fresh_word *fresh, struct error *err)
{
	bool found;
	unsigned fields;
	TRY(placed_entry(check, fresh->word, id, &found, &fields, err));
	if ((found ? fields | FRESH_THERE : 0) != fresh->was)
		check_found(check, place_of(check, fresh->word),
			"has another entry of table %" PRIu64 " than what is newer says", id);
	check->tally.postings += fresh->is != 0;
	check->tally.postings -= fresh->was != 0;
	return STATUS_OK;
}

static enum status fresh_words_are_right(struct check *check, struct text key, struct text value,
	const void *message, struct error *err)
{
	(void)message;
	if (key.length != ID_BYTES)
		return fail(err, STATUS_DATA_LOSS, "a table's id has %zu bytes", key.length);
	while (value.length) {
		struct fresh_word fresh;
		if (fresh_next(&value, &fresh, err) != STATUS_OK) {
			check_found(check,
				arena_printf(check->arena, "table %" PRIu64, key_u64(key.at)),
				"has words for search that end in the middle");
			return STATUS_OK;
		}
		TRY(fresh_word_is_right(check, key_u64(key.at), &fresh, err));
	}
	return STATUS_OK;
}

static enum status words_are_as_many(struct check *check, struct error *err)
{
	(void)err;
	if (check->tally.postings != check->tally.words)
		check_found(check, "the search index",
			"has %" PRIu64 " entries, and the tables have %" PRIu64 " words",
			check->tally.postings, check->tally.words);
	return STATUS_OK;
}

static const struct check_row rows[] = {
	{"search", DB_TABLES, &tenon__v1__table__descriptor, table_is_found_by_its_words, NULL},
	{"search", DB_SEARCH, NULL, words_lead_to_tables, NULL},
	{"search", DB_SEARCH_FRESH, NULL, fresh_words_are_right, words_are_as_many},
};

const struct check_rows check_search = CHECK_ROWS(rows);
