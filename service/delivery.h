#pragma once

#include "base/arena.h"
#include "http/http.h"
#include "tenon/store/v1/webhooks.pb-c.h"

/* One change on its way to one webhook: what is sent, and when again. Pure. */

/* All but the state, in `arena`. The headers, of which the last is there when there is
 * a secret:
 *
 *   Content-Type: application/json
 *   Tenon-Webhook: NAME
 *   Tenon-Delivery: NAME:SEQUENCE         the same at each attempt
 *   Tenon-Attempt: 1
 *   Tenon-Signature: t=SECONDS,v1=HEX     HMAC-SHA-256 of "SECONDS.BODY"
 *
 * The body is the change as `tenon watch --json` prints it. */
enum status delivery_make(const Tenon__V1__Webhook *webhook, const Tenon__V1__Change *change,
	uint32_t attempt, int64_t now_s, struct arena *arena, struct http_post *post_out,
	struct error *err) MUST_USE;

enum { PAUSE_FIRST_MS = 1000, PAUSE_MOST_MS = 300000, RETRY_AFTER_MOST_S = 3600 };

/* Before the next attempt after `failures` in a row (from 1): twice as long each time up
 * to PAUSE_MOST_MS, of which between a half and all by `chance` (any number), so that
 * many do not come back together. What the endpoint asked for is the least, up to
 * RETRY_AFTER_MOST_S. */
int64_t delivery_pause_ms(uint32_t failures, int64_t retry_after_s, uint32_t chance);
