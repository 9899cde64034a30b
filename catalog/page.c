#include "catalog/page.h"

#include "base/memory.h"
#include "catalog/names.h"

enum {
	PAGE_BYTES_MAX = 32 * 1024 * 1024, /* unpacked: at most half a message packed */
	PAGE_LOOKED_MAX = 50000, /* some ten milliseconds; then a short page and a token */
};

void page_init(struct page *page, struct arena *arena, size_t limit)
{
	*page = (struct page){
		.arena = arena,
		.limit = page_limit(limit),
		.bytes_before = arena_bytes(arena),
	};
}

bool page_is_full(const struct page *page)
{
	return page->count >= page->limit || page->looked_at >= PAGE_LOOKED_MAX ||
	       (page->count && arena_bytes(page->arena) - page->bytes_before > PAGE_BYTES_MAX);
}

void page_skip(struct page *page, struct text key)
{
	page->looked_at++;
	/* Only the last key of a page is worth the arena's memory. */
	if (page_is_full(page))
		page->last = arena_copy(page->arena, key);
}

void page_skip_costly(struct page *page, struct text key, size_t steps)
{
	page->looked_at += steps - 1;
	page_skip(page, key);
}

void page_add(struct page *page, void *item, struct text key)
{
	size_t wanted = memory_grown(page->capacity, page->count + 1);
	if (wanted != page->capacity) {
		page->items = arena_grow(
			page->arena, page->items, page->count, wanted, sizeof *page->items);
		page->capacity = wanted;
	}
	page->items[page->count++] = item;
	page_skip(page, key);
}

struct text page_next(
	struct page *page, struct catalog_txn *txn, enum token_kind kind, struct text context)
{
	if (!page->more)
		return (struct text){"", 0};
	return token_seal(txn, kind, context, page->last, page->arena);
}
