#pragma once

#include "catalog/token.h"

/* One page of a listing in the making: items in an arena, held to a count, to
 * bytes (so that a thousand wide tables do not fill the memory) and to work. */
struct page {
	struct arena *arena;
	void **items;
	size_t count;
	size_t capacity;
	size_t limit;
	size_t bytes_before;
	size_t looked_at; /* keys, whether they matched or not */
	struct text last; /* key looked at, in the arena */
	bool more;
	struct text next; /* a listing's token; empty: this was the last page */
};

void page_init(struct page *page, struct arena *arena, size_t limit); /* as in page_limit */
bool page_is_full(const struct page *page);
void page_add(struct page *page, void *item, struct text key);
void page_skip(struct page *page, struct text key); /* looked at, does not belong */
/* The same where that took as long as looking at `steps` keys. */
void page_skip_costly(struct page *page, struct text key, size_t steps);
/* The token after the last key looked at; empty unless page->more. */
struct text page_next(
	struct page *page, struct catalog_txn *txn, enum token_kind kind, struct text context);
