#include "catalog/check_rows.h"
#include "catalog/feed_read.h"
#include "catalog/key.h"
#include "tenon/store/v1/webhooks.pb-c.h"

#include <inttypes.h>

/* A webhook stands under its name, under a number that was given, and in the feed. */

static enum status stands_in_the_feed(struct check *check, struct text key, struct text value,
	const void *message, struct error *err)
{
	const Tenon__Store__V1__WebhookRecord *record = message;
	uint64_t oldest;
	uint64_t newest;
	bool found;
	const char *place = arena_printf(check->arena, "webhook/%.*s", TEXT_ARG(key));
	if (!record->webhook || !text_equal(text_of(record->webhook->name), key)) {
		check_found(check, place, "its record has another name");
		return STATUS_OK;
	}
	TRY(store_find(check->txn, DB_META, TEXT("webhook"), &found, &value, err));
	uint64_t next = found && value.length == 8 ? key_u64(value.at) : 1;
	if (record->id >= next)
		check_found(check, place, "has the id %" PRIu64 ", which the next one may get",
			record->id);
	TRY(feed_range(check->txn, &oldest, &newest, err));
	if (record->webhook->delivered > newest)
		check_found(check, place,
			"was told of change %" PRIu64 ", and the newest is %" PRIu64,
			record->webhook->delivered, newest);
	return STATUS_OK;
}

static const struct check_row rows[] = {
	{.invariant = "webhooks",
		.db = DB_WEBHOOKS,
		.descriptor = &tenon__store__v1__webhook_record__descriptor,
		.visit = stands_in_the_feed},
};

const struct check_rows check_webhooks = CHECK_ROWS(rows);
