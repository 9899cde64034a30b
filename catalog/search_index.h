#pragma once

#include "catalog/tables.h"
#include "tenon/store/v1/tags.pb-c.h"

/* The words of every table, kept in the transaction that changes it. Only what
 * differs between `before` and `after` is written; NULL: there is no such table. */
enum status search_index_change(struct catalog_txn *txn, const Tenon__V1__Table *before,
	const Tenon__V1__Table *after, struct error *err) MUST_USE;

/* How many words the table has, and the first that the index does not hold as it should
 * (length 0: there is none). In the arena. */
enum status search_index_verify(struct catalog_txn *txn, const Tenon__V1__Table *table,
	struct arena *arena, size_t *words_out, struct text *amiss_out, struct error *err) MUST_USE;

/* The same of a table that stays as it is, when its tags become others. */
enum status search_index_retag(struct catalog_txn *txn, uint64_t id,
	const Tenon__Store__V1__TagsRecord *before, const Tenon__Store__V1__TagsRecord *after,
	struct error *err) MUST_USE;

/* At the open: a catalog written before there was an index gets one. */
enum status search_index_ensure(struct catalog_txn *txn, struct error *err) MUST_USE;

/* A word's tables in the order of their ids: for each the fields that hold it, one
 * bit of enum table_field each. */
struct postings;
/* Of one word; or of all that begin with it, in the order of ids too. An empty
 * prefix: every table, with no field. truncated_out is only ever set: a prefix had
 * more than LIMIT_SEARCH_PREFIX entries, and the later words were left out. */
enum status postings_open(struct catalog_txn *txn, struct text word, bool prefix,
	struct postings **postings_out, bool *truncated_out, struct error *err) MUST_USE;
void postings_free(struct postings *postings);
OWNABLE(postings);
/* The first table from `id` on; cheap as long as the ids asked for go up. */
enum status postings_seek(struct postings *postings, uint64_t id, bool *found_out, uint64_t *id_out,
	unsigned *fields_out, struct error *err) MUST_USE;
/* Whether it is one of them, in any order of asking. */
enum status postings_find(struct postings *postings, uint64_t id, bool *found_out,
	unsigned *fields_out, struct error *err) MUST_USE;
