#include "tests/unit.h"

#include "secrets/seal.h"

#include <string.h>

static void what_is_sealed_opens_with_the_same_secret_and_context_alone(void **state)
{
	(void)state;
	static const char *const texts[] = {
		"x", "sales\0orders", "a longer text than one block of the cipher"};
	OWNED(arena) arena = arena_new();
	struct text opened;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		struct text text = {texts[i], i == 1 ? 12 : strlen(texts[i])};
		struct text sealed = seal(TEXT("secret"), TEXT("here"), text, arena);
		assert_int_equal(sealed.length, text.length + SEAL_BYTES);
		assert_true(seal_open(TEXT("secret"), TEXT("here"), sealed, arena, &opened));
		assert_true(text_equal(opened, text));
		assert_false(seal_open(TEXT("Secret"), TEXT("here"), sealed, arena, &opened));
		assert_false(seal_open(TEXT("secret"), TEXT("there"), sealed, arena, &opened));
		assert_false(seal_open(TEXT("secret"), TEXT(""), sealed, arena, &opened));
	}
}

static void every_bit_counts(void **state)
{
	(void)state;
	OWNED(arena) arena = arena_new();
	struct text sealed = seal(TEXT("secret"), TEXT("here"), TEXT("orders"), arena);
	struct text opened;
	for (size_t bit = 0; bit < 8 * sealed.length; bit++) {
		char *other = arena_text(arena, sealed);
		other[bit / 8] = (char)(other[bit / 8] ^ 1 << bit % 8);
		struct text changed = {other, sealed.length};
		assert_false(seal_open(TEXT("secret"), TEXT("here"), changed, arena, &opened));
	}
	for (size_t length = 0; length < sealed.length; length++)
		assert_false(seal_open(
			TEXT("secret"), TEXT("here"), text_until(sealed, length), arena, &opened));
}

static void the_text_cannot_be_read(void **state)
{
	(void)state;
	OWNED(arena) arena = arena_new();
	struct text sealed = seal(TEXT("secret"), TEXT("here"), TEXT("confidential"), arena);
	assert_null(memmem(sealed.at, sealed.length, "conf", 4));
	assert_true(text_equal(
		sealed, seal(TEXT("secret"), TEXT("here"), TEXT("confidential"), arena)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_sealed_opens_with_the_same_secret_and_context_alone),
		cmocka_unit_test(every_bit_counts),
		cmocka_unit_test(the_text_cannot_be_read),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
