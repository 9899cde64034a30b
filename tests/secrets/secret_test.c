#include "tests/unit.h"

#include "secrets/secret.h"

#include <string.h>

/* FIPS 180-4's own examples. */
static void test_the_hash_is_sha_256(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		const char *hash;
	} cases[] = {
		{"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
		{"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		unsigned char hash[SECRET_HASH_BYTES];
		char digits[2 * SECRET_HASH_BYTES + 1];
		secret_hash(text_of(cases[i].text), hash);
		secret_hex(hash, sizeof hash, digits);
		assert_string_equal(digits, cases[i].hash);
	}
}

static void test_chance_is_not_the_same_twice_and_forgotten_when_told(void **state)
{
	(void)state;
	unsigned char one[SECRET_BYTES] = {0};
	unsigned char other[SECRET_BYTES] = {0};
	static const unsigned char nothing[SECRET_BYTES] = {0};
	secret_chance(one, sizeof one);
	secret_chance(other, sizeof other);
	assert_memory_not_equal(one, other, sizeof one);
	assert_memory_not_equal(one, nothing, sizeof one);
	secret_forget(one, sizeof one);
	assert_memory_equal(one, nothing, sizeof one);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_hash_is_sha_256),
		cmocka_unit_test(test_chance_is_not_the_same_twice_and_forgotten_when_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
