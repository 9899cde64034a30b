#include "catalog/listing.h"

#include "catalog/store.h"

enum status listing_fill(struct catalog_txn *txn, const struct listing *listing, struct text after,
	struct page *page, struct error *err)
{
	OWNED(scan) scan = NULL;
	TRY(txn_settle(txn, err)); /* no writes while the scan is open */
	TRY(scan_open(txn, listing->db, listing->prefix, after, &scan, err));
	for (;;) {
		bool found;
		struct text key;
		struct text value;
		void *item = NULL;
		TRY(scan_next(scan, &found, &key, &value, err));
		page->more = found && page_is_full(page);
		if (!found || page->more)
			return STATUS_OK;
		TRY(listing->item(txn, listing, key, value, page->arena, &item, err));
		if (item)
			page_add(page, item, key);
		else
			page_skip(page, key);
	}
}

enum status listing_page(struct catalog_txn *txn, const struct listing *listing, struct text token,
	size_t limit, struct arena *arena, struct page *page_out, struct error *err)
{
	struct text after;
	struct page page;
	TRY(token_open(txn, listing->kind, listing->context, token, arena, &after, err));
	page_init(&page, arena, limit);
	TRY(listing_fill(txn, listing, after, &page, err));
	page.next = page_next(&page, txn, listing->kind, listing->context);
	*page_out = page;
	return STATUS_OK;
}
