#include "tests/unit.h"

#include "base/limits.h"
#include "catalog/version_delta.h"

#include <stdlib.h>
#include <string.h>

static void same_again(struct arena *arena, struct text from, struct text to)
{
	struct error err;
	struct text back;
	struct text delta = delta_make(arena, from, to);
	assert_ok(delta_apply(arena, from, delta, &back, &err), &err);
	assert_int_equal(back.length, to.length);
	assert_memory_equal(back.at, to.at, to.length);
}

static void what_a_difference_makes_is_what_it_was_made_of(void **state)
{
	(void)state;
	static const struct {
		const char *label, *from, *to;
	} rows[] = {
		{"nothing of nothing", "", ""},
		{"something of nothing", "", "abc"},
		{"nothing of something", "abc", ""},
		{"the same", "the same text twice", "the same text twice"},
		{"put before", "tail of it all, thirty bytes long",
			"x tail of it all, thirty bytes long"},
		{"put behind", "head of it all, thirty bytes long",
			"head of it all, thirty bytes longx"},
		{"one letter", "a text whose one letter differs",
			"a text whose one Letter differs"},
		{"halves changed places", "0123456789abcdefGHIJKLMNOPQRSTUV",
			"GHIJKLMNOPQRSTUV0123456789abcdef"},
		{"again and again", "0123456789abcdef", "0123456789abcdef0123456789abcdef!"},
		{"a run that grows", "aaaaaaaaaaaaaaaaaaaa",
			"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"},
	};
	OWNED(arena) arena = arena_new();
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		print_message("%s\n", rows[i].label);
		same_again(arena, text_of(rows[i].from), text_of(rows[i].to));
		same_again(arena, text_of(rows[i].to), text_of(rows[i].from));
	}
}

/* Random bytes of few kinds, with stretches of `from` among them. */
static struct text edited(struct arena *arena, struct text from, size_t most)
{
	char *at = arena_alloc(arena, most + 1);
	size_t length = 0;
	while (length < most && rand() % 12) {
		size_t room = most - length;
		size_t start = from.length ? (size_t)rand() % from.length : 0;
		size_t piece = (size_t)rand() % 200;
		piece = piece < room ? piece : room;
		if (rand() % 2 && from.length) {
			piece = piece < from.length - start ? piece : from.length - start;
			memcpy(at + length, from.at + start, piece);
		} else {
			for (size_t i = 0; i < piece; i++)
				at[length + i] = (char)(rand() % 3);
		}
		length += piece;
	}
	return (struct text){at, length};
}

static void any_two_texts_have_a_difference(void **state)
{
	(void)state;
	srand(7);
	OWNED(arena) arena = arena_new();
	for (int i = 0; i < 20000; i++) {
		arena_reset(arena);
		struct text from = edited(arena, TEXT("0123456789abcdefghijklmnopq"), 600);
		same_again(arena, from, edited(arena, from, 900));
	}
}

static void a_small_change_is_a_small_difference(void **state)
{
	(void)state;
	enum { LENGTH = 50000, CHANGES = 20 };
	OWNED(arena) arena = arena_new();
	char *from = arena_alloc(arena, LENGTH);
	char *to = arena_alloc(arena, LENGTH);
	srand(1);
	for (int i = 0; i < LENGTH; i++)
		from[i] = to[i] = (char)rand();
	for (int i = 0; i < CHANGES; i++)
		to[i * (LENGTH / CHANGES) + 100] ^= 1;
	struct text delta =
		delta_make(arena, (struct text){from, LENGTH}, (struct text){to, LENGTH});
	assert_true(delta.length < (size_t)CHANGES * 32);
	same_again(arena, (struct text){from, LENGTH}, (struct text){to, LENGTH});
}

static void a_damaged_difference_is_data_loss(void **state)
{
	(void)state;
	static const char from[] = "what the first version said of itself and of its columns";
	static const char to[] = "what the second version said of itself and of other columns";
	OWNED(arena) arena = arena_new();
	struct error err;
	struct text back;
	struct text delta = delta_make(arena, text_of(from), text_of(to));
	char *bytes = arena_alloc(arena, delta.length);
	for (size_t i = 0; i < delta.length; i++) {
		for (int bit = 0; bit < 8; bit++) {
			memcpy(bytes, delta.at, delta.length);
			bytes[i] ^= (char)(1 << bit);
			enum status status = delta_apply(arena, text_of(from),
				(struct text){bytes, delta.length}, &back, &err);
			assert_int_equal(status, STATUS_DATA_LOSS);
		}
		assert_int_equal(
			delta_apply(arena, text_of(from), text_until(delta, i), &back, &err),
			STATUS_DATA_LOSS);
	}
	assert_int_equal(delta_apply(arena, text_of(to), delta, &back, &err), STATUS_DATA_LOSS);
	assert_int_equal(delta_apply(arena, text_of(""), delta, &back, &err), STATUS_DATA_LOSS);
}

static void a_difference_cannot_ask_for_more_than_a_message(void **state)
{
	(void)state;
	static const unsigned char length[] = {
		0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01, 0, 0, 0, 0, 3, 0};
	OWNED(arena) arena = arena_new();
	struct error err;
	struct text back;
	assert_int_equal(delta_apply(arena, text_of("abc"),
				 (struct text){(const char *)length, sizeof length}, &back, &err),
		STATUS_DATA_LOSS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_a_difference_makes_is_what_it_was_made_of),
		cmocka_unit_test(any_two_texts_have_a_difference),
		cmocka_unit_test(a_small_change_is_a_small_difference),
		cmocka_unit_test(a_damaged_difference_is_data_loss),
		cmocka_unit_test(a_difference_cannot_ask_for_more_than_a_message),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
