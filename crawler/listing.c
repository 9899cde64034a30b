#include "crawler/listing.h"

#include "storage/glob.h"

static bool is_excluded(struct text target, struct text path, char *const *exclusions, size_t count)
{
	struct text relative = text_from(path, target.length);
	while (relative.length && relative.at[0] == '/')
		relative = text_from(relative, 1);
	for (size_t i = 0; i < count; i++) {
		if (glob_matches(text_of(exclusions[i]), relative))
			return true;
	}
	return false;
}

static void drop_excluded(struct listing *listing, struct text target, char *const *exclusions,
	size_t count, uint64_t *skipped)
{
	size_t kept = 0;
	for (size_t i = 0; i < listing->count; i++) {
		if (is_excluded(target, listing->objects[i].path, exclusions, count))
			++*skipped;
		else
			listing->objects[kept++] = listing->objects[i];
	}
	listing->count = kept;
}

static bool is_known(const struct object *object, const Tenon__V1__LedgerEntry *entry)
{
	return entry->inferred && entry->bytes == object->bytes &&
	       entry->modified_ns == object->modified_ns &&
	       text_equal(text_of(entry->etag), object->etag);
}

static void join_ledger(
	struct crawl_listing *listing, Tenon__V1__LedgerEntry *const *ledger, size_t ledger_count)
{
	size_t at = 0;
	for (size_t i = 0; i <= listing->count; i++) {
		struct found *found = i < listing->count ? &listing->found[i] : NULL;
		int order = -1;
		while (at < ledger_count &&
			(!found || (order = text_compare(
					    text_of(ledger[at]->path), found->object->path)) < 0)) {
			listing->gone_tables[listing->gone_count] = ledger[at]->table;
			listing->gone[listing->gone_count++] = ledger[at++]->path;
		}
		if (!found)
			break;
		found->changed = true;
		if (at < ledger_count && order == 0) {
			found->changed = !is_known(found->object, ledger[at]);
			found->entry = found->changed ? NULL : ledger[at];
			at++;
		}
	}
}

enum status listing_read(struct store *store, struct text target, char *const *exclusions,
	size_t exclusion_count, Tenon__V1__LedgerEntry *const *ledger, size_t ledger_count,
	struct arena *arena, struct crawl_listing *listing_out, struct error *err)
{
	struct listing listing;
	struct crawl_listing crawl = {0};
	for (size_t i = 0; i < exclusion_count; i++)
		TRY(glob_check(text_of(exclusions[i]), err));
	TRY(store_list(store, target, arena, &listing, err));
	crawl.skipped = listing.skipped_hidden + listing.skipped_empty + listing.skipped_other;
	if (exclusion_count)
		drop_excluded(&listing, target, exclusions, exclusion_count, &crawl.skipped);
	crawl.count = listing.count;
	crawl.found = arena_array(arena, listing.count, sizeof *crawl.found);
	for (size_t i = 0; i < listing.count; i++)
		crawl.found[i].object = &listing.objects[i];
	crawl.gone = arena_array(arena, ledger_count, sizeof *crawl.gone);
	crawl.gone_tables = arena_array(arena, ledger_count, sizeof *crawl.gone_tables);
	join_ledger(&crawl, ledger, ledger_count);
	*listing_out = crawl;
	return STATUS_OK;
}
