#include "catalog/check_rows.h"
#include "catalog/key.h"
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

static enum status word_leads_to_a_table(struct check *check, struct text key, struct text value,
	const void *message, struct error *err)
{
	(void)value;
	(void)message;
	enum { ID_BYTES = 8 };
	struct text word = text_until(key, text_find(key, 0));
	bool found = false;
	check->tally.postings++;
	if (key.length == word.length + 1 + ID_BYTES)
		TRY(check_has_table(check, key_u64(key.at + word.length + 1), &found, err));
	if (!found)
		check_found(check, arena_printf(check->arena, "word/%.*s", TEXT_ARG(word)),
			"leads to a table that is not there");
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
	{"search", DB_SEARCH, NULL, word_leads_to_a_table, words_are_as_many},
};

const struct check_rows check_search = CHECK_ROWS(rows);
