#include "formats/csv.h"

#include "base/buffer.h"
#include "schema/notation.h"
#include "tests/formats/csv_rows.h"
#include "tests/unit.h"

#include <stdio.h>

static struct csv_input over(struct text bytes)
{
	return (struct csv_input){.memory = bytes};
}

static void infer(const struct csv_input *input, unsigned threads, struct arena *arena,
	struct inferred *inferred)
{
	struct error err;
	*inferred = (struct inferred){0};
	assert_ok(csv_infer(input, threads, NULL, arena, inferred, &err), &err);
}

/* Bytes, what is inferred, and how many records are good and bad. */
struct row {
	const char *label;
	struct text bytes;
	const char *type;
	uint64_t rows, bad;
};
#define BYTES(literal)                       \
	{                                    \
		literal, sizeof(literal) - 1 \
	}

static const struct row table[] = {
	{"plain", BYTES("id,name\n1,a\n2,b\n"), "struct<id:bigint53,name:string>", 2, 0},
	{"no newline at the end", BYTES("id,name\n1,a\n2,b"), "struct<id:bigint53,name:string>", 2,
		0},
	{"CRLF", BYTES("id,name\r\n1,a\r\n\r\n2,b\r\n"), "struct<id:bigint53,name:string>", 2, 0},
	{"lone CR", BYTES("a,b,c\r1,2,3\r4,5,6\r"), "struct<a:bigint53,b:bigint53,c:bigint53>", 2,
		0},
	{"mixed line ends", BYTES("a,b\n1,2\r\n3,4\r5,6\n"), "struct<a:bigint53,b:bigint53>", 3, 0},
	{"quoted newline and delimiter",
		BYTES("id,text,n\n1,\"one\ntwo, three\",5\n2,\"say \"\"hi\"\"\",6\n3,plain,7\n"),
		"struct<id:bigint53,text:string,n:bigint53>", 3, 0},
	{"quote inside a field is a quote", BYTES("id,size\n1,5\" pipe\n2,6\" pipe\n"),
		"struct<id:bigint53,size:string>", 2, 0},
	{"backslash before a quote",
		BYTES("id,text\n1,\"a \\\"quoted\\\" word, yes\"\n2,\"b\"\n3,\"c\"\n"),
		"struct<id:bigint53,text:string>", 3, 0},
	{"single quotes", BYTES("'a','b'\n'1','x, y'\n'2','z'\n"), "struct<a:bigint53,b:string>", 2,
		0},
	{"apostrophes are no quotes", BYTES("a|b\n1|it's\n2|'tis\n"), "struct<a:bigint53,b:string>",
		2, 0},
	{"semicolons and decimal commas", BYTES("a;b\n1,5;x\n2,25;y\n3;z\n"),
		"struct<a:double,b:string>", 3, 0},
	{"commas that separate thousands", BYTES("a;b\n1,500;x\n2,250;y\n"),
		"struct<a:string,b:string>", 2, 0},
	{"tabs around prose", BYTES("id\tnote\n1\tSmith, John, and\n2\tDoe, Jane\n3\tx\n"),
		"struct<id:bigint53,note:string>", 3, 0},
	{"control-A without header",
		BYTES("1\x01x\x01"
		      "2.5\n2\x01y\x01"
		      "3.5\n"),
		"struct<col0:bigint53,col1:string,col2:double>", 2, 0},
	{"preamble", BYTES("Report of 2020\nSource: X, Y\n\nid,name,value\n1,A,2.5\n2,B,3\n"),
		"struct<id:bigint53,name:string,value:double>", 2, 0},
	{"comments", BYTES("# one\n# two, and\nid;v\n1;1,5\n# \"mid;\"\n2;2,25\n"),
		"struct<id:bigint53,v:double>", 2, 0},
	{"header behind a hash", BYTES("#id,name\n1,a\n2,b\n"), "struct<id:bigint53,name:string>",
		2, 0},
	{"short records, one long", BYTES("a,b,c\n1,2\n3,4,5\n6,7,8,9\n10,11,12,\n"),
		"struct<a:bigint53,b:bigint53,c:bigint53>", 3, 1},
	{"delimiter behind the last field", BYTES("a,b,\n1,2,\n3,4,\n"),
		"struct<a:bigint53,b:bigint53>", 2, 0},
	{"byte order mark", BYTES("\xef\xbb\xbfid,name\n1,a\n"), "struct<id:bigint53,name:string>",
		1, 0},
	{"UTF-16 without a mark",
		BYTES("i\0d\0,\0n\0\n\0"
		      "1\0,\0a\0\n\0"
		      "2\0,\0b\0\n\0"),
		"struct<id:bigint53,n:string>", 2, 0},
	{"Latin-1", BYTES("id,name\n1,caf\xe9\n2,M\xfcnchen\n"), "struct<id:bigint53,name:string>",
		2, 0},
	{"all texts, header in lower case", BYTES("name,city\nAnna,Paris\nBob,Rome\n"),
		"struct<name:string,city:string>", 2, 0},
	{"all texts, codes of one length", BYTES("Carrier,Label\n9E,Endeavor\nAA,American\n"),
		"struct<carrier:string,label:string>", 2, 0},
	{"values repeat in the first row: no header", BYTES("red,apple\nred,cherry\ngreen,apple\n"),
		"struct<col0:string,col1:string>", 3, 0},
	{"numbers over numbers: no header", BYTES("1,a\n2,b\n"),
		"struct<col0:bigint53,col1:string>", 2, 0},
	{"years over numbers: header", BYTES("country,1960,1961\nFR,1.5,2\nDE,4,5.5\n"),
		"struct<country:string,1960:double,1961:double>", 2, 0},
	{"names repeat or are empty", BYTES("a,A,,a \n1,2,3,4\n5,6,7,8\n"),
		"struct<a:bigint53,a_1:bigint53,col2:bigint53,a_2:bigint53>", 2, 0},
	{"codes stay texts", BYTES("zip,phone,big\n00701,+49151,1234567890123456789\n1,2,3\n"),
		"struct<zip:string,phone:string,big:string>", 2, 0},
	{"whole numbers past 2^53 beside fractions", BYTES("a,b\n9007199254740993,1\n1.5,2\n"),
		"struct<a:string,b:bigint53>", 2, 0},
	{"whole numbers past 2^53", BYTES("a,b\n9007199254740993,1\n1,2\n"),
		"struct<a:bigint,b:bigint53>", 2, 0},
	{"dates beside timestamps", BYTES("a,b\n2020-01-01,1\n2020-01-02T03:04:05Z,2\n"),
		"struct<a:timestamp,b:bigint53>", 2, 0},
	{"no such day", BYTES("a,b\n2020-02-30,1\n2020-01-02,2\n"), "struct<a:string,b:bigint53>",
		2, 0},
	{"booleans", BYTES("a,b\ntrue,1\nFALSE,2\n"), "struct<a:boolean,b:bigint53>", 2, 0},
	{"NA among numbers is null", BYTES("a,b\nNA,x\n5,y\n"), "struct<a:bigint53,b:string>", 2,
		0},
	{"two texts for null are one too many", BYTES("a,b\nNA,1\n?,2\n5,3\n"),
		"struct<a:string,b:bigint53>", 3, 0},
	{"empty between quotes is null for a number", BYTES("a,b\n\"\",x\n\"5\",\"\"\n"),
		"struct<a:bigint53,b:string>", 2, 0},
	{"nothing but nulls", BYTES("a,b\n,1\n,2\n"), "struct<a:null,b:bigint53>", 2, 0},
	{"text behind a closing quote", BYTES("a,b\n1,\"x\"y\n2,\"z\" \n3,w\n4,v\n5,u\n"),
		"struct<a:bigint53,b:string>", 4, 1},
	{"header alone", BYTES("id,name\n"), "struct<id:null,name:null>", 0, 0},
};

static void real_mess_is_understood(void **state)
{
	(void)state;
	unsigned wrong = 0;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		OWNED(arena) arena = arena_new();
		struct inferred inferred;
		struct csv_input input = over(table[i].bytes);
		infer(&input, 1, arena, &inferred);
		const char *type = type_text_exact(arena, inferred.row);
		if (strcmp(type, table[i].type) == 0 && inferred.rows == table[i].rows &&
			inferred.bad_records == table[i].bad)
			continue;
		print_error("%s: %s, %lu rows, %lu bad\n", table[i].label, type,
			(unsigned long)inferred.rows, (unsigned long)inferred.bad_records);
		wrong++;
	}
	assert_int_equal(wrong, 0);
}

/* What inference says, a reader delivers. */
static void reading_agrees_with_inference(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		OWNED(arena) arena = arena_new();
		struct inferred inferred;
		struct csv_input input = over(table[i].bytes);
		struct rows all;
		struct rows none;
		struct error err;
		infer(&input, 1, arena, &inferred);
		size_t columns = inferred.row->count;
		assert_ok(rows_read(&input, &inferred.dialect, inferred.row, columns, &all, &err),
			&err);
		assert_ok(rows_read(&input, &inferred.dialect, inferred.row, 0, &none, &err), &err);
		uint64_t nulls = 0;
		for (size_t c = 0; c < columns; c++)
			nulls += inferred.evidence[c].nulls;
		if (all.count != inferred.rows || none.count != inferred.rows || all.bad_values ||
			all.bad_records != inferred.bad_records || all.nulls != nulls)
			fail_msg("%s: %lu rows, %lu without columns, %lu nulls (%lu), %lu bad "
				 "values",
				table[i].label, (unsigned long)all.count, (unsigned long)none.count,
				(unsigned long)all.nulls, (unsigned long)nulls,
				(unsigned long)all.bad_values);
	}
}

static uint64_t seed;
static unsigned next_random(unsigned below)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(seed >> 33) % below;
}

static void add_random_field(struct buffer *out, unsigned kind)
{
	static const char *const pieces[] = {
		"a", "\"\"", ",", "\n", "\r\n", " ", "\xc3\xa9", "#", "long piece of text", ";"};
	switch (kind) {
	case 0:
		buffer_printf(out, "%u", next_random(100000));
		break;
	case 1:
		buffer_printf(out, "%u.%u", next_random(1000), next_random(1000));
		break;
	case 2:
		buffer_add_byte(out, '"');
		for (unsigned i = next_random(6); i > 0; i--)
			buffer_add_string(out, pieces[next_random(10)]);
		buffer_add_byte(out, '"');
		break;
	case 3:
		buffer_printf(out, "2020-%02u-%02u", next_random(12) + 1, next_random(28) + 1);
		break;
	default:
		buffer_printf(out, "word %u", next_random(100));
	}
}

static void add_random_table(struct buffer *out, unsigned lines)
{
	unsigned columns = 2 + next_random(5);
	unsigned kinds[8];
	for (unsigned c = 0; c < columns; c++) {
		kinds[c] = next_random(5);
		buffer_printf(out, "%sname_%u", c ? "," : "", c);
	}
	buffer_add_string(out, "\n");
	for (unsigned i = 0; i < lines; i++) {
		unsigned fields = next_random(40) ? columns : next_random(columns + 2) + 1;
		for (unsigned c = 0; c < fields; c++) {
			if (c)
				buffer_add_byte(out, ',');
			if (next_random(10))
				add_random_field(out, c < columns ? kinds[c] : 0);
		}
		if (next_random(200) == 0)
			buffer_add_string(out, "\"x\"y");
		buffer_add_string(out, next_random(3) ? "\n" : "\r\n");
	}
}

static void add_garbage(struct buffer *out)
{
	static const char bytes[] = "ab1.,,,\"\"\n\n\r;\t\\#' \xc3\xa9";
	for (unsigned i = next_random(400); i > 0; i--)
		buffer_add_byte(out, bytes[next_random(sizeof bytes - 1)]);
}

/* Inference and reading with these blocks and threads; the outcome as one text. */
static const char *outcome(
	struct arena *arena, struct text bytes, size_t block_bytes, unsigned threads)
{
	struct csv_input input = {.memory = bytes, .block_bytes = block_bytes};
	struct inferred inferred;
	struct rows rows;
	struct error err;
	infer(&input, threads, arena, &inferred);
	size_t columns = inferred.row->count < 60 ? inferred.row->count : 60;
	assert_ok(rows_read(&input, &inferred.dialect, inferred.row, columns, &rows, &err), &err);
	struct buffer SCOPED_BUFFER out;
	buffer_init(&out, 1 << 20);
	type_print_exact(inferred.row, &out);
	buffer_printf(&out, " %lu %lu |", (unsigned long)inferred.rows,
		(unsigned long)inferred.bad_records);
	for (size_t i = 0; i < inferred.bad_count; i++)
		buffer_printf(&out, " %lu:%lu %s", (unsigned long)inferred.bad[i].byte,
			(unsigned long)inferred.bad[i].record, inferred.bad[i].reason);
	for (size_t c = 0; c < inferred.evidence_count; c++) {
		const struct evidence *evidence = &inferred.evidence[c];
		buffer_printf(&out, " / %lu %lu", (unsigned long)evidence->values,
			(unsigned long)evidence->nulls);
		for (size_t a = 0; a < evidence->arm_count; a++)
			buffer_printf(&out, " %lu@%lu", (unsigned long)evidence->arms[a].values,
				(unsigned long)evidence->arms[a].byte);
	}
	buffer_printf(&out, " # %lu %lu %lx %lu %lu", (unsigned long)rows.count,
		(unsigned long)rows.nulls, (unsigned long)rows.hash, (unsigned long)rows.bad_values,
		(unsigned long)rows.bad_records);
	return arena_text(arena, buffer_text(&out));
}

static void blocks_and_threads_do_not_change_the_outcome(void **state)
{
	(void)state;
	static const size_t sizes[] = {1, 7, 64, 4096, 1 << 20};
	for (unsigned round = 0; round < 120; round++) {
		OWNED(arena) arena = arena_new();
		struct buffer SCOPED_BUFFER bytes;
		buffer_init(&bytes, 1 << 24);
		seed = round + 1;
		if (round % 3 == 2)
			add_garbage(&bytes);
		else
			add_random_table(&bytes, 60);
		const char *expected = outcome(arena, buffer_text(&bytes), 0, 1);
		for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
			unsigned threads = 1 + (round + (unsigned)i) % 2;
			const char *got = outcome(arena, buffer_text(&bytes), sizes[i], threads);
			if (strcmp(got, expected) != 0)
				fail_msg("round %u, blocks of %zu, %u threads:\n%s\n%s", round,
					sizes[i], threads, got, expected);
		}
	}
}

static void a_stray_quote_costs_its_own_line(void **state)
{
	(void)state;
	OWNED(arena) arena = arena_new();
	struct buffer SCOPED_BUFFER bytes;
	buffer_init(&bytes, 1 << 24);
	buffer_add_string(&bytes, "id,name\n");
	/* Behind the sample, so that the dialect cannot know. */
	for (unsigned i = 0; i < 30000; i++)
		buffer_printf(&bytes, "%u,\"name %u\"\n", i, i);
	size_t stray = bytes.length;
	buffer_add_string(&bytes, "30000,\"stray\n");
	for (unsigned i = 30001; i < 40000; i++)
		buffer_printf(&bytes, "%u,name %u\n", i, i);
	struct csv_input input = {
		.memory = buffer_text(&bytes), .block_bytes = 4096, .record_bytes_max = 20000};
	struct inferred inferred;
	infer(&input, 2, arena, &inferred);
	assert_string_equal(
		type_text_exact(arena, inferred.row), "struct<id:bigint53,name:string>");
	assert_int_equal(inferred.rows, 39999);
	assert_int_equal(inferred.bad_records, 1);
	assert_int_equal(inferred.bad[0].byte, stray);
	assert_int_equal(inferred.bad[0].record, 30000);
	assert_string_equal(inferred.bad[0].reason, "a quote is not closed");
}

static void a_record_over_the_limit_is_bad_and_memory_is_bounded(void **state)
{
	(void)state;
	OWNED(arena) arena = arena_new();
	struct buffer SCOPED_BUFFER bytes;
	buffer_init(&bytes, 1 << 24);
	buffer_add_string(&bytes, "id,name\n1,a\n2,");
	for (unsigned i = 0; i < 400000; i++)
		buffer_add_byte(&bytes, 'x');
	buffer_add_string(&bytes, "\n3,c\n");
	struct csv_input input = {
		.memory = buffer_text(&bytes), .block_bytes = 4096, .record_bytes_max = 20000};
	struct inferred inferred;
	infer(&input, 1, arena, &inferred);
	assert_int_equal(inferred.rows, 2);
	assert_int_equal(inferred.bad_records, 1);
	assert_int_equal(inferred.bad[0].byte, 12);
}

static void latin_1_far_behind_the_head_is_found(void **state)
{
	(void)state;
	OWNED(arena) arena = arena_new();
	struct buffer SCOPED_BUFFER bytes;
	buffer_init(&bytes, 1 << 24);
	buffer_add_string(&bytes, "id,name\n");
	for (unsigned i = 0; i < 40000; i++)
		buffer_printf(&bytes, "%u,name %u\n", i, i);
	buffer_add_string(&bytes, "40000,M\xfcnchen\n");
	struct csv_input input = over(buffer_text(&bytes));
	struct inferred inferred;
	infer(&input, 1, arena, &inferred);
	assert_string_equal(inferred.dialect.encoding, "latin-1");
	assert_int_equal(inferred.rows, 40001);
}

static void a_text_for_null_that_is_said_is_kept(void **state)
{
	(void)state;
	OWNED(arena) arena = arena_new();
	struct csv_input input = over(TEXT("id,price,day\n1,-999,2024-01-01\n2,2.5,-999\n"
					   "3,NA,2024-01-02\n-999,\"-999\",\n"));
	struct inferred inferred = {.dialect.null_text = "-999"};
	struct error err;
	assert_ok(csv_infer(&input, 1, NULL, arena, &inferred, &err), &err);
	assert_string_equal(inferred.dialect.null_text, "-999");
	assert_string_equal(
		type_text_exact(arena, inferred.row), "struct<id:bigint53,price:string,day:date>");
	assert_int_equal(inferred.evidence[0].nulls, 1);
	assert_int_equal(inferred.evidence[1].nulls, 1);
	assert_int_equal(inferred.evidence[2].nulls, 2);
}

struct one {
	struct rows_batch batch;
	size_t count;
	uint64_t bad_values;
	struct reader *reader;
	struct reader_state *state;
};

static void read_one(struct one *one, struct text bytes, const char *type, const size_t *projection,
	size_t projected, struct arena *arena)
{
	struct error err;
	struct csv_input input = over(bytes);
	struct read_request request = {.projection = projection, .projected = projected};
	assert_ok(type_parse(arena, text_of(type), &request.row, &err), &err);
	assert_ok(csv_reader_open(&input, &request, &one->reader, &err), &err);
	one->state = one->reader->ops->state_new(one->reader);
	rows_batch_init(&one->batch, request.row, projection, projected);
	rows_batch_clear(&one->batch);
	assert_ok(one->reader->ops->next(one->state, one->batch.vectors, &one->count, &err), &err);
	one->bad_values = one->reader->bad_values;
}

static void one_done(struct one *one)
{
	rows_batch_done(&one->batch);
	one->reader->ops->state_free(one->state);
	one->reader->ops->free(one->reader);
}

static void columns_are_found_by_name_and_missing_ones_are_null(void **state)
{
	(void)state;
	OWNED(arena) arena = arena_new();
	struct one one;
	const size_t projection[] = {2, 0, 1};
	read_one(&one, TEXT("B,x,A\n\"t\"\"wo\",5,1\nlonger than twelve,6,2\n"),
		"struct<a:bigint,gone:string,b:string>", projection, 3, arena);
	assert_int_equal(one.count, 2);
	assert_text_equal(rows_string(&one.batch.vectors[0], 0), "t\"wo");
	assert_text_equal(rows_string(&one.batch.vectors[0], 1), "longer than twelve");
	assert_int_equal(((int64_t *)one.batch.vectors[1].data)[1], 2);
	assert_true(rows_is_null(&one.batch.vectors[2], 0));
	assert_int_equal(one.bad_values, 0);
	one_done(&one);
}

static void texts_of_every_length_come_out_whole(void **state)
{
	(void)state;
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz";
	OWNED(arena) arena = arena_new();
	char bytes[1024] = "n,text,m\n";
	size_t at = strlen(bytes);
	for (size_t length = 0; length < 26; length++)
		at += (size_t)snprintf(
			bytes + at, sizeof bytes - at, "1,%.*s,2\n", (int)length, letters);
	struct one one;
	const size_t projection[] = {0};
	read_one(&one, (struct text){bytes, at}, "struct<text:string>", projection, 1, arena);
	assert_int_equal(one.count, 26);
	assert_true(rows_is_null(&one.batch.vectors[0], 0));
	for (size_t length = 1; length < 26; length++) {
		struct text got = rows_string(&one.batch.vectors[0], length);
		struct vector_string whole = vector_string_of((struct text){letters, length});
		const struct vector_string *string = one.batch.vectors[0].data;
		assert_true(text_equal(got, (struct text){letters, length}));
		if (length <= sizeof whole.inlined) /* zeros behind it: the engine compares all */
			assert_memory_equal(&string[length], &whole, sizeof whole);
	}
	one_done(&one);
}

static void a_value_of_another_type_is_null_and_counted(void **state)
{
	(void)state;
	OWNED(arena) arena = arena_new();
	struct one one;
	const size_t projection[] = {0, 1, 2, 3, 4, 5};
	read_one(&one,
		TEXT("a,b,c,d,e,f\n3.5,x,2020-13-01,maybe,300,1.234\n"
		     "7,2.5,2020-12-01,true,-128,1.230\n"),
		"struct<a:bigint,b:double,c:date,d:boolean,e:tinyint,f:decimal(5,2)>", projection,
		6, arena);
	assert_int_equal(one.count, 2);
	assert_int_equal(one.bad_values, 6);
	for (size_t c = 0; c < 6; c++) {
		assert_true(rows_is_null(&one.batch.vectors[c], 0));
		assert_false(rows_is_null(&one.batch.vectors[c], 1));
	}
	assert_int_equal(((int64_t *)one.batch.vectors[0].data)[1], 7);
	assert_true(((double *)one.batch.vectors[1].data)[1] == 2.5);
	assert_int_equal(((int32_t *)one.batch.vectors[2].data)[1], 18597);
	assert_int_equal(((int8_t *)one.batch.vectors[4].data)[1], -128);
	assert_int_equal(((int64_t *)one.batch.vectors[5].data)[1], 123);
	one_done(&one);
}

static void broken_utf_8_is_replaced_and_counted(void **state)
{
	(void)state;
	OWNED(arena) arena = arena_new();
	struct one one;
	const size_t projection[] = {1};
	read_one(&one, TEXT("a,b\n1,\xc3\xa9\xc3\xa9\n2,x\xffy\n"), "struct<a:bigint,b:string>",
		projection, 1, arena);
	assert_text_equal(rows_string(&one.batch.vectors[0], 0), "\xc3\xa9\xc3\xa9");
	assert_text_equal(rows_string(&one.batch.vectors[0], 1), "x\xef\xbf\xbdy");
	assert_int_equal(one.bad_values, 1);
	one_done(&one);
}

static void nested_types_are_refused_by_name(void **state)
{
	(void)state;
	OWNED(arena) arena = arena_new();
	struct error err;
	struct reader *reader = NULL;
	const size_t projection[] = {0};
	struct csv_input input = over(TEXT("a,b\n1,2\n"));
	struct read_request request = {.projection = projection, .projected = 1};
	assert_ok(type_parse(arena, TEXT("struct<a:array<int>>"), &request.row, &err), &err);
	assert_int_equal(csv_reader_open(&input, &request, &reader, &err), STATUS_UNIMPLEMENTED);
	assert_non_null(strstr(err.message, "column 'a'"));
}

static void what_is_no_table_is_not_called_csv(void **state)
{
	(void)state;
	static const struct {
		const char *label;
		struct text head;
		double certainty;
	} rows[] = {
		{"table", BYTES("a,b\n1,2\n3,4\n"), 1},
		{"prose", BYTES("Dear all,\nthis, as you know, is\nno table.\nYours, A\n"), 0},
		{"one column", BYTES("a\n1\n2\n"), 0},
		{"one line", BYTES("a,b\n"), 0},
		{"markup", BYTES("<a>1,2</a>\n<a>3,4</a>\n"), 0},
		{"program", BYTES("int f(void)\n{\n\tint a;\n\tint b;\n\treturn 1;\n}\n"), 0},
		{"access log",
			BYTES("1.2.3.4 - - [01/Jan/2024:00:00:01 +0000] \"GET / HTTP/1.1\" 200 5\n"
			      "1.2.3.5 - - [01/Jan/2024:00:00:02 +0000] \"GET /a HTTP/1.1\" 404 9\n"
			      "1.2.3.6 - - [01/Jan/2024:00:00:03 +0000] \"GET /b HTTP/1.1\" 200 "
			      "7\n"),
			0},
		{"nothing", BYTES(""), 0},
		{"binary", BYTES("\x02,\x03\n\x04,\x05\n\x06,\x07\n"), 0},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		double got = format_csv.classify(NULL, rows[i].head, rows[i].head, true);
		if (got != rows[i].certainty)
			fail_msg("%s: %g", rows[i].label, got);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(real_mess_is_understood),
		cmocka_unit_test(reading_agrees_with_inference),
		cmocka_unit_test(blocks_and_threads_do_not_change_the_outcome),
		cmocka_unit_test(a_stray_quote_costs_its_own_line),
		cmocka_unit_test(a_record_over_the_limit_is_bad_and_memory_is_bounded),
		cmocka_unit_test(latin_1_far_behind_the_head_is_found),
		cmocka_unit_test(a_text_for_null_that_is_said_is_kept),
		cmocka_unit_test(columns_are_found_by_name_and_missing_ones_are_null),
		cmocka_unit_test(texts_of_every_length_come_out_whole),
		cmocka_unit_test(a_value_of_another_type_is_null_and_counted),
		cmocka_unit_test(broken_utf_8_is_replaced_and_counted),
		cmocka_unit_test(nested_types_are_refused_by_name),
		cmocka_unit_test(what_is_no_table_is_not_called_csv),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
