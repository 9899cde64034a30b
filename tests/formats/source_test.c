#include "formats/source.h"

#include "base/buffer.h"
#include "base/memory.h"
#include "formats/codec.h"
#include "formats/encoding.h"
#include "tests/unit.h"

#include <stdlib.h>
#include <zlib.h>
#include <zstd.h>

enum { EVERYTHING = 64 * 1024 * 1024 };

static void add_gzip(struct buffer *out, struct text plain)
{
	z_stream stream = {0};
	assert_int_equal(deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, 0), Z_OK);
	uLong bound = deflateBound(&stream, plain.length);
	char *to = buffer_reserve(out, bound);
	stream.next_in = (Bytef *)(uintptr_t)plain.at;
	stream.avail_in = (uInt)plain.length;
	stream.next_out = (Bytef *)to;
	stream.avail_out = (uInt)bound;
	assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
	out->length += bound - stream.avail_out;
	(void)deflateEnd(&stream);
}

static void add_zstd(struct buffer *out, struct text plain)
{
	size_t bound = ZSTD_compressBound(plain.length);
	char *to = buffer_reserve(out, bound);
	ZSTD_CCtx *context = ZSTD_createCCtx();
	(void)ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
	size_t length = ZSTD_compress2(context, to, bound, plain.at, plain.length);
	(void)ZSTD_freeCCtx(context);
	assert_false(ZSTD_isError(length));
	out->length += length;
}

/* Stored bytes that arrive a few at a time, as from a slow object store. */
struct object_file {
	struct text bytes;
	size_t piece;
};

static enum status fetch(struct object_file *file, uint64_t offset, void *bytes, size_t length,
	size_t *read_out, struct error *err)
{
	(void)err;
	struct text rest = text_from(file->bytes, offset);
	size_t piece = file->piece < length ? file->piece : length;
	piece = piece < rest.length ? piece : rest.length;
	memcpy(bytes, rest.at, piece);
	*read_out = piece;
	return STATUS_OK;
}

static void nothing(struct object_file *file)
{
	(void)file;
}

static struct source *open_pieces(struct object_file *file)
{
	struct error err;
	struct intake intake = {
		.buffer = memory_new(INTAKE_BYTES), .file = file, .fetch = fetch, .close = nothing};
	struct source *source = NULL;
	assert_ok(source_open_intake(&intake, &source, &err), &err);
	return source;
}

static enum status read_all(
	struct source *source, size_t step, struct buffer *out, struct error *err)
{
	for (;;) {
		size_t read = 0;
		char *to = buffer_reserve(out, step);
		TRY(source_read(source, to, step, &read, err));
		if (read == 0)
			return STATUS_OK;
		out->length += read;
	}
}

static void assert_reads(struct text stored, size_t step, const char *encoding, struct text plain)
{
	struct error err;
	OWNED(source) source = NULL;
	struct buffer SCOPED_BUFFER out;
	buffer_init(&out, EVERYTHING);
	assert_ok(source_open_memory(stored, &source, &err), &err);
	if (encoding)
		assert_ok(source_set_encoding(source, encoding, &err), &err);
	assert_ok(read_all(source, step, &out, &err), &err);
	assert_int_equal(out.length, plain.length);
	assert_memory_equal(out.at, plain.at, plain.length);
	assert_int_equal(source_raw_position(source), stored.length);
}

static struct text sample(struct buffer *buffer, size_t lines)
{
	buffer_init(buffer, EVERYTHING);
	for (size_t i = 0; i < lines; i++)
		buffer_printf(buffer, "%zu,name %zu,%zu.25\n", i, i * 7919 % 1000, i);
	return buffer_text(buffer);
}

static void decoded_bytes_are_the_original_whatever_the_compression_and_step(void **state)
{
	(void)state;
	struct buffer SCOPED_BUFFER plain;
	struct text text = sample(&plain, 3000);
	static const size_t steps[] = {1, 7, 4096, 1 << 20};
	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
		struct buffer SCOPED_BUFFER gzip;
		struct buffer SCOPED_BUFFER zstd;
		buffer_init(&gzip, EVERYTHING);
		buffer_init(&zstd, EVERYTHING);
		add_gzip(&gzip, text);
		add_zstd(&zstd, text);
		assert_reads(text, steps[i], NULL, text);
		assert_reads(buffer_text(&gzip), steps[i], NULL, text);
		assert_reads(buffer_text(&zstd), steps[i], NULL, text);
	}
}

static void members_and_frames_follow_each_other(void **state)
{
	(void)state;
	struct buffer SCOPED_BUFFER gzip;
	struct buffer SCOPED_BUFFER zstd;
	buffer_init(&gzip, EVERYTHING);
	buffer_init(&zstd, EVERYTHING);
	add_gzip(&gzip, TEXT("a,b\n"));
	add_gzip(&gzip, TEXT(""));
	add_gzip(&gzip, TEXT("1,2\n"));
	buffer_add(&gzip, "\0\0\0\0\0", 5);
	buffer_add(&zstd, "\x53\x2a\x4d\x18\x03\0\0\0xyz", 11);
	add_zstd(&zstd, TEXT("a,b\n"));
	buffer_add(&zstd, "\x50\x2a\x4d\x18\x01\0\0\0x", 9);
	add_zstd(&zstd, TEXT("1,2\n"));
	assert_reads(buffer_text(&gzip), 100, NULL, TEXT("a,b\n1,2\n"));
	assert_reads(buffer_text(&zstd), 100, NULL, TEXT("a,b\n1,2\n"));
}

static void stored_bytes_may_arrive_one_at_a_time(void **state)
{
	(void)state;
	struct buffer SCOPED_BUFFER plain;
	struct text text = sample(&plain, 500);
	struct buffer SCOPED_BUFFER stored;
	buffer_init(&stored, EVERYTHING);
	add_gzip(&stored, text);
	add_gzip(&stored, text);
	size_t gzip_length = stored.length;
	for (size_t piece = 19; piece < 25; piece++) {
		struct object_file file = {buffer_text(&stored), piece};
		OWNED(source) source = open_pieces(&file);
		assert_int_equal(source_compression(source), COMPRESSION_GZIP);
		struct buffer SCOPED_BUFFER out;
		buffer_init(&out, EVERYTHING);
		struct error err;
		assert_ok(read_all(source, 1000, &out, &err), &err);
		assert_int_equal(out.length, 2 * text.length);
		assert_memory_equal(out.at + text.length, text.at, text.length);
		assert_int_equal(source_raw_position(source), gzip_length);
	}
}

static void compression_is_told_by_the_first_bytes(void **state)
{
	(void)state;
	static const struct {
		const char *label;
		struct text bytes;
		enum compression compression;
	} rows[] = {
		{"empty", {"", 0}, COMPRESSION_NONE},
		{"text", {"a,b\n", 4}, COMPRESSION_NONE},
		{"gzip's first byte alone", {"\x1f", 1}, COMPRESSION_NONE},
		{"gzip", {"\x1f\x8b\x08\0", 4}, COMPRESSION_GZIP},
		{"zstd", {"\x28\xb5\x2f\xfd", 4}, COMPRESSION_ZSTD},
		{"skippable frame", {"\x5f\x2a\x4d\x18", 4}, COMPRESSION_ZSTD},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct error err;
		OWNED(source) source = NULL;
		assert_ok(source_open_memory(rows[i].bytes, &source, &err), &err);
		if (source_compression(source) != rows[i].compression)
			fail_msg("%s: %s", rows[i].label,
				compression_name(source_compression(source)));
	}
}

static void every_cut_of_a_compressed_object_is_data_loss(void **state)
{
	(void)state;
	struct buffer SCOPED_BUFFER plain;
	struct text text = sample(&plain, 20);
	for (int kind = 0; kind < 2; kind++) {
		struct buffer SCOPED_BUFFER stored;
		buffer_init(&stored, EVERYTHING);
		(kind ? add_zstd : add_gzip)(&stored, text);
		for (size_t length = 4; length < stored.length; length++) {
			struct error err;
			OWNED(source) source = NULL;
			struct buffer SCOPED_BUFFER out;
			buffer_init(&out, EVERYTHING);
			struct text cut = text_until(buffer_text(&stored), length);
			assert_ok(source_open_memory(cut, &source, &err), &err);
			assert_int_equal(read_all(source, 64, &out, &err), STATUS_DATA_LOSS);
			assert_non_null(strstr(err.message, "at stored byte "));
		}
	}
}

static void corruption_and_trailing_garbage_are_data_loss(void **state)
{
	(void)state;
	struct buffer SCOPED_BUFFER plain;
	struct text text = sample(&plain, 200);
	for (int kind = 0; kind < 2; kind++) {
		struct buffer SCOPED_BUFFER stored;
		struct buffer SCOPED_BUFFER out;
		struct error err;
		OWNED(source) source = NULL;
		OWNED(source) followed = NULL;
		buffer_init(&stored, EVERYTHING);
		buffer_init(&out, EVERYTHING);
		(kind ? add_zstd : add_gzip)(&stored, text);
		stored.at[stored.length / 2] ^= 0x55;
		assert_ok(source_open_memory(buffer_text(&stored), &source, &err), &err);
		assert_int_equal(read_all(source, 64, &out, &err), STATUS_DATA_LOSS);
		stored.at[stored.length / 2] ^= 0x55;
		buffer_add(&stored, "garbage", 7);
		assert_ok(source_open_memory(buffer_text(&stored), &followed, &err), &err);
		assert_int_equal(read_all(followed, 64, &out, &err), STATUS_DATA_LOSS);
	}
}

static void a_peek_consumes_nothing(void **state)
{
	(void)state;
	struct error err;
	OWNED(source) source = NULL;
	struct text head;
	bool whole;
	assert_ok(source_open_memory(TEXT("abcdef"), &source, &err), &err);
	assert_ok(source_peek(source, 2, &head, &whole, &err), &err);
	assert_text_equal(head, "ab");
	assert_false(whole);
	assert_ok(source_peek(source, 6, &head, &whole, &err), &err);
	assert_text_equal(head, "abcdef");
	assert_true(whole);
	assert_int_equal(source_position(source), 0);
	struct buffer SCOPED_BUFFER out;
	buffer_init(&out, 100);
	assert_ok(read_all(source, 4, &out, &err), &err);
	assert_text_equal(buffer_text(&out), "abcdef");
	assert_int_equal(source_position(source), 6);
}

/* Euro sign, e acute, and a clef outside the basic plane. */
#define MIXED "h\xe2\x82\xac\xc3\xa9,\xf0\x9d\x84\x9e\n"

static void encodings_become_utf_8_and_lose_their_mark(void **state)
{
	(void)state;
	static const struct {
		const char *encoding;
		struct text bytes;
		struct text utf_8;
	} rows[] = {
		{"utf-8", {"\xef\xbb\xbf" MIXED, 15}, {MIXED, 12}},
		{"utf-8", {MIXED, 12}, {MIXED, 12}},
		{"utf-16le", {"\xff\xfeh\0\xac\x20\xe9\0,\0\x34\xd8\x1e\xdd\n\0", 16}, {MIXED, 12}},
		{"utf-16be", {"\xfe\xff\0h\x20\xac\0\xe9\0,\xd8\x34\xdd\x1e\0\n", 16}, {MIXED, 12}},
		{"utf-16le", {"a\0\x34\xd8", 4}, {"a\xef\xbf\xbd", 4}},
		{"utf-16le",
			{"a\0\x1e\xdd"
			 "b\0",
				6},
			{"a\xef\xbf\xbd"
			 "b",
				5}},
		{"utf-16le", {"a\0b", 3}, {"a\xef\xbf\xbd", 4}},
		{"latin-1", {"caf\xe9 \x80", 6}, {"caf\xc3\xa9 \xe2\x82\xac", 9}},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		for (size_t step = 1; step < 20; step++)
			assert_reads(rows[i].bytes, step, rows[i].encoding, rows[i].utf_8);
	}
}

static void encodings_are_detected(void **state)
{
	(void)state;
	static const struct {
		const char *label;
		struct text head;
		bool whole;
		const char *encoding;
	} rows[] = {
		{"empty", {"", 0}, true, "utf-8"},
		{"ascii", {"a,b\n", 4}, true, "utf-8"},
		{"utf-8", {MIXED, 12}, true, "utf-8"},
		{"cut inside a character", {"h\xe2\x82", 3}, false, "utf-8"},
		{"mark",
			{"\xff\xfe"
			 "a\0",
				4},
			true, "utf-16le"},
		{"big mark", {"\xfe\xff\0a", 4}, true, "utf-16be"},
		{"no mark, little", {"a\0,\0b\0\n\0", 8}, true, "utf-16le"},
		{"no mark, big", {"\0a\0,\0b\0\n", 8}, true, "utf-16be"},
		{"latin-1", {"caf\xe9,M\xfcnchen\n", 13}, true, "latin-1"},
		{"one broken among good", {"\xc3\xa9\xc3\xa9\xe9,\n", 7}, true, "utf-8"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const char *found = encoding_detect(rows[i].head, rows[i].whole);
		if (strcmp(found, rows[i].encoding) != 0)
			fail_msg("%s: %s", rows[i].label, found);
	}
}

static void an_unknown_encoding_is_refused(void **state)
{
	(void)state;
	struct error err;
	OWNED(source) source = NULL;
	assert_ok(source_open_memory(TEXT("a"), &source, &err), &err);
	assert_int_equal(source_set_encoding(source, "ebcdic", &err), STATUS_INVALID_ARGUMENT);
	assert_non_null(strstr(err.message, "'ebcdic'"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(decoded_bytes_are_the_original_whatever_the_compression_and_step),
		cmocka_unit_test(members_and_frames_follow_each_other),
		cmocka_unit_test(stored_bytes_may_arrive_one_at_a_time),
		cmocka_unit_test(compression_is_told_by_the_first_bytes),
		cmocka_unit_test(every_cut_of_a_compressed_object_is_data_loss),
		cmocka_unit_test(corruption_and_trailing_garbage_are_data_loss),
		cmocka_unit_test(a_peek_consumes_nothing),
		cmocka_unit_test(encodings_become_utf_8_and_lose_their_mark),
		cmocka_unit_test(encodings_are_detected),
		cmocka_unit_test(an_unknown_encoding_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
