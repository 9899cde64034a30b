#include "catalog/words.h"

#include "base/buffer.h"
#include "tests/unit.h"

#include <stdlib.h>

enum { TEXTS = 20000, LETTERS_MAX = 200 };

/* What texts are made of at random, some of it often enough for words to be long. */
static const char *const letters[] = {"a", "b", "z", "A", "B", "Z", "0", "9", " ", "_", "-", "\x01",
	"@", "[", "`", "{", "~", "\u00e9", "\u00c9", "e\u0301", "\u2014", "\u00df", "\xff"};
enum { ASCII_LETTERS = 17, ALL_LETTERS = sizeof letters / sizeof *letters };

static struct text some_text(struct arena *arena, size_t kinds)
{
	struct buffer SCOPED_BUFFER out;
	size_t count = (size_t)rand() % LETTERS_MAX;
	bool rare = rand() % 2;
	buffer_init(&out, SIZE_MAX);
	for (size_t i = 0; i < count; i++)
		buffer_add_string(
			&out, letters[(size_t)rand() % (rare && rand() % 20 ? 8 : kinds)]);
	return arena_copy(arena, buffer_text(&out));
}

/* Each word and a bar; *may_have_parts of all that was looked at. */
static struct text words_of(struct arena *arena, struct text text, bool parts, bool *may_have_parts)
{
	static const char zeros[8];
	struct buffer SCOPED_BUFFER out;
	struct word word;
	bool found = true;
	*may_have_parts = false;
	buffer_init(&out, SIZE_MAX);
	while (found) {
		found = word_next(&text, parts, &word);
		*may_have_parts = *may_have_parts || word.may_have_parts;
		assert_true(word.length <= WORD_BYTES);
		assert_memory_equal(word.bytes + word.length, zeros, sizeof zeros);
		buffer_add(&out, word.bytes, word.length);
		if (found)
			buffer_add_byte(&out, '|');
	}
	return arena_copy(arena, buffer_text(&out));
}

static void assert_same(struct text a, struct text b)
{
	assert_true(text_equal(a, b));
}

static void words_are_those_of_the_same_text_in_small_letters(void **state)
{
	(void)state;
	OWNED(arena) arena = arena_new();
	bool ignored;
	for (int i = 0; i < TEXTS; i++) {
		arena_reset(arena);
		struct text text = some_text(arena, ASCII_LETTERS);
		char *small = arena_text(arena, text);
		for (size_t at = 0; at < text.length; at++)
			small[at] = text_lower(small[at]);
		struct text lowered = {small, text.length};
		struct text words = words_of(arena, text, false, &ignored);
		assert_same(words, words_of(arena, lowered, false, &ignored));
		/* Without capitals every word is its only part. */
		assert_same(words, words_of(arena, lowered, true, &ignored));
	}
}

static void a_text_beside_another_keeps_its_words(void **state)
{
	(void)state;
	OWNED(arena) arena = arena_new();
	bool ignored;
	for (int i = 0; i < TEXTS; i++) {
		arena_reset(arena);
		bool parts = rand() % 2;
		struct text a = some_text(arena, ALL_LETTERS);
		struct text b = some_text(arena, rand() % 2 ? ALL_LETTERS : ASCII_LETTERS);
		struct text both =
			text_of(arena_printf(arena, "%.*s %.*s", TEXT_ARG(a), TEXT_ARG(b)));
		struct text words = words_of(arena, a, parts, &ignored);
		struct text more = words_of(arena, b, parts, &ignored);
		assert_same(words_of(arena, both, parts, &ignored),
			text_of(arena_printf(arena, "%.*s%.*s", TEXT_ARG(words), TEXT_ARG(more))));
	}
}

static void only_what_has_capitals_or_is_not_ascii_may_have_parts(void **state)
{
	(void)state;
	OWNED(arena) arena = arena_new();
	bool may;
	for (int i = 0; i < TEXTS; i++) {
		arena_reset(arena);
		bool has = false;
		struct text text = some_text(arena, ALL_LETTERS);
		for (size_t at = 0; at < text.length; at++)
			has = has || text_lower(text.at[at]) != text.at[at] ||
			      (unsigned char)text.at[at] >= 0x80;
		(void)words_of(arena, text, false, &may);
		assert_int_equal(may, has);
	}
}

static void words_and_parts_are_as_listed(void **state)
{
	static const struct {
		const char *text;
		const char *words;
		const char *parts;
	} rows[] = {
		{"", "", ""},
		{" -- ", "", ""},
		{"customerId", "customerid|", "customer|id|"},
		{"HTTPServer2Go", "httpserver2go|", "http|server2|go|"},
		{"measure_of-thing 07", "measure|of|thing|07|", "measure|of|thing|07|"},
		{"Caf\u00e9Noir", "caf\u00e9noir|", "caf\u00e9|noir|"},
		{"\u2014 a", "a|", "a|"},
	};
	(void)state;
	OWNED(arena) arena = arena_new();
	bool ignored;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct text text = text_of(rows[i].text);
		assert_same(words_of(arena, text, false, &ignored), text_of(rows[i].words));
		assert_same(words_of(arena, text, true, &ignored), text_of(rows[i].parts));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_are_those_of_the_same_text_in_small_letters),
		cmocka_unit_test(a_text_beside_another_keeps_its_words),
		cmocka_unit_test(only_what_has_capitals_or_is_not_ascii_may_have_parts),
		cmocka_unit_test(words_and_parts_are_as_listed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
