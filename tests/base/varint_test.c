#include "base/varint.h"
#include "tests/unit.h"

#include <string.h>

/* Each edge of a length: as many bytes as it needs, and itself again. */
static void a_number_comes_back_as_it_went(void **state)
{
	(void)state;
	for (unsigned bits = 0; bits <= 64; bits++) {
		for (int less = 0; less < 2; less++) {
			uint64_t number = (bits == 64 ? 0 : (uint64_t)1 << bits) - (unsigned)less;
			char bytes[VARINT_BYTES_MAX + 1];
			memset(bytes, 'x', sizeof bytes);
			size_t length = varint_put(bytes, number);
			size_t needed = 1;
			for (uint64_t left = number >> 7; left; left >>= 7)
				needed++;
			assert_int_equal(length, needed);
			struct text rest = {bytes, length + 1};
			uint64_t again;
			assert_true(varint_take(&rest, &again));
			assert_true(again == number);
			assert_int_equal(rest.length, 1);
			assert_int_equal(rest.at[0], 'x');
			struct text cut = {bytes, length - 1};
			assert_false(varint_take(&cut, &again));
			assert_int_equal(cut.length, length - 1);
		}
	}
}

static void a_number_that_does_not_end_is_none(void **state)
{
	(void)state;
	struct text rest = TEXT("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01");
	uint64_t number;
	assert_false(varint_take(&rest, &number));
	assert_int_equal(rest.length, 11);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_number_comes_back_as_it_went),
		cmocka_unit_test(a_number_that_does_not_end_is_none),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
