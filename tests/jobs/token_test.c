#include "jobs/token.h"

#include "tests/unit.h"

#include <string.h>

static const char run[] = "00064a1b2c3d4e5f-01234567";

static void a_token_names_its_run_and_matches_its_hash_alone(void **state)
{
	(void)state;
	char one[TOKEN_TEXT_BYTES];
	char other[TOKEN_TEXT_BYTES];
	char one_hash[TOKEN_HASH_BYTES];
	char other_hash[TOKEN_HASH_BYTES];
	token_new(run, one, one_hash);
	token_new(run, other, other_hash);
	assert_text_equal(token_run(text_of(one)), run);
	assert_true(token_matches(text_of(one), one_hash));
	assert_false(token_matches(text_of(one), other_hash));
	assert_false(token_matches(text_of(other), one_hash));
	assert_null(strstr(one_hash, run));
}

static void a_token_changed_in_any_byte_no_longer_matches(void **state)
{
	(void)state;
	char token[TOKEN_TEXT_BYTES];
	char hash[TOKEN_HASH_BYTES];
	token_new(run, token, hash);
	for (size_t i = 0; i < strlen(token); i++) {
		token[i] ^= 1;
		assert_false(token_matches(text_of(token), hash));
		token[i] ^= 1;
	}
	assert_true(token_matches(text_of(token), hash));
	assert_false(token_matches(text_until(text_of(token), strlen(token) - 1), hash));
}

static void a_text_of_another_form_names_no_run(void **state)
{
	(void)state;
	static const struct {
		const char *label;
		const char *token;
	} rows[] = {
		{"empty", ""},
		{"no dot", "abc"},
		{"nothing after the dot", "abc."},
		{"too short", "abc.0123"},
		{"only a dot", "."},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		if (token_run(text_of(rows[i].token)).length != 0)
			fail_msg("%s", rows[i].label);
	}
}

static void no_token_matches_a_run_that_has_no_hash(void **state)
{
	(void)state;
	assert_false(token_matches(TEXT(""), ""));
	assert_false(token_matches(TEXT("x.y"), ""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_token_names_its_run_and_matches_its_hash_alone),
		cmocka_unit_test(a_token_changed_in_any_byte_no_longer_matches),
		cmocka_unit_test(a_text_of_another_form_names_no_run),
		cmocka_unit_test(no_token_matches_a_run_that_has_no_hash),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
