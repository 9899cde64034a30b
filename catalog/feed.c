#include "catalog/feed.h"

#include "base/clock.h"
#include "catalog/feed_kinds.h"
#include "catalog/field_diff.h"
#include "catalog/key.h"
#include "catalog/store.h"

#include <assert.h>

enum status feed_append(
	struct catalog_txn *txn, Tenon__Store__V1__ChangeRecord *change, struct error *err)
{
	OWNED(arena) arena = arena_new();
	uint64_t sequence;
	char key[8];
	TRY(store_next(txn, "feed", &sequence, err));
	change->time_us = clock_now_us();
	change->author = arena_text(arena, text_of(txn->author.name));
	change->reason = arena_text(arena, text_of(txn->author.reason));
	return store_put_message(txn, DB_FEED, key_u64_text(sequence, key), &change->base, err);
}

enum status feed_note(struct catalog_txn *txn, const struct feed_change *change, struct error *err)
{
	OWNED(arena) arena = arena_new();
	Tenon__Store__V1__ChangeRecord record = TENON__STORE__V1__CHANGE_RECORD__INIT;
	assert(feed_kind_is_one(change->kind) && "else no filter could ask for it");
	record.kind = arena_text(arena, text_of(change->kind));
	record.resource = arena_text(arena, text_of(change->resource));
	if (change->database)
		record.database = arena_text(arena, text_of(change->database));
	struct field_pair pair = {
		.before = change->before,
		.after = change->after,
		.within = change->within,
		.may_have_secrets = true,
		.is_secret = change->is_secret,
		.state = change->state,
	};
	field_diff_any(arena, &pair, &record.fields, &record.n_fields);
	return feed_append(txn, &record, err);
}
