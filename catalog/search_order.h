#pragma once

#include "catalog/txn.h"
#include "tenon/v1/catalog.pb-c.h"

/* Every table once in each order that a search can be sorted by: entries of the search
 * index under words that no text has,
 *
 *   01 n database 01 name, 01 c hex time, 01 u hex time    ␀ table id
 *
 * walked either way. */
enum { SEARCH_ORDERS = 3, ORDER_NAME_BYTES = 400 };

/* The word of `table` in order number `order`, without what follows it. In `arena`. */
struct text search_order_word(const Tenon__V1__Table *table, size_t order, struct arena *arena);
/* The whole key: what hits are sorted by. */
struct text search_order_key(
	const Tenon__V1__Table *table, Tenon__V1__SearchSort sort, struct arena *arena);

/* From behind `after` (a key of that order; empty: from its end). */
struct search_order;
enum status search_order_open(struct catalog_txn *txn, Tenon__V1__SearchSort sort, bool descending,
	struct text after, struct search_order **order_out, struct error *err) MUST_USE;
void search_order_free(struct search_order *order);
OWNABLE(search_order);
/* `key` is borrowed until the next step. */
enum status search_order_next(struct search_order *order, bool *found_out, struct text *key_out,
	uint64_t *id_out, struct error *err) MUST_USE;
