#include "catalog/feed_trim.h"

#include "base/clock.h"
#include "catalog/feed_read.h"
#include "catalog/key.h"
#include "catalog/store.h"
#include "tenon/store/v1/records.pb-c.h"

static enum status is_old(struct catalog_txn *txn, const struct feed_keep *keep, uint64_t sequence,
	struct arena *arena, bool *old_out, struct error *err)
{
	char bytes[8];
	void *found;
	*old_out = false;
	if (keep->age_s <= 0)
		return STATUS_OK;
	TRY(store_message(txn, DB_FEED, key_u64_text(sequence, bytes),
		&tenon__store__v1__change_record__descriptor, arena, &found, err));
	const Tenon__Store__V1__ChangeRecord *record = found;
	*old_out = record && record->time_us / 1000000 < clock_now_us() / 1000000 - keep->age_s;
	return STATUS_OK;
}

static enum status is_past(struct catalog_txn *txn, const struct feed_keep *keep, uint64_t oldest,
	uint64_t newest, struct arena *arena, bool *past_out, struct error *err)
{
	*past_out = keep->changes && newest - oldest >= keep->changes;
	return *past_out ? STATUS_OK : is_old(txn, keep, oldest, arena, past_out, err);
}

enum status feed_is_long(
	struct catalog_txn *txn, const struct feed_keep *keep, bool *long_out, struct error *err)
{
	OWNED(arena) arena = arena_new();
	uint64_t oldest;
	uint64_t newest;
	*long_out = false;
	TRY(feed_range(txn, &oldest, &newest, err));
	return oldest > newest ? STATUS_OK
			       : is_past(txn, keep, oldest, newest, arena, long_out, err);
}

enum status feed_trim(struct catalog_txn *txn, const struct feed_keep *keep, size_t limit,
	size_t *removed_out, struct error *err)
{
	OWNED(arena) arena = arena_new();
	uint64_t oldest;
	uint64_t newest;
	TRY(feed_range(txn, &oldest, &newest, err));
	*removed_out = 0;
	for (; oldest <= newest && *removed_out < limit; oldest++, ++*removed_out) {
		bool past;
		bool found;
		char bytes[8];
		arena_reset(arena);
		TRY(is_past(txn, keep, oldest, newest, arena, &past, err));
		if (!past)
			return STATUS_OK;
		TRY(store_delete(txn, DB_FEED, key_u64_text(oldest, bytes), &found, err));
	}
	return STATUS_OK;
}
