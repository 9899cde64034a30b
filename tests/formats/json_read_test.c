#include "tests/unit.h"

#include "schema/notation.h"
#include "tests/formats/json_batch.h"

#include <pthread.h>

enum { COLUMNS_MAX = 16 };

/* All rows as lines, then counts of bad records and bad values. */
static char *read_text(struct text bytes, const char *row, size_t block_bytes,
	const size_t *projection, size_t projected, struct arena *arena)
{
	struct error err;
	struct json_shape shape;
	const char *encoding = NULL;
	OWNED(source) source = NULL;
	OWNED(reader) reader = NULL;
	struct buffer SCOPED_BUFFER out;
	buffer_init(&out, 1 << 26);
	struct read_request request = {.projection = projection, .projected = projected};
	assert_ok(type_parse(arena, text_of(row), &request.row, &err), &err);
	assert_ok(source_open_memory(bytes, &source, &err), &err);
	assert_ok(json_shape_read(source, &shape, &encoding, &err), &err);
	assert_ok(
		json_read_source(TAKE(source), shape, block_bytes, &request, &reader, &err), &err);
	struct reader_state *state = reader->ops->state_new(reader);
	assert_ok(batch_read(reader, state, &request, &out, &err), &err);
	reader->ops->state_free(state);
	struct bad_record *bad = NULL;
	size_t count = 0;
	reader_bad_records(reader, arena, &bad, &count);
	buffer_printf(&out, "%zu bad, %llu values", count, (unsigned long long)reader->bad_values);
	for (size_t i = 0; i < count; i++)
		buffer_printf(&out, " %llu@%llu", (unsigned long long)bad[i].record,
			(unsigned long long)bad[i].byte);
	return arena_text(arena, buffer_text(&out));
}

static const size_t all[COLUMNS_MAX] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

static const struct row {
	const char *label;
	const char *type;
	size_t columns;
	struct text bytes;
	const char *rows;
} rows[] = {
	{"scalars", "struct<a:int,b:bigint,c:double,d:string,e:boolean>", 5,
		TEXT("{\"a\":1,\"b\":-9223372036854775808,\"c\":1.5,\"d\":\"x\",\"e\":true}"),
		"1 -9223372036854775808 1.5 'x' true\n0 bad, 0 values"},
	{"in any order and case, absent ones null", "struct<a:int,b:int>", 2,
		TEXT("{\"B\":2,\"a\":1}\n{\"A\":3}\n{\"z\":{\"a\":[9]}}\n{\"b\":4}\n"),
		"1 2\n3 null\nnull null\nnull 4\n0 bad, 0 values"},
	{"small integers, and what does not fit", "struct<a:tinyint,b:smallint>", 2,
		TEXT("{\"a\":-128,\"b\":32767}\n{\"a\":128,\"b\":-32769}\n"),
		"-128 32767\nnull null\n0 bad, 2 values"},
	{"what is no value of its type is null and counted", "struct<a:int,b:boolean,c:double>", 3,
		TEXT("{\"a\":1.0,\"b\":\"true\",\"c\":\"1\"}\n{\"a\":\"1\",\"b\":1,\"c\":1e999}\n"
		     "{\"a\":{},\"b\":[],\"c\":true}\n"),
		"null null null\nnull null null\nnull null null\n0 bad, 9 values"},
	{"doubles exactly", "struct<a:double,b:double,c:double,d:float>", 4,
		TEXT("{\"a\":0.1,\"b\":123456789012345678,\"c\":-2.2250738585072014e-308,\"d\":0."
		     "1}"),
		"0.10000000000000001 1.2345678901234568e+17 -2.2250738585072014e-308 "
		"0.100000001\n0 bad, 0 values"},
	{"decimals, dates and timestamps", "struct<a:decimal(10,2),b:date,c:timestamp>", 3,
		TEXT("{\"a\":1.25,\"b\":\"1970-01-02\",\"c\":\"1970-01-01T00:00:01Z\"}\n"
		     "{\"a\":\"-3\",\"b\":\"x\",\"c\":7}\n"),
		"125 1 1000000\n-300 null null\n0 bad, 2 values"},
	{"a text takes anything as it is written", "struct<a:string>", 1,
		TEXT("{\"a\":1.50}\n{\"a\":true}\n{\"a\":[1, {\"b\":\"\\n\"}]}\n{\"a\":{}}\n"
		     "{\"a\":\"x\\ty\\u00e9\\ud83d\\ude00 and more\"}\n{\"a\":null}\n"),
		"'1.50'\n'true'\n'[1, {\"b\":\"\\n\"}]'\n'{}'\n'x\ty\xc3\xa9\xf0\x9f\x98\x80 and "
		"more'\nnull\n0 bad, 0 values"},
	{"char and varchar by characters", "struct<a:varchar(3),b:char(2)>", 2,
		TEXT("{\"a\":\"\xc3\xa9\xc3\xa9\\u00e9\",\"b\":\"xy\"}\n{\"a\":\"abcd\",\"b\":"
		     "\"xyz\"}\n{\"a\":123,\"b\":1.5}\n"),
		"'\xc3\xa9\xc3\xa9\xc3\xa9' 'xy'\nnull null\n'123' null\n0 bad, 3 values"},
	{"structs and arrays", "struct<a:struct<x:int,y:array<struct<z:array<int>>>>,b:array<int>>",
		2,
		TEXT("{\"a\":{\"y\":[{\"z\":[1,2]},{},{\"z\":[]},null],\"x\":1},\"b\":[3,null]}\n"
		     "{\"a\":{},\"b\":[]}\n{\"a\":null}\n"),
		"(1,[([1,2]),(null),([]),null]) [3,null]\n(null,null) []\nnull null\n0 bad, 0 "
		"values"},
	{"maps", "struct<m:map<string,array<int>>>", 1,
		TEXT("{\"m\":{\"a\":[1],\"A\":[],\"\\u0061\":[2,3]}}\n{\"m\":{}}\n{\"m\":[]}\n"),
		"{'A':[],'a':[2,3]}\n{}\nnull\n0 bad, 1 values"},
	{"choices carry their arm and text", "struct<a:choice<boolean,int,string,array<int>>>", 1,
		TEXT("{\"a\":7}\n{\"a\":\"7\"}\n{\"a\":true}\n{\"a\":[1, "
		     "2]}\n{\"a\":null}\n{\"a\":{}}\n"),
		"1!'7'\n2!'7'\n0!'true'\n3!'[1, 2]'\nnull\n2!'{}'\n0 bad, 0 values"},
	{"a choice without the arm", "struct<a:choice<boolean,int>>", 1,
		TEXT("{\"a\":7}\n{\"a\":\"7\"}\n{\"a\":7.5}\n"),
		"1!'7'\nnull\nnull\n0 bad, 2 values"},
	{"the last of repeated keys wins", "struct<a:int,b:struct<c:int,d:array<int>>>", 2,
		TEXT("{\"a\":null,\"a\":1,\"b\":{\"c\":1,\"d\":[1]},\"B\":{\"d\":[2,3],\"d\":[4]}}"
		     "\n"
		     "{\"a\":\"x\",\"a\":1,\"a\":null}\n"),
		"1 (null,[4])\nnull null\n0 bad, 1 values"},
	{"a bad record leaves nothing behind",
		"struct<a:int,l:array<struct<s:string,n:array<int>>>,s:struct<t:string>>", 3,
		TEXT("{\"a\":1,\"l\":[{\"s\":\"x\",\"n\":[1]}],\"s\":{\"t\":\"y\"}}\n"
		     "{\"a\":null,\"l\":[null,{\"s\":null,\"n\":[null]},{\"s\":\"a\\nb\"}],\"s\":"
		     "null,"
		     "\"a\":\"bad\",oops}\n"
		     "{\"a\":2,\"l\":[{\"s\":\"z\",\"n\":[2,3]}],\"s\":{\"t\":\"w\"}}\n"),
		"1 [('x',[1])] ('y')\n2 [('z',[2,3])] ('w')\n1 bad, 0 values 1@46"},
	{"an array of scalars", "struct<record:choice<int,string>>", 1, TEXT("[1, \"a\"]"),
		"0!'1'\n1!'a'\n0 bad, 0 values"},
	{"values over lines", "struct<a:string>", 1,
		TEXT("{\n \"a\": \"long enough to be borrowed\"\n}\n{\n \"a\": x\n}\n{\n \"a\": "
		     "2\n}\n"),
		"'long enough to be borrowed'\n'2'\n1 bad, 0 values 1@39"},
};

static void a_record_becomes_a_row(void **state)
{
	(void)state;
	static const size_t sizes[] = {1 << 20, 1, 7, 64};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		for (size_t s = 0; s < 4; s++) {
			OWNED(arena) arena = arena_new();
			const char *got = read_text(
				rows[i].bytes, rows[i].type, sizes[s], all, rows[i].columns, arena);
			if (strcmp(got, rows[i].rows) != 0)
				fail_msg("%s, blocks of %zu: %s", rows[i].label, sizes[s], got);
		}
	}
}

static void only_wanted_columns_are_filled(void **state)
{
	(void)state;
	static const size_t last_first[] = {2, 0};
	OWNED(arena) arena = arena_new();
	struct text bytes =
		TEXT("{\"a\":1,\"b\":[{\"x\":1}],\"c\":\"z\"}\n{\"a\":tru}\n{\"c\":9}\n");
	const char *type = "struct<a:int,b:int,c:string>";
	assert_string_equal(read_text(bytes, type, 1 << 20, last_first, 2, arena),
		"'z' 1\n'9' null\n1 bad, 0 values 1@30");
	assert_string_equal(
		read_text(bytes, type, 1 << 20, NULL, 0, arena), "\n\n1 bad, 0 values 1@30");
}

static void batches_end_at_their_size(void **state)
{
	(void)state;
	struct buffer SCOPED_BUFFER bytes;
	struct buffer SCOPED_BUFFER expected;
	buffer_init(&bytes, 1 << 24);
	buffer_init(&expected, 1 << 24);
	for (int i = 0; i < 3 * VECTOR_ROWS + 5; i++) {
		buffer_printf(&bytes, "{\"a\":[%d,\"\\u0041 text that is not short %d\"]}\n", i, i);
		buffer_printf(&expected, "['%d','A text that is not short %d']\n", i, i);
	}
	buffer_add_string(&expected, "0 bad, 0 values");
	buffer_add_byte(&expected, '\0');
	OWNED(arena) arena = arena_new();
	for (size_t size = 10; size < 10000000; size *= 50)
		assert_string_equal(read_text(buffer_text(&bytes), "struct<a:array<string>>", size,
					    all, 1, arena),
			expected.at);
}

struct share {
	struct reader *reader;
	const struct read_request *request;
	struct buffer out;
	enum status status;
};

static void *read_share(void *argument)
{
	struct share *share = argument;
	struct error err;
	struct reader_state *state = share->reader->ops->state_new(share->reader);
	share->status = batch_read(share->reader, state, share->request, &share->out, &err);
	share->reader->ops->state_free(state);
	return NULL;
}

static void threads_share_one_reader(void **state)
{
	(void)state;
	enum { ROWS = 20000 };
	struct error err;
	struct buffer SCOPED_BUFFER bytes;
	buffer_init(&bytes, 1 << 24);
	for (int i = 0; i < ROWS; i++)
		buffer_printf(&bytes, "{\"a\":%d}\n", i);
	OWNED(arena) arena = arena_new();
	OWNED(source) source = NULL;
	OWNED(reader) reader = NULL;
	struct read_request request = {.projection = all, .projected = 1};
	assert_ok(type_parse(arena, TEXT("struct<a:int>"), &request.row, &err), &err);
	assert_ok(source_open_memory(buffer_text(&bytes), &source, &err), &err);
	assert_ok(json_read_source(TAKE(source), (struct json_shape){.framing = JSON_LINES}, 5000,
			  &request, &reader, &err),
		&err);
	struct share shares[2];
	pthread_t threads[2];
	for (int i = 0; i < 2; i++) {
		shares[i] = (struct share){.reader = reader, .request = &request};
		buffer_init(&shares[i].out, 1 << 24);
		assert_int_equal(pthread_create(&threads[i], NULL, read_share, &shares[i]), 0);
	}
	size_t seen = 0;
	long sum = 0;
	for (int i = 0; i < 2; i++) {
		assert_int_equal(pthread_join(threads[i], NULL), 0);
		assert_int_equal(shares[i].status, STATUS_OK);
		struct text rest = buffer_text(&shares[i].out);
		struct text line;
		for (bool more = true; text_split(&rest, &more, '\n', &line) && line.length;) {
			int64_t value = 0;
			assert_int_equal(text_int64(line, &value), line.length);
			seen++;
			sum += value;
		}
		buffer_done(&shares[i].out);
	}
	assert_int_equal(seen, ROWS);
	assert_int_equal(sum, (long)ROWS * (ROWS - 1) / 2);
}

/* A number as JSON writes it, at `out`; `fraction` digits behind the point. */
static void any_number(char out[64], int whole, int fraction)
{
	int at = 0;
	if (rand() % 2)
		out[at++] = '-';
	out[at++] = (char)(whole == 1 ? '0' + rand() % 10 : '1' + rand() % 9);
	for (int i = 1; i < whole; i++)
		out[at++] = (char)('0' + rand() % 10);
	if (fraction)
		out[at++] = '.';
	for (int i = 0; i < fraction; i++)
		out[at++] = (char)('0' + rand() % 10);
	out[at] = '\0';
}

/* Short numbers have a way of their own; both give what the C library gives. */
static void numbers_are_read_exactly_whatever_their_length(void **state)
{
	(void)state;
	struct buffer SCOPED_BUFFER bytes;
	struct buffer SCOPED_BUFFER told;
	buffer_init(&bytes, 1 << 24);
	buffer_init(&told, 1 << 24);
	srand(3);
	for (int whole = 1; whole <= 18; whole++) {
		for (int fraction = 0; fraction <= 18; fraction++) {
			char real[64];
			char integer[64];
			any_number(real, whole, fraction);
			any_number(integer, whole, 0);
			buffer_printf(
				&bytes, "{\"a\":%s,\"b\":%s,\"c\":%s}\n", real, integer, real);
			buffer_printf(&told, "%.17g %lld %.9g\n", strtod(real, NULL),
				strtoll(integer, NULL, 10), (double)(float)strtod(real, NULL));
		}
	}
	buffer_add_string(&told, "0 bad, 0 values");
	OWNED(arena) arena = arena_new();
	const char *type = "struct<a:double,b:bigint,c:float>";
	assert_string_equal(read_text(buffer_text(&bytes), type, 1 << 20, all, 3, arena),
		arena_text(arena, buffer_text(&told)));
}

/* Texts of every length, inlined and borrowed. */
static void texts_are_read_whole_whatever_their_length(void **state)
{
	(void)state;
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz";
	for (int length = 0; length <= 26; length++) {
		OWNED(arena) arena = arena_new();
		char *bytes = arena_printf(arena, "{\"a\":\"%.*s\"}", length, letters);
		assert_string_equal(
			read_text(text_of(bytes), "struct<a:string>", 1 << 20, all, 1, arena),
			arena_printf(arena, "'%.*s'\n0 bad, 0 values", length, letters));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_record_becomes_a_row),
		cmocka_unit_test(only_wanted_columns_are_filled),
		cmocka_unit_test(numbers_are_read_exactly_whatever_their_length),
		cmocka_unit_test(texts_are_read_whole_whatever_their_length),
		cmocka_unit_test(batches_end_at_their_size),
		cmocka_unit_test(threads_share_one_reader),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
