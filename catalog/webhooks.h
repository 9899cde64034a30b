#pragma once

#include "catalog/catalog.h"
#include "tenon/store/v1/webhooks.pb-c.h"

/* Webhooks as they are stored, by name (case counts): what they want to hear of, and
 * up to which change they were told. Secrets are stored as they were sent, in the
 * catalog's folder that its owner alone can read. Who sends is service/webhooks.h. */

/* Insert or replace; an empty secret or "***" keeps the stored one. A new one begins
 * behind the newest change; `filter.after` not 0 sets the position, of either. The url
 * is not looked at. */
enum status webhook_put(struct catalog_txn *txn, const Tenon__V1__Webhook *webhook,
	struct arena *arena, Tenon__Store__V1__WebhookRecord **record_out,
	struct error *err) MUST_USE;
enum status webhook_delete(struct catalog_txn *txn, struct text name, struct error *err) MUST_USE;
/* All of them, at most LIMIT_WEBHOOKS, by name and with their secrets. */
enum status webhook_list(struct catalog_txn *txn, struct arena *arena,
	Tenon__Store__V1__WebhookRecord ***records_out, size_t *count_out,
	struct error *err) MUST_USE;

/* Where one stands, so that the next daemon goes on from there. One that is gone or
 * was put anew meanwhile stays as it is. */
struct webhook_position {
	struct text name;
	uint64_t id;
	uint64_t revision;
	uint64_t delivered;
	int64_t time_us;
};
enum status webhook_advance(struct catalog_txn *txn, const struct webhook_position *position,
	struct error *err) MUST_USE;

/* What may be shown: "***" for a secret. */
void webhook_hide(Tenon__V1__Webhook *webhook);
