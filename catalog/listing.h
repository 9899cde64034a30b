#pragma once

#include "catalog/page.h"
#include "catalog/txn.h"

/* A listing: the records of one database under a prefix, in the order of their keys, page
 * by page. Its variants differ in what is asked and in what a record shows. */
struct listing {
	enum db db;
	struct text prefix; /* empty: all of them */
	enum token_kind kind;
	struct text context; /* what else was asked: a token goes on with the same question */
	/* What this record shows to who asks, in `arena`; NULL: nothing, it does not belong.
	 * May not write. */
	enum status (*item)(struct catalog_txn *txn, const struct listing *listing, struct text key,
		struct text value, struct arena *arena, void **item_out, struct error *err);
	const void *asked; /* item's own */
};

/* The page that `token` leads to (empty: the first), of at most `limit` items as page_limit
 * has it, in `arena`; page.next is the token of the next. INVALID_ARGUMENT for a token of
 * another question. */
enum status listing_page(struct catalog_txn *txn, const struct listing *listing, struct text token,
	size_t limit, struct arena *arena, struct page *page_out, struct error *err) MUST_USE;
/* The same from the first key after `after` on; page.next is not made. */
enum status listing_fill(struct catalog_txn *txn, const struct listing *listing, struct text after,
	struct page *page, struct error *err) MUST_USE;
