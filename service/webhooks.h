#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "base/owned.h"
#include "tenon/store/v1/webhooks.pb-c.h"

/* Sends the change feed to every webhook, on one thread: each has one request under way
 * at most, and its next change goes out when the last was answered with 2xx. A slow or
 * dead endpoint holds up nobody but itself: it has a position in the feed, and nothing
 * else. Positions are written down about once a second, so that a daemon that was killed
 * sends again what it sent in its last one. */
struct daemon;
struct webhooks;

enum status webhooks_new(
	struct daemon *daemon, struct webhooks **webhooks_out, struct error *err) MUST_USE;
void webhooks_start(struct webhooks *webhooks);
/* Waits a moment for what is under way, and has positions written down. The catalog
 * must still take writes. */
void webhooks_stop(struct webhooks *webhooks);
void webhooks_free(struct webhooks *webhooks); /* NULL is fine */
OWNABLE(webhooks);

/* Something was committed. Any thread; does not wait. */
void webhooks_wake(struct webhooks *webhooks);
/* They are others than before: look at once. Any thread; does not wait. */
void webhooks_reload(struct webhooks *webhooks);

/* How `record` fares, as far as it is known: the fields that the server sets. Texts live
 * in `arena`. Any thread. */
void webhooks_show(
	struct webhooks *webhooks, Tenon__Store__V1__WebhookRecord *record, struct arena *arena);
