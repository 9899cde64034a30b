#include "tests/unit.h"

#include "base/buffer.h"
#include "base/memory.h"
#include "formats/json.h"
#include "schema/notation.h"

#include <stdio.h>
#include <stdlib.h>

/* Everything an inference says, as text, to compare and to show. */
static char *told(struct arena *arena, const struct inferred *inferred, bool evidence)
{
	struct buffer SCOPED_BUFFER out;
	buffer_init(&out, 1 << 24);
	buffer_printf(&out, "%llu+%llu ", (unsigned long long)inferred->rows,
		(unsigned long long)inferred->bad_records);
	type_print_exact(inferred->row, &out);
	for (size_t i = 0; evidence && i < inferred->evidence_count; i++) {
		const struct evidence *seen = &inferred->evidence[i];
		buffer_printf(&out, "\n%.*s %llu/%llu", TEXT_ARG(seen->path),
			(unsigned long long)seen->values, (unsigned long long)seen->nulls);
		for (size_t a = 0; a < seen->arm_count; a++) {
			buffer_add_string(&out, " ");
			type_print_exact(seen->arms[a].type, &out);
			buffer_printf(&out, ":%llu@%llu'%.*s'",
				(unsigned long long)seen->arms[a].values,
				(unsigned long long)seen->arms[a].byte,
				TEXT_ARG(seen->arms[a].sample));
		}
	}
	for (size_t i = 0; evidence && i < inferred->bad_count; i++)
		buffer_printf(&out, "\nbad %llu@%llu %s '%.*s'",
			(unsigned long long)inferred->bad[i].record,
			(unsigned long long)inferred->bad[i].byte, inferred->bad[i].reason,
			TEXT_ARG(inferred->bad[i].sample));
	return arena_text(arena, buffer_text(&out));
}

static enum status infer(struct text bytes, unsigned threads, size_t block_bytes,
	struct arena *arena, struct inferred *inferred, struct error *err)
{
	OWNED(source) source = NULL;
	struct json_inference how = {
		.file = TEXT("/x"), .threads = threads, .block_bytes = block_bytes};
	TRY(source_open_memory(bytes, &source, err));
	TRY(json_shape_read(source, &how.shape, &inferred->dialect.encoding, err));
	return json_infer_source(TAKE(source), &how, arena, inferred, err);
}

static char *inferred_text(
	struct text bytes, unsigned threads, size_t block_bytes, bool evidence, struct arena *arena)
{
	struct error err;
	struct inferred inferred = {0};
	assert_ok(infer(bytes, threads, block_bytes, arena, &inferred, &err), &err);
	return told(arena, &inferred, evidence);
}

static const struct row {
	const char *label;
	struct text bytes;
	const char *told; /* rows+bad records, exact row type */
} rows[] = {
	{"numbers by size", TEXT("{\"a\":1,\"b\":2147483648,\"c\":9007199254740993,\"d\":-0.5}"),
		"1+0 struct<a:int,b:bigint53,c:bigint,d:double>"},
	{"the edges of numbers",
		TEXT("{\"a\":-2147483648,\"b\":-2147483649,\"c\":9007199254740992,"
		     "\"d\":-9223372036854775808,\"e\":9223372036854775808}"),
		"1+0 struct<a:int,b:bigint53,c:bigint53,d:bigint,e:decimal(19,0)>"},
	{"more than 64 bits is decimal, more than 38 digits double",
		TEXT("{\"a\":12345678901234567890123,"
		     "\"b\":1234567890123456789012345678901234567890}"),
		"1+0 struct<a:decimal(23,0),b:double>"},
	{"an exponent is double", TEXT("{\"a\":1e3}"), "1+0 struct<a:double>"},
	{"a map's repeated keys, a predicted key in another object",
		TEXT("{\"a\":{\"b\":1},\"b\":{\"b\":1.5,\"b\":2}}\n{\"b\":null,\"a\":null}\n"),
		"2+0 struct<a:struct<b:int>,b:struct<b:int>>"},
	{"words and strings", TEXT("{\"a\":true,\"b\":\"2020-01-01\",\"c\":null}"),
		"1+0 struct<a:boolean,b:string,c:null>"},
	{"int and double widen", TEXT("{\"a\":1}\n{\"a\":1.5}\n"), "2+0 struct<a:double>"},
	{"int and string do not", TEXT("{\"a\":1}\n{\"a\":\"x\"}\n"),
		"2+0 struct<a:choice<int,string>>"},
	{"int and boolean do not", TEXT("{\"a\":1}\n{\"a\":true}\n"),
		"2+0 struct<a:choice<boolean,int>>"},
	{"null joins anything", TEXT("{\"a\":null}\n{\"a\":[]}\n{\"a\":[1]}\n"),
		"3+0 struct<a:array<int>>"},
	{"an empty array knows nothing", TEXT("{\"a\":[]}"), "1+0 struct<a:array<null>>"},
	{"nor does an empty object", TEXT("{\"a\":{}}"), "1+0 struct<a:null>"},
	{"structs join by field", TEXT("{\"a\":{\"x\":1}}\n{\"a\":{\"y\":[{\"z\":\"\"}]}}\n"),
		"2+0 struct<a:struct<x:int,y:array<struct<z:string>>>>"},
	{"keys fold", TEXT("{\"Place\":1}\n{\"place\":2,\"PLACE2\":3}\n"),
		"2+0 struct<place:int,place2:int>"},
	{"escaped keys are the same keys", TEXT("{\"a\":1}\n{\"\\u0061\":2.5}\n"),
		"2+0 struct<a:double>"},
	{"an empty key has a name", TEXT("{\"\":1}"), "1+0 struct<_:int>"},
	{"the last of repeated keys wins", TEXT("{\"a\":\"x\",\"a\":1}"), "1+0 struct<a:int>"},
	{"also with another case and nested",
		TEXT("{\"a\":{\"b\":\"x\",\"B\":true},\"A\":{\"b\":1}}"),
		"1+0 struct<a:struct<b:int>>"},
	{"blank lines and CRLF", TEXT("\r\n{\"a\":1}\r\n\r\n{\"a\":2}"), "2+0 struct<a:int>"},
	{"a byte order mark", TEXT("\xef\xbb\xbf{\"a\":1}"), "1+0 struct<a:int>"},
	{"UTF-16",
		TEXT("\xff\xfe{\0\"\0a\0\"\0:\0"
		     "1\0}\0"),
		"1+0 struct<a:int>"},
	{"values in one line", TEXT("{\"a\":1}{\"a\":2} {\"a\":3}"), "3+0 struct<a:int>"},
	{"values over lines", TEXT("{\n \"a\": 1\n}\n{\n \"a\": {\n  \"b\": \"}{\"\n }\n}\n"),
		"2+0 struct<a:choice<int,struct<b:string>>>"},
	{"an array of objects", TEXT("[{\"a\":1}, {\"a\":2.5}\n]\n"), "2+0 struct<a:double>"},
	{"an empty array", TEXT("[]"), "0+0 struct<>"},
	{"arrays of objects, one per line", TEXT("[{\"a\":1},{\"a\":2}]\n[{\"a\":3}]\n"),
		"3+0 struct<a:int>"},
	{"an array of arrays", TEXT("[[1,2],[3]]"), "2+0 struct<record:array<int>>"},
	{"an array of scalars", TEXT("[1,\"a\"]"), "2+0 struct<record:choice<int,string>>"},
	{"arrays in lines", TEXT("[1,2]\n[3]\n"), "2+0 struct<record:array<int>>"},
	/* Bad records lose themselves, and nothing of them is counted. */
	{"a bad line", TEXT("{\"a\":1}\n{\"a\":\"x\",\"b\":tru}\n{\"a\":2}\n"),
		"2+1 struct<a:int>"},
	{"NaN", TEXT("{\"a\":1}\n{\"a\":NaN}\n"), "1+1 struct<a:int>"},
	{"a trailing comma", TEXT("{\"a\":1,}\n{\"a\":[1,]}\n{\"a\":2}\n{\"a\":3}"),
		"2+2 struct<a:int>"},
	{"a leading zero, a bare dot, a bare minus",
		TEXT("{\"a\":01}\n{\"a\":1.}\n{\"a\":-}\n{\"a\":2}\n{\"a\":2}\n{\"a\":2}\n"),
		"3+3 struct<a:int>"},
	{"half a surrogate pair", TEXT("{\"a\":\"\\ud800\"}\n{\"a\":\"\\ud83d\\ude00\"}\n"),
		"1+1 struct<a:string>"},
	{"bad UTF-8", TEXT("{\"a\":\"\xff\"}\n{\"a\":\"\xc3\xa9\"}\n"), "1+1 struct<a:string>"},
	{"a control character", TEXT("{\"a\":\"\x01\"}\n{\"a\":1}\n"), "1+1 struct<a:int>"},
	{"a line that is no object", TEXT("{\"a\":1}\n7\n{\"a\":2}\n"), "2+1 struct<a:int>"},
	{"a line without its end", TEXT("{\"a\":1}\n{\"a\":\n{\"a\":2}\n{\"a\":3}\n"),
		"3+1 struct<a:int>"},
	{"a bad value over lines, its brace closed",
		TEXT("{\n\"a\": 1\n}\n{\n\"a\": x\n}\n{\n\"a\": 2\n}\n"), "2+1 struct<a:int>"},
	{"a value over lines, its brace missing",
		TEXT("{\n \"a\": 1\n}\n{\n \"a\": {\n}\n{\n \"a\": 2\n}\n{\n \"a\": 3\n}\n"),
		"3+1 struct<a:int>"},
	{"text between values", TEXT("{\n\"a\":1\n}\nnoise {\"a\":2}"), "2+1 struct<a:int>"},
	{"a bad element", TEXT("[{\"a\":1},{\"a\":x},{\"a\":2}]"), "2+1 struct<a:int>"},
	{"an element's bracket that closes nothing", TEXT("[{\"a\":1},{\"a\":2]},{\"a\":3}]"),
		"2+1 struct<a:int>"},
	{"an array without its end", TEXT("[{\"a\":1},{\"a\":2}"), "2+1 struct<a:int>"},
	{"text behind an array", TEXT("[{\"a\":1}]\n[{\"a\":2}] x"), "2+1 struct<a:int>"},
	{"an element that is missing", TEXT("[{\"a\":1},,{\"a\":2}]"), "2+1 struct<a:int>"},
};

static void a_file_has_the_type_of_its_values(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		OWNED(arena) arena = arena_new();
		const char *got = inferred_text(rows[i].bytes, 1, 1 << 20, false, arena);
		if (strcmp(got, rows[i].told) != 0)
			fail_msg("%s: %s", rows[i].label, got);
	}
}

static void blocks_and_threads_do_not_change_what_is_found(void **state)
{
	(void)state;
	static const size_t sizes[] = {1, 7, 64, 1 << 20};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		OWNED(arena) arena = arena_new();
		const char *one = inferred_text(rows[i].bytes, 1, 1 << 20, true, arena);
		for (size_t s = 0; s < 4; s++) {
			for (unsigned threads = 1; threads <= 2; threads++) {
				const char *other = inferred_text(
					rows[i].bytes, threads, sizes[s], true, arena);
				if (strcmp(one, other) != 0)
					fail_msg("%s, blocks of %zu, %u threads:\n%s\nis not\n%s",
						rows[i].label, sizes[s], threads, other, one);
			}
		}
	}
}

static void evidence_names_the_first_value_of_each_type(void **state)
{
	(void)state;
	OWNED(arena) arena = arena_new();
	assert_string_equal(inferred_text(TEXT("{\"a\":{\"b\":[1,\"x\"]}}\n"
					       "{\"a\":{\"b\":[null,2,\"y\"]}}\n"
					       "oops\n"),
				    1, 1 << 20, true, arena),
		"2+1 struct<a:struct<b:array<choice<int,string>>>>"
		"\na 2/0 struct<b:array<choice<int,string>>>:2@0'{\"b\":[1,\"x\"]}'"
		"\na.b 2/0 array<choice<int,string>>:2@0'[1,\"x\"]'"
		"\na.b.element 4/1 int:2@0'1' string:2@0'x'"
		"\nbad 2@45 a record is not an object 'oops'");
}

/* `count` members "k<i>":<i>. */
static void add_keys(struct buffer *out, const char *open, int from, int count, const char *close)
{
	buffer_add_string(out, open);
	for (int i = from; i < from + count; i++)
		buffer_printf(out, "%s\"k%d\":%d", i > from ? "," : "", i, i);
	buffer_add_string(out, close);
}

static void an_object_with_too_many_keys_is_a_map(void **state)
{
	(void)state;
	struct buffer SCOPED_BUFFER out;
	buffer_init(&out, 1 << 24);
	add_keys(&out, "{\"m\":{", 0, 700, "}}\n");
	add_keys(&out, "{\"m\":{", 500, 700, "}}\n");
	buffer_add_string(&out, "{\"m\":{\"k0\":1.5,\"k7\":\"x\",\"k8\":tru}}\n");
	buffer_add_string(&out, "{\"m\":{\"other\":1.5}}\n");
	OWNED(arena) arena = arena_new();
	char *one = inferred_text(buffer_text(&out), 1, 1 << 20, false, arena);
	assert_string_equal(one, "3+1 struct<m:map<string,double>>");
	assert_string_equal(inferred_text(buffer_text(&out), 1, 100, true, arena),
		inferred_text(buffer_text(&out), 2, 1, true, arena));
}

static void too_many_columns_are_refused_by_name(void **state)
{
	(void)state;
	struct buffer SCOPED_BUFFER out;
	buffer_init(&out, 1 << 24);
	add_keys(&out, "{", 0, LIMIT_COLUMNS + 1, "}\n");
	OWNED(arena) arena = arena_new();
	struct inferred inferred = {0};
	struct error err;
	assert_int_equal(infer(buffer_text(&out), 1, 1 << 20, arena, &inferred, &err),
		STATUS_RESOURCE_EXHAUSTED);
	assert_non_null(strstr(err.message, "10000 columns"));
}

static void deep_records_are_bad_records(void **state)
{
	(void)state;
	struct buffer SCOPED_BUFFER out;
	buffer_init(&out, 1 << 24);
	buffer_add_string(&out, "{\"a\":1}\n");
	for (int depth = 60; depth < 100000; depth += 99940 - 60) {
		buffer_add_string(&out, "{\"a\":");
		for (int i = 0; i < depth; i++)
			buffer_add_byte(&out, '[');
		for (int i = 0; i < depth; i++)
			buffer_add_byte(&out, ']');
		buffer_add_string(&out, "}\n");
	}
	OWNED(arena) arena = arena_new();
	const char *got = inferred_text(buffer_text(&out), 1, 1 << 20, false, arena);
	assert_int_equal(strncmp(got, "2+1 struct<a:choice<int,array<", 30), 0);
}

/* Each level names its key twice: taking back without a bound would cost 2^60. */
static void repeated_keys_cost_a_bounded_time(void **state)
{
	(void)state;
	struct buffer SCOPED_BUFFER out;
	buffer_init(&out, 1 << 24);
	for (int i = 0; i < 60; i++)
		buffer_add_string(&out, "{\"a\":");
	buffer_add_string(&out, "1");
	for (int i = 0; i < 60; i++)
		buffer_add_string(&out, ",\"a\":1}");
	buffer_add_string(&out, "\n{\"b\":1}\n");
	OWNED(arena) arena = arena_new();
	assert_string_equal(
		inferred_text(buffer_text(&out), 1, 1 << 20, false, arena), "1+1 struct<b:int>");
}

static void garbage_gives_the_same_whatever_the_blocks(void **state)
{
	(void)state;
	static const char *const pieces[] = {"{", "}", "[", "]", "\"", ",", ":", "\n", "\n", " ",
		"\\", "\"a\"", "\"b\":1", "{\"a\":1}", "{\"a\":\"x\"}\n", "1", "null", "},\n{",
		"{\n\"a\":[", "\"k\\u0041\":", "\xc3\xa9"};
	srand(7);
	for (int round = 0; round < 3000; round++) {
		struct buffer SCOPED_BUFFER out;
		buffer_init(&out, 1 << 20);
		buffer_add_string(&out, round % 3 == 0	 ? "{\"a\":1}\n"
					: round % 3 == 1 ? "[{\"a\":"
							 : "{\n\"a\":");
		for (int i = 0, count = rand() % 60; i < count; i++)
			buffer_add_string(&out, pieces[rand() % 21]);
		OWNED(arena) arena = arena_new();
		const char *one = inferred_text(buffer_text(&out), 1, 1 << 20, true, arena);
		const char *other = inferred_text(buffer_text(&out), 1 + (unsigned)rand() % 2,
			1 + (size_t)rand() % 9, true, arena);
		if (strcmp(one, other) != 0)
			fail_msg("<<%.*s>>\n%s\nis not\n%s", TEXT_ARG(buffer_text(&out)), other,
				one);
	}
}

static const char *kind_of_nines(int digits)
{
	static const char *const kinds[] = {"int", "bigint53", "bigint", "decimal", "double"};
	return kinds[digits > 38 ? 4 : digits > 18 ? 3 : digits > 15 ? 2 : digits > 9];
}

/* `good`: the type of each; NULL when the record is bad. */
static void check_number(const char *number, const char *good)
{
	OWNED(arena) arena = arena_new();
	char *bytes = arena_printf(arena, "{\"a\":%s,\"b\":[%s]}\n", number, number);
	const char *got = inferred_text(text_of(bytes), 1, 1 << 20, false, arena);
	const char *told = good ? arena_printf(arena, "1+0 struct<a:%s,b:array<%s>>", good, good)
				: "0+1 struct<>";
	if (strcmp(got, told) != 0)
		fail_msg("%s: %s", number, got);
}

static void a_number_is_told_whatever_its_length(void **state)
{
	(void)state;
	for (int digits = 1; digits <= 45; digits++) {
		OWNED(arena) arena = arena_new();
		char *nines = arena_text(
			arena, (struct text){"999999999999999999999999999999999999999999999",
				       (size_t)digits});
		const char *kind = kind_of_nines(digits);
		if (strcmp(kind, "decimal") == 0)
			kind = arena_printf(arena, "decimal(%d,0)", digits);
		check_number(nines, kind);
		check_number(arena_printf(arena, "-%s", nines), kind);
		check_number(arena_printf(arena, "%s.%s", nines, nines), "double");
		check_number(arena_printf(arena, "0.%s", nines), "double");
		check_number(arena_printf(arena, "-%s.0", nines), "double");
		check_number(arena_printf(arena, "%se5", nines), "double");
		check_number(arena_printf(arena, "%s.5E-1", nines), "double");
		check_number(arena_printf(arena, "0%s", nines), NULL);
		check_number(arena_printf(arena, "%s.", nines), NULL);
		check_number(arena_printf(arena, "%s.e1", nines), NULL);
		check_number(arena_printf(arena, "%s..1", nines), NULL);
		check_number(arena_printf(arena, "%s.1.1", nines), NULL);
		check_number(arena_printf(arena, "%se", nines), NULL);
		check_number(arena_printf(arena, "%s.1e+", nines), NULL);
		check_number(arena_printf(arena, "--%s", nines), NULL);
		check_number(arena_printf(arena, "%sx", nines), NULL);
	}
}

static void a_string_is_told_wherever_it_stops_to_be_plain(void **state)
{
	(void)state;
	static const struct {
		const char *piece;
		bool good;
	} pieces[] = {{"", true}, {"\\\"", true}, {"\\\\", true}, {"\\u00e9", true},
		{"\xc3\xa9", true}, {"\xf0\x9f\x98\x80", true}, {"\x7f", true}, {"\x01", false},
		{"\t", false}, {"\xff", false}, {"\xc3", false}, {"\\x", false}, {"\"", false}};
	for (int before = 0; before < 40; before++) {
		for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
			OWNED(arena) arena = arena_new();
			char *bytes = arena_printf(arena, "{\"a\":\"%.*s%s%.*s\",\"z\":1}\n",
				before, "----------------------------------------", pieces[i].piece,
				39 - before, "----------------------------------------");
			const char *got = inferred_text(text_of(bytes), 1, 1 << 20, false, arena);
			if (strcmp(got, pieces[i].good ? "1+0 struct<a:string,z:int>"
						       : "0+1 struct<>") != 0)
				fail_msg("'%s' behind %d: %s", pieces[i].piece, before, got);
		}
	}
}

/* Of keys that differ in one byte none is taken for another that is predicted. */
static void a_key_is_itself_whatever_its_length(void **state)
{
	(void)state;
	static const char *const colons[] = {":", ": ", " : ", ":\t  "};
	for (int length = 1; length <= 60; length++) {
		struct buffer SCOPED_BUFFER out;
		buffer_init(&out, 1 << 20);
		for (int at = -1; at < 2 * length; at++) {
			char key[64] = "";
			memset(key, 'k', (size_t)length);
			if (at >= 0)
				key[at / 2] = 'x';
			buffer_printf(&out, "{\"%s\"%s1}\n", key, colons[at < 0 ? 0 : at % 4]);
		}
		OWNED(arena) arena = arena_new();
		struct inferred inferred = {0};
		struct error err;
		assert_ok(infer(buffer_text(&out), 1, 1 << 20, arena, &inferred, &err), &err);
		assert_int_equal(inferred.row->count, length + 1);
		for (size_t i = 0; i < inferred.evidence_count; i++)
			assert_int_equal(inferred.evidence[i].values, i ? 2 : 1);
	}
}

static void absent_and_moved_keys_are_counted(void **state)
{
	(void)state;
	enum { KEYS = 8, SETS = 1 << KEYS };
	struct buffer SCOPED_BUFFER out;
	buffer_init(&out, 1 << 20);
	for (int set = SETS - 1; set >= 0; set--) {
		const char *open = "{";
		for (int i = 0; i < KEYS; i++) {
			int key = set % 2 ? i : KEYS - 1 - i;
			if (!(set >> key & 1))
				continue;
			buffer_printf(&out, "%s\"key%d\":%d", open, key, key);
			open = set % 3 ? ", " : ",";
		}
		buffer_add_string(&out, *open == '{' ? "{}\n" : "}\n");
	}
	OWNED(arena) arena = arena_new();
	struct inferred inferred = {0};
	struct error err;
	assert_ok(infer(buffer_text(&out), 1, 1 << 20, arena, &inferred, &err), &err);
	assert_int_equal(inferred.rows, SETS);
	assert_int_equal(inferred.evidence_count, KEYS);
	for (size_t i = 0; i < KEYS; i++)
		assert_int_equal(inferred.evidence[i].values, SETS / 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_has_the_type_of_its_values),
		cmocka_unit_test(blocks_and_threads_do_not_change_what_is_found),
		cmocka_unit_test(evidence_names_the_first_value_of_each_type),
		cmocka_unit_test(an_object_with_too_many_keys_is_a_map),
		cmocka_unit_test(too_many_columns_are_refused_by_name),
		cmocka_unit_test(deep_records_are_bad_records),
		cmocka_unit_test(repeated_keys_cost_a_bounded_time),
		cmocka_unit_test(a_number_is_told_whatever_its_length),
		cmocka_unit_test(a_string_is_told_wherever_it_stops_to_be_plain),
		cmocka_unit_test(a_key_is_itself_whatever_its_length),
		cmocka_unit_test(absent_and_moved_keys_are_counted),
		cmocka_unit_test(garbage_gives_the_same_whatever_the_blocks),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
