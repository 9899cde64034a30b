#include "tests/unit.h"

#include "base/text.h"

#include <math.h>

static void whole_numbers_stop_where_digits_stop(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		size_t taken;
		int64_t value;
	} rows[] = {
		{"0", 1, 0},
		{"-1", 2, -1},
		{"+7", 2, 7},
		{"12x", 2, 12},
		{"9223372036854775807", 19, INT64_MAX},
		{"9223372036854775808", 0, 0},
		{"-9223372036854775808", 20, INT64_MIN},
		{"-9223372036854775809", 0, 0},
		{"", 0, 0},
		{"-", 0, 0},
		{" 1", 0, 0},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		int64_t value = 0;
		assert_int_equal(text_int64(text_of(rows[i].text), &value), rows[i].taken);
		assert_int_equal(value, rows[i].value);
	}
}

static void doubles_take_no_hex_no_words(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		size_t taken;
		double value;
	} rows[] = {
		{"1.5", 3, 1.5},
		{".5", 2, 0.5},
		{"5.", 2, 5.0},
		{"1e3", 3, 1000.0},
		{"1e", 1, 1.0},
		{"0x10", 1, 0.0},
		{"inf", 0, 0},
		{"nan", 0, 0},
		{".", 0, 0},
		{"-2.25E-2", 8, -0.0225},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		double value = 0;
		assert_int_equal(text_double(text_of(rows[i].text), &value), rows[i].taken);
		assert_true(fabs(value - rows[i].value) < 1e-12);
	}
}

static void utf8_is_well_formed_or_not(void **state)
{
	(void)state;
	assert_int_equal(text_characters(text_of("größe 漢字 😀")), 10);
	assert_true(text_is_utf8(text_of("plain ascii, longer than eight")));
	assert_true(text_is_utf8(text_of("größe 漢字 😀")));
	assert_false(text_is_utf8(text_of("\xC0\xAF"))); /* overlong */
	assert_false(text_is_utf8(text_of("\xED\xA0\x80"))); /* surrogate */
	assert_false(text_is_utf8(text_of("\xF4\x90\x80\x80"))); /* past U+10FFFF */
	assert_false(text_is_utf8(text_of("abcdefgh\xE2\x82"))); /* cut short */
}

static void split_gives_every_piece_once(void **state)
{
	(void)state;
	struct text rest = text_of("a,,b,");
	bool more = true;
	struct text piece;
	const char *expected[] = {"a", "", "b", ""};
	size_t n = 0;
	while (text_split(&rest, &more, ',', &piece)) {
		assert_true(n < 4);
		assert_text_equal(piece, expected[n]);
		n++;
	}
	assert_int_equal(n, 4);
}

static void printable_is_from_space_to_tilde_wherever_it_stands(void **state)
{
	(void)state;
	char bytes[19];
	for (size_t length = 1; length <= sizeof bytes; length++) {
		for (size_t at = 0; at < length; at++) {
			for (unsigned byte = 0; byte < 256; byte++) {
				memset(bytes, at % 2 ? '~' : ' ', sizeof bytes);
				bytes[at] = (char)byte;
				bool is = text_is_printable((struct text){bytes, length});
				assert_int_equal(is, byte >= ' ' && byte <= '~');
			}
		}
	}
	assert_true(text_is_printable(TEXT("")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(printable_is_from_space_to_tilde_wherever_it_stands),
		cmocka_unit_test(whole_numbers_stop_where_digits_stop),
		cmocka_unit_test(doubles_take_no_hex_no_words),
		cmocka_unit_test(utf8_is_well_formed_or_not),
		cmocka_unit_test(split_gives_every_piece_once),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
