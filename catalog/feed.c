#include "catalog/feed.h"

#include "base/clock.h"
#include "catalog/key.h"
#include "catalog/store.h"

enum status feed_append(
	struct catalog_txn *txn, Tenon__Store__V1__ChangeRecord *change, struct error *err)
{
	uint64_t sequence;
	char key[8];
	TRY(store_next(txn, "feed", &sequence, err));
	change->time_us = clock_now_us();
	return store_put_message(txn, DB_FEED, key_u64_text(sequence, key), &change->base, err);
}
