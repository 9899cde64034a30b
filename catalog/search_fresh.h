#pragma once

#include "catalog/txn.h"

/* What the search index has yet to learn: the words that changed of the tables that
 * changed last, one record a table, written in the transaction of the change. To put the
 * words of one table each in its place touches dozens of pages far apart; those of a few
 * hundred tables go there together, word by word. search_cursor.h shows both as one.
 *
 *   search_fresh   table id → was (2) · is (2) · length (2) · word, … in order of words */
enum {
	FRESH_THERE = 1 << 15, /* beside the fields: the index has an entry */
	FRESH_TABLES_MAX = 512, /* a search reads them all */
	FRESH_PAGES_MAX = 512, /* of 4 KiB */
	FRESH_WORDS_MAX = 2048, /* of one table; more go to the index at once */
};

struct fresh_word {
	struct text word;
	unsigned was; /* in the index itself: fields | FRESH_THERE, or 0 when it is not there */
	unsigned is; /* the same of the table now */
};

/* What differs from how the table was known a moment ago, in order of words; a word once. */
enum status fresh_put(struct catalog_txn *txn, uint64_t id, const struct fresh_word *words,
	size_t count, struct error *err) MUST_USE;

/* Everything to its place in the index. */
enum status fresh_merge(struct catalog_txn *txn, struct error *err) MUST_USE;

/* The next word of a table's record; its text is part of it. */
enum status fresh_next(
	struct text *record, struct fresh_word *word_out, struct error *err) MUST_USE;
