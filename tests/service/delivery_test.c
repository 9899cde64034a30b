#include "service/delivery.h"

#include "secrets/digest.h"
#include "tests/unit.h"

#include <stdlib.h>
#include <string.h>

/* RFC 4231, test cases 1, 2 and 6. */
static void the_signature_is_hmac_sha_256(void **state)
{
	(void)state;
	static const struct {
		const char *key;
		size_t key_length;
		const char *text;
		const char *hex;
	} rows[] = {
		{"\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b",
			20, "Hi There",
			"b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
		{"Jefe", 4, "what do ya want for nothing?",
			"5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char hex[DIGEST_TEXT_BYTES];
		digest_hmac(
			(struct text){rows[i].key, rows[i].key_length}, text_of(rows[i].text), hex);
		assert_string_equal(hex, rows[i].hex);
	}
}

static void a_delivery_says_what_it_is_and_is_signed_when_there_is_a_secret(void **state)
{
	(void)state;
	OWNED(arena) arena = arena_new();
	static char name[] = "h";
	static char url[] = "http://x/";
	static char key[] = "Jefe";
	Tenon__V1__Webhook webhook = TENON__V1__WEBHOOK__INIT;
	Tenon__V1__Change change = TENON__V1__CHANGE__INIT;
	struct http_post post = {0};
	struct error err;
	webhook.name = name;
	webhook.url = url;
	change.sequence = 7;
	assert_ok(delivery_make(&webhook, &change, 3, 1700000000, arena, &post, &err), &err);
	assert_string_equal(post.url, "http://x/");
	assert_string_equal(post.headers[1], "Tenon-Webhook: h");
	assert_string_equal(post.headers[2], "Tenon-Delivery: h:7");
	assert_string_equal(post.headers[3], "Tenon-Attempt: 3");
	assert_null(post.headers[4]);
	assert_true(text_starts(post.body, TEXT("{\"sequence\":7,")));
	webhook.secret = key;
	assert_ok(delivery_make(&webhook, &change, 3, 1700000000, arena, &post, &err), &err);
	char hex[DIGEST_TEXT_BYTES];
	const char *all = arena_printf(arena, "1700000000.%.*s", TEXT_ARG(post.body));
	digest_hmac(TEXT("Jefe"), text_of(all), hex);
	assert_string_equal(
		post.headers[4], arena_printf(arena, "Tenon-Signature: t=1700000000,v1=%s", hex));
	assert_null(post.headers[5]);
}

static void pauses_grow_to_a_most_and_respect_what_the_endpoint_asks(void **state)
{
	(void)state;
	int64_t whole = PAUSE_FIRST_MS;
	for (uint32_t failures = 1; failures < 100; failures++) {
		for (uint32_t chance = 0; chance < 5000; chance += 37) {
			int64_t pause = delivery_pause_ms(failures, 0, chance);
			assert_true(pause >= whole / 2 && pause <= whole);
			assert_true(delivery_pause_ms(failures, 400, chance) == 400000);
			assert_true(delivery_pause_ms(failures, INT64_MAX, chance) ==
				    RETRY_AFTER_MOST_S * INT64_C(1000));
		}
		whole = whole * 2 < PAUSE_MOST_MS ? whole * 2 : PAUSE_MOST_MS;
	}
	assert_int_equal(whole, PAUSE_MOST_MS);
	assert_true(delivery_pause_ms(UINT32_MAX, 0, UINT32_MAX) <= PAUSE_MOST_MS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_signature_is_hmac_sha_256),
		cmocka_unit_test(a_delivery_says_what_it_is_and_is_signed_when_there_is_a_secret),
		cmocka_unit_test(pauses_grow_to_a_most_and_respect_what_the_endpoint_asks),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
