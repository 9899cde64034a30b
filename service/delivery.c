#include "service/delivery.h"

#include "base/limits.h"
#include "proto/json.h"
#include "secrets/digest.h"

#include <inttypes.h>

static const char *signature(
	const char *secret, struct text body, int64_t now_s, struct arena *arena)
{
	char hex[DIGEST_TEXT_BYTES];
	const char *to_sign = arena_printf(arena, "%" PRId64 ".%.*s", now_s, TEXT_ARG(body));
	digest_hmac(text_of(secret), text_of(to_sign), hex);
	return arena_printf(arena, "Tenon-Signature: t=%" PRId64 ",v1=%s", now_s, hex);
}

enum status delivery_make(const Tenon__V1__Webhook *webhook, const Tenon__V1__Change *change,
	uint32_t attempt, int64_t now_s, struct arena *arena, struct http_post *post_out,
	struct error *err)
{
	enum { HEADERS = 6 };
	struct buffer SCOPED_BUFFER out;
	buffer_init(&out, LIMIT_MESSAGE_BYTES);
	TRY(json_print(&change->base, JSON_COMPACT, &out, err));
	TRY(buffer_check(&out, "a change as JSON", err));
	struct text body = arena_copy(arena, buffer_text(&out));
	const char **headers = arena_array(arena, HEADERS, sizeof *headers);
	headers[0] = "Content-Type: application/json";
	headers[1] = arena_printf(arena, "Tenon-Webhook: %s", webhook->name);
	headers[2] =
		arena_printf(arena, "Tenon-Delivery: %s:%" PRIu64, webhook->name, change->sequence);
	headers[3] = arena_printf(arena, "Tenon-Attempt: %" PRIu32, attempt);
	if (*webhook->secret)
		headers[4] = signature(webhook->secret, body, now_s, arena);
	post_out->url = webhook->url;
	post_out->headers = headers;
	post_out->body = body;
	return STATUS_OK;
}

int64_t delivery_pause_ms(uint32_t failures, int64_t retry_after_s, uint32_t chance)
{
	int64_t pause = PAUSE_FIRST_MS;
	for (uint32_t i = 1; i < failures && pause < PAUSE_MOST_MS; i++)
		pause *= 2;
	pause = pause < PAUSE_MOST_MS ? pause : PAUSE_MOST_MS;
	pause = pause / 2 + (int64_t)chance % (pause / 2 + 1);
	int64_t asked_s = retry_after_s < RETRY_AFTER_MOST_S ? retry_after_s : RETRY_AFTER_MOST_S;
	return pause > asked_s * 1000 ? pause : asked_s * 1000;
}
