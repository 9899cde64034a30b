#include "formats/blocks.h"

#include "base/buffer.h"
#include "tests/unit.h"

#include <pthread.h>
#include <stdlib.h>

/* Records are lines; one that starts with '(' goes on to the line after ')'. */
struct lines {
	struct boundary boundary;
	bool open;
	bool inside;
};

static size_t last_end(struct boundary *boundary, const char *bytes, size_t scanned, size_t length)
{
	struct lines *lines = (struct lines *)boundary;
	size_t end = 0;
	for (size_t i = scanned; i < length; i++) {
		if (!lines->inside)
			lines->open = bytes[i] == '(';
		lines->inside = true;
		if (bytes[i] == ')')
			lines->open = false;
		if (bytes[i] == '\n' && !lines->open) {
			end = i + 1;
			lines->inside = false;
		}
	}
	return end;
}

static size_t resync(struct boundary *boundary, const char *bytes, size_t from, size_t length)
{
	struct lines *lines = (struct lines *)boundary;
	lines->open = lines->inside = false;
	const char *newline = memchr(bytes + from, '\n', length - from);
	return newline ? (size_t)(newline - bytes) + 1 : length;
}

static struct blocks *open_lines(
	struct lines *lines, struct text bytes, size_t block_bytes, size_t record_bytes_max)
{
	struct error err;
	struct source *source = NULL;
	*lines = (struct lines){.boundary = {last_end, resync}};
	assert_ok(source_open_memory(bytes, &source, &err), &err);
	return blocks_new(source, &lines->boundary, block_bytes, record_bytes_max);
}

static const size_t sizes[] = {1, 2, 3, 7, 64, 1 << 20};
#define EACH_SIZE(i)                      \
	size_t i = 0;                     \
	i < sizeof sizes / sizeof *sizes; \
	i++

static void blocks_join_to_the_source_and_end_where_records_end(void **state)
{
	(void)state;
	static const char all[] = "one\ntwo\n(three\nstill) three\n\nfour\n(five\n\n)\nsix";
	for (EACH_SIZE(i)) {
		struct lines lines;
		OWNED(blocks) blocks = open_lines(&lines, text_of(all), sizes[i], 1000);
		struct block block = {0};
		struct error err;
		size_t at = 0;
		bool last = false;
		for (;;) {
			assert_ok(blocks_next(blocks, &block, &err), &err);
			if (block.length == 0)
				break;
			assert_false(last);
			assert_int_equal(block.position, at);
			assert_false(block.oversized);
			assert_memory_equal(block.bytes, all + at, block.length);
			at += block.length;
			last = block.last;
			assert_true(last || block.bytes[block.length - 1] == '\n');
			/* Never inside a record: its first line is not a block's last. */
			if (!last && block.length >= 7)
				assert_memory_not_equal(
					block.bytes + block.length - 7, "(three\n", 7);
			for (size_t padding = 0; padding < BLOCK_PADDING; padding++)
				assert_int_equal(block.bytes[block.length + padding], 0);
			/* Slots are the caller's: what it does there harms nobody. */
			memset(block.bytes, '#', block.length);
		}
		assert_int_equal(at, sizeof all - 1);
		assert_int_equal(blocks_raw_position(blocks), sizeof all - 1);
		block_done(&block);
	}
}

static void an_empty_source_has_no_block(void **state)
{
	(void)state;
	struct lines lines;
	OWNED(blocks) blocks = open_lines(&lines, TEXT(""), 10, 100);
	struct block block = {0};
	struct error err;
	for (int i = 0; i < 2; i++) {
		assert_ok(blocks_next(blocks, &block, &err), &err);
		assert_int_equal(block.length, 0);
	}
	block_done(&block);
}

/* What is handed out of `bytes`, oversized blocks in brackets. */
static void collect(struct text bytes, size_t block_bytes, size_t max, struct buffer *out)
{
	struct lines lines;
	OWNED(blocks) blocks = open_lines(&lines, bytes, block_bytes, max);
	struct block block = {0};
	struct error err;
	for (;;) {
		assert_ok(blocks_next(blocks, &block, &err), &err);
		if (block.length == 0)
			break;
		assert_true(block.length <= max + 2 * block_bytes);
		assert_memory_equal(block.bytes, bytes.at + block.position, block.length);
		if (block.oversized)
			buffer_add_byte(out, '[');
		buffer_add(out, block.bytes, block.length);
		if (block.oversized)
			buffer_add_byte(out, ']');
	}
	block_done(&block);
}

static void a_line_over_the_limit_is_cut_and_the_next_one_is_whole(void **state)
{
	(void)state;
	struct buffer SCOPED_BUFFER bytes;
	struct buffer SCOPED_BUFFER out;
	buffer_init(&bytes, 100000);
	buffer_init(&out, 100000);
	buffer_add_string(&bytes, "good\n");
	for (int i = 0; i < 5000; i++)
		buffer_add_byte(&bytes, 'x');
	buffer_add_string(&bytes, "\nafter\nlast");
	collect(buffer_text(&bytes), 8, 100, &out);
	struct text got = buffer_text(&out);
	assert_true(text_starts(got, TEXT("good\n[xxx")));
	assert_true(text_ends(got, TEXT("x]after\nlast")));
	assert_true(got.length < 200);
}

static void a_record_that_never_closes_keeps_its_lines(void **state)
{
	(void)state;
	struct buffer SCOPED_BUFFER bytes;
	struct buffer SCOPED_BUFFER out;
	buffer_init(&bytes, 100000);
	buffer_init(&out, 100000);
	buffer_add_string(&bytes, "good\n(stray\n");
	for (int i = 0; i < 100; i++)
		buffer_printf(&bytes, "line %d\n", i);
	collect(buffer_text(&bytes), 8, 100, &out);
	struct text got = buffer_text(&out);
	assert_true(text_starts(got, TEXT("good\n[(stray\nline 0\n")));
	assert_true(text_ends(got, TEXT("line 98\nline 99\n")));
	/* Nothing was lost: only one pair of brackets was added. */
	assert_int_equal(got.length, bytes.length + 2);
}

struct worker {
	struct blocks *blocks;
	uint64_t bytes;
	uint64_t sum; /* of the positions where blocks start and their lengths */
};

static void *work(void *argument)
{
	struct worker *worker = argument;
	struct block block = {0};
	struct error err;
	while (blocks_next(worker->blocks, &block, &err) == STATUS_OK && block.length) {
		worker->bytes += block.length;
		for (size_t i = 0; i < block.length; i++)
			worker->sum += (unsigned char)block.bytes[i] * (block.position + i);
	}
	block_done(&block);
	return NULL;
}

static void threads_share_a_source_without_losing_a_byte(void **state)
{
	(void)state;
	struct buffer SCOPED_BUFFER bytes;
	buffer_init(&bytes, 10000000);
	uint64_t expected = 0;
	for (int i = 0; i < 20000; i++)
		buffer_printf(&bytes, "line %d\n", i);
	for (size_t i = 0; i < bytes.length; i++)
		expected += (unsigned char)bytes.at[i] * (uint64_t)i;
	struct lines lines;
	OWNED(blocks) blocks = open_lines(&lines, buffer_text(&bytes), 1000, 100);
	struct worker workers[4] = {0};
	pthread_t threads[4];
	for (int i = 0; i < 4; i++) {
		workers[i].blocks = blocks;
		assert_int_equal(pthread_create(&threads[i], NULL, work, &workers[i]), 0);
	}
	struct worker total = {0};
	for (int i = 0; i < 4; i++) {
		(void)pthread_join(threads[i], NULL);
		total.bytes += workers[i].bytes;
		total.sum += workers[i].sum;
	}
	assert_int_equal(total.bytes, bytes.length);
	assert_true(total.sum == expected);
}

static void a_corrupt_source_fails_every_later_call_alike(void **state)
{
	(void)state;
	struct lines lines;
	OWNED(blocks)
	blocks = open_lines(
		&lines, ((struct text){"\x1f\x8b\x08\0\0\0\0\0\0\0\xff\xff\xff", 13}), 10, 100);
	for (int i = 0; i < 2; i++) {
		struct block block = {0};
		struct error err;
		assert_int_equal(blocks_next(blocks, &block, &err), STATUS_DATA_LOSS);
		assert_non_null(strstr(err.message, "gzip data is"));
		block_done(&block);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(blocks_join_to_the_source_and_end_where_records_end),
		cmocka_unit_test(an_empty_source_has_no_block),
		cmocka_unit_test(a_line_over_the_limit_is_cut_and_the_next_one_is_whole),
		cmocka_unit_test(a_record_that_never_closes_keeps_its_lines),
		cmocka_unit_test(threads_share_a_source_without_losing_a_byte),
		cmocka_unit_test(a_corrupt_source_fails_every_later_call_alike),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
