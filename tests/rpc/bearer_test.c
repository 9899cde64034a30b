#include "tests/unit.h"

#include "base/limits.h"
#include "rpc/bearer.h"

#include <stdio.h>

static void a_header_gives_its_token_or_says_what_is_wrong_with_it(void **state)
{
	(void)state;
	static const struct {
		const char *label, *header, *secret, *says;
	} rows[] = {
		{"as usual", "Bearer abc.DEF-1_2~3+4/5", "abc.DEF-1_2~3+4/5", NULL},
		{"any case", "bEARER x", "x", NULL},
		{"more spaces", "Bearer   x", "x", NULL},
		{"padded", "Bearer eA==", "eA==", NULL},
		{"nothing", "", NULL, "not 'Bearer TOKEN'"},
		{"no token", "Bearer", NULL, "is empty"},
		{"spaces for a token", "Bearer   ", NULL, "is empty"},
		{"another scheme", "Basic dXNlcjpw", NULL, "the only scheme"},
		{"no space", "Bearerx", NULL, "not 'Bearer TOKEN'"},
		{"a tab", "Bearer\tx", NULL, "not 'Bearer TOKEN'"},
		{"padding alone", "Bearer ==", NULL, "byte 1 of"},
		{"padding inside", "Bearer a=b", NULL, "byte 3 of"},
		{"two tokens", "Bearer a b", NULL, "byte 2 of"},
		{"two headers in one", "Bearer a, Bearer b", NULL, "byte 2 of"},
		{"a quote", "Bearer \"a\"", NULL, "byte 1 of"},
		{"not ASCII", "Bearer \xc3\xa9", NULL, "byte 1 of"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct text secret = TEXT("as before");
		struct error err = {0};
		enum status status = bearer_read(text_of(rows[i].header), &secret, &err);
		if (!rows[i].says) {
			assert_ok(status, &err);
			assert_true(text_equal(secret, text_of(rows[i].secret)));
			assert_ok(bearer_check(secret, &err), &err);
			continue;
		}
		assert_true(text_equal(secret, TEXT("as before")));
		if (status != STATUS_UNAUTHENTICATED || !strstr(err.message, rows[i].says))
			fail_msg("%s: %s: %s", rows[i].label, status_name(status), err.message);
	}
}

static void a_nul_ends_no_token(void **state)
{
	(void)state;
	struct text secret;
	struct error err;
	assert_int_equal(bearer_read(TEXT("Bearer ab\0cd"), &secret, &err), STATUS_UNAUTHENTICATED);
	assert_int_equal(bearer_check(TEXT("\0"), &err), STATUS_INVALID_ARGUMENT);
}

static void a_token_is_as_long_as_the_limit_at_most(void **state)
{
	(void)state;
	char header[7 + LIMIT_BEARER_BYTES + 1];
	memset(header, 'x', sizeof header);
	memcpy(header, "Bearer ", 7);
	struct text secret;
	struct error err;
	assert_ok(bearer_read((struct text){header, sizeof header - 1}, &secret, &err), &err);
	assert_int_equal(secret.length, LIMIT_BEARER_BYTES);
	assert_int_equal(bearer_read((struct text){header, sizeof header}, &secret, &err),
		STATUS_UNAUTHENTICATED);
	assert_non_null(strstr(err.message, "has 1025 bytes, and 1024 is the most"));
}

static void what_is_wrong_never_says_the_token(void **state)
{
	(void)state;
	static const char *const headers[] = {"s3cret", "Basic s3cret", "Bearer s3cret!",
		"Bearer !s3cret", "Bearer s3cret s3cret"};
	for (size_t i = 0; i < sizeof headers / sizeof *headers; i++) {
		struct text secret;
		struct error err;
		assert_int_equal(
			bearer_read(text_of(headers[i]), &secret, &err), STATUS_UNAUTHENTICATED);
		assert_null(strstr(err.message, "s3cret"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_header_gives_its_token_or_says_what_is_wrong_with_it),
		cmocka_unit_test(a_nul_ends_no_token),
		cmocka_unit_test(a_token_is_as_long_as_the_limit_at_most),
		cmocka_unit_test(what_is_wrong_never_says_the_token),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
