#include "tests/unit.h"

#include "base/arena.h"
#include "base/buffer.h"
#include "base/memory.h"
#include "base/queue.h"

#include <pthread.h>

static void arena_memory_is_zeroed_aligned_and_counted(void **state)
{
	(void)state;
	OWNED(arena) arena = arena_new();
	for (size_t size = 0; size < 100000; size = size * 3 + 1) {
		unsigned char *bytes = arena_alloc(arena, size);
		assert_int_equal((uintptr_t)bytes % 16, 0);
		for (size_t i = 0; i < size; i++)
			assert_int_equal(bytes[i], 0);
		memset(bytes, 0xAA, size);
	}
	assert_true(arena_bytes(arena) >= 88573);
	arena_reset(arena);
	assert_int_equal(arena_bytes(arena), 0);
	assert_string_equal(arena_printf(arena, "%d-%s", 7, "x"), "7-x");
}

static void a_buffer_drops_what_passes_its_maximum(void **state)
{
	(void)state;
	struct buffer SCOPED_BUFFER buffer;
	struct error err;
	buffer_init(&buffer, 8);
	buffer_add_string(&buffer, "12345");
	assert_ok(buffer_check(&buffer, "list", &err), &err);
	buffer_add_string(&buffer, "6789");
	assert_int_equal(buffer.length, 5);
	assert_int_equal(buffer_check(&buffer, "list", &err), STATUS_RESOURCE_EXHAUSTED);
	assert_string_equal(err.message, "list is larger than 8 bytes");
}

static void capacity_grows_by_doubling_and_never_past_what_fits(void **state)
{
	(void)state;
	const size_t most = (size_t)-1;
	const struct {
		const char *label;
		size_t capacity, needed, grown;
	} rows[] = {
		{"nothing is needed", 0, 0, 0},
		{"the first item", 0, 1, 8},
		{"it fits", 8, 8, 8},
		{"one more", 8, 9, 16},
		{"from a small one", 3, 4, 8},
		{"many at once", 8, 100, 128},
		{"twice as much would wrap", most / 2 + 1, most / 2 + 2, most / 2 + 2},
		{"all there is", most - 1, most, most},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		if (memory_grown(rows[i].capacity, rows[i].needed) != rows[i].grown)
			fail_msg("%s: %zu", rows[i].label,
				memory_grown(rows[i].capacity, rows[i].needed));
	}
}

enum { ITEMS = 10000 };

static void *put_all(void *queue)
{
	for (size_t i = 1; i <= ITEMS; i++)
		(void)queue_put(queue, (void *)i); /* NOLINT: numbers stand in for pointers */
	queue_close(queue);
	return NULL;
}

static void a_queue_keeps_order_and_ends_when_closed(void **state)
{
	(void)state;
	OWNED(queue) queue = queue_new(16);
	pthread_t putter;
	assert_int_equal(pthread_create(&putter, NULL, put_all, queue), 0);
	size_t expected = 1;
	void *item;
	while ((item = queue_take(queue, -1)) != NULL)
		assert_int_equal((size_t)item, expected++);
	assert_int_equal(expected, ITEMS + 1);
	assert_true(queue_is_drained(queue));
	assert_int_equal(pthread_join(putter, NULL), 0);
	assert_false(queue_try_put(queue, &expected));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(arena_memory_is_zeroed_aligned_and_counted),
		cmocka_unit_test(a_buffer_drops_what_passes_its_maximum),
		cmocka_unit_test(capacity_grows_by_doubling_and_never_past_what_fits),
		cmocka_unit_test(a_queue_keeps_order_and_ends_when_closed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
