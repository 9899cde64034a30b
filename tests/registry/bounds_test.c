#include "tests/unit.h"

#include "base/clock.h"
#include "base/limits.h"
#include "registry/registry.h"

#include <stdio.h>

/* What a definition can do to the daemon: nothing but be refused, soon. */

#define AVRO	 TENON__V1__DATA_FORMAT__DATA_FORMAT_AVRO
#define JSON	 TENON__V1__DATA_FORMAT__DATA_FORMAT_JSON
#define PROTOBUF TENON__V1__DATA_FORMAT__DATA_FORMAT_PROTOBUF

static struct text repeated(
	struct arena *arena, const char *head, const char *unit, size_t count, const char *tail)
{
	struct buffer SCOPED_BUFFER out;
	buffer_init(&out, 1 << 20);
	buffer_add_string(&out, head);
	for (size_t i = 0; i < count; i++)
		buffer_add_string(&out, unit);
	buffer_add_string(&out, tail);
	return arena_copy(arena, buffer_text(&out));
}

static void what_is_no_definition_is_refused_with_its_place(void **state)
{
	(void)state;
	static const struct {
		Tenon__V1__DataFormat format;
		const char *text;
		const char *said;
	} rows[] = {
		{AVRO, "", "empty"},
		{AVRO, " \n\t", "empty"},
		{AVRO, "\"x", "does not end"},
		{AVRO, "{\"type\":\"int\",}", "byte 14"},
		{AVRO, "{\"type\":\"int\",\"type\":\"int\"}", "twice"},
		{AVRO, "\"in\\u0000t\"", "\\u0000"},
		{AVRO, "\"\\ud800\"", "surrogate"},
		{AVRO, "01", "byte"},
		{AVRO, "\"unknown\"", "'unknown'"},
		{AVRO, "[\"int\",\"int\"]", "twice in a union"},
		{AVRO, "[[\"int\"]]", "hold a union"},
		{AVRO, "[]", "branch"},
		{AVRO, "{\"type\":\"record\",\"name\":\"9\",\"fields\":[]}", "no name"},
		{AVRO, "{\"type\":\"record\",\"name\":\"r\",\"fields\":{}}", "'fields'"},
		{AVRO,
			"{\"type\":\"record\",\"name\":\"r\",\"fields\":[{\"name\":\"a\",\"type\":"
			"\"int\"},{\"name\":\"a\",\"type\":\"int\"}]}",
			"twice"},
		{AVRO,
			"{\"type\":\"record\",\"name\":\"r\",\"fields\":[{\"name\":\"a\",\"type\":"
			"\"int\",\"default\":\"1\"}]}",
			"default"},
		{AVRO,
			"{\"type\":\"record\",\"name\":\"r\",\"fields\":[{\"name\":\"a\",\"type\":"
			"\"int\",\"default\":2147483648}]}",
			"default"},
		{AVRO, "{\"type\":\"enum\",\"name\":\"e\",\"symbols\":[\"A\",\"A\"]}", "twice"},
		{AVRO, "{\"type\":\"enum\",\"name\":\"e\",\"symbols\":[\"A\"],\"default\":\"B\"}",
			"default"},
		{AVRO, "{\"type\":\"fixed\",\"name\":\"f\",\"size\":-1}", "'size'"},
		{AVRO, "{\"type\":\"record\",\"name\":\"int\",\"fields\":[]}", "simple type"},
		{JSON, "3", "no schema"},
		{JSON, "{\"minLength\":-1}", "'minLength'"},
		{JSON, "{\"required\":\"a\"}", "'required'"},
		{JSON, "{\"properties\":[]}", "'properties'"},
		{JSON, "{\"items\":3}", "no schema"},
		{JSON, "{\"enum\":[]}", "'enum'"},
		{JSON, "{\"multipleOf\":0}", "'multipleOf'"},
		{JSON, "{\"$ref\":\"http://example.com/x.json\"}", "leads to nothing"},
		{JSON, "{\"$ref\":\"#/definitions/a\",\"definitions\":{\"a\":{\"$ref\":\"#\"}}}",
			"itself"},
		{JSON, "{\"allOf\":[{\"$ref\":\"#\"}]}", "itself"},
		{PROTOBUF, "message", "line 1"},
		{PROTOBUF, "syntax = \"proto3\"; message M { int32 a = 0; }", "field number"},
		{PROTOBUF, "syntax = \"proto3\"; message M { int32 a = 536870912; }",
			"field number"},
		{PROTOBUF, "syntax = \"proto3\"; message M { int32 a = 19500; }", "19000"},
		{PROTOBUF, "syntax = \"proto3\"; message M { int32 a = 1; int32 b = 1; }", "twice"},
		{PROTOBUF, "syntax = \"proto3\"; message M { int32 a = 1; int32 a = 2; }", "twice"},
		{PROTOBUF, "syntax = \"proto3\"; message M { reserved 1 to 5; int32 a = 3; }",
			"reserved"},
		{PROTOBUF, "syntax = \"proto3\"; message M { required int32 a = 3; }", "required"},
		{PROTOBUF, "syntax = \"proto3\"; message M { X a = 3; }", "'X'"},
		{PROTOBUF, "syntax = \"proto3\"; message M {\n/* ", "line 2"},
		{PROTOBUF, "syntax = \"proto3\"; enum E { A = 1; } message M { }", "0"},
		{PROTOBUF, "syntax = \"proto3\"; import \"x.proto\"; message M { }", "'x.proto'"},
		{PROTOBUF, "syntax = \"proto4\"; message M { }", "'proto4'"},
		{PROTOBUF, "edition = \"2023\"; message M { }", "editions"},
		{PROTOBUF, "syntax = \"proto3\"; enum E { A = 0; }", "no message"},
		{PROTOBUF, "syntax = \"proto3\"; message M { string a = 1; ", "'"},
		{PROTOBUF, "syntax = \"proto2\"; message M { option a = b ]; }", "';' belongs"},
		{PROTOBUF, "syntax = \"proto3\"; message M { option a b { c = 1 }; }",
			"';' belongs"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		OWNED(arena) arena = arena_new();
		const struct definition *definition;
		struct error err;
		enum status status = definition_parse(
			arena, rows[i].format, text_of(rows[i].text), &definition, &err);
		if (status != STATUS_INVALID_ARGUMENT || !strstr(err.message, rows[i].said))
			fail_msg("%s: %s", rows[i].text,
				status == STATUS_OK ? "was read" : err.message);
	}
}

static void what_is_too_deep_or_too_long_is_refused(void **state)
{
	(void)state;
	static const struct {
		Tenon__V1__DataFormat format;
		const char *head;
		const char *unit;
		size_t count;
		const char *tail;
	} rows[] = {
		{AVRO, "", "[", 10000, ""},
		{AVRO, "", "{\"type\":\"array\",\"items\":", 5000, "\"int\""},
		{AVRO, "\"", "a", LIMIT_DEFINITION_BYTES, "\""},
		{JSON, "", "{\"not\":", 10000, ""},
		{JSON, "", "[", 160000, ""},
		{PROTOBUF, "syntax = \"proto3\"; ", "message M { ", 10000, ""},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		OWNED(arena) arena = arena_new();
		const struct definition *definition;
		struct error err;
		struct text text =
			repeated(arena, rows[i].head, rows[i].unit, rows[i].count, rows[i].tail);
		assert_int_equal(definition_parse(arena, rows[i].format, text, &definition, &err),
			STATUS_RESOURCE_EXHAUSTED);
	}
}

/* "definitions" of which each leads on to the next, `count` of them. */
static struct text chain(struct arena *arena, size_t count, const char *between)
{
	struct buffer SCOPED_BUFFER out;
	buffer_init(&out, 1 << 20);
	buffer_add_string(&out, "{\"$ref\":\"#/definitions/d0\",\"definitions\":{");
	for (size_t i = 0; i < count; i++)
		buffer_printf(&out, "\"d%zu\":{\"%s\":{\"$ref\":\"#/definitions/d%zu\"}},", i,
			between, i + 1);
	buffer_printf(&out, "\"d%zu\":{\"type\":\"null\"}}}", count);
	return arena_copy(arena, buffer_text(&out));
}

static void references_that_lead_on_and_on_are_refused_or_given_up(void **state)
{
	(void)state;
	OWNED(arena) arena = arena_new();
	const struct definition *definition;
	struct obstacles obstacles = {0};
	struct error err;
	bool reads;
	assert_int_equal(
		definition_parse(arena, JSON, chain(arena, 2000, "not"), &definition, &err),
		STATUS_RESOURCE_EXHAUSTED);
	assert_ok(definition_parse(
			  arena, JSON, chain(arena, 2000, "additionalItems"), &definition, &err),
		&err);
	assert_ok(definition_reads(arena, definition, definition, true, &obstacles, &reads, &err),
		&err);
	assert_true(reads); /* the same text is the same, however deep */
	const struct definition *other;
	assert_ok(definition_parse(arena, JSON, chain(arena, 1999, "items"), &other, &err), &err);
	assert_ok(definition_parse(arena, JSON, chain(arena, 2000, "items"), &definition, &err),
		&err);
	assert_int_equal(definition_reads(arena, definition, other, true, &obstacles, &reads, &err),
		STATUS_RESOURCE_EXHAUSTED);
}

/* Types that double with each level: 2^40 fields, were they written out. */
static void shared_types_are_looked_at_once(void **state)
{
	(void)state;
	enum { LEVELS = 60 };
	OWNED(arena) arena = arena_new();
	const char *avro = "\"int\"";
	struct buffer SCOPED_BUFFER proto;
	const struct definition *definition;
	struct obstacles obstacles = {0};
	struct schema schema;
	struct error err;
	bool reads;
	uint64_t began = clock_monotonic_ns();
	for (int i = 0; i < LEVELS; i++)
		avro = arena_printf(arena,
			"{\"type\":\"record\",\"name\":\"R%d\",\"fields\":[{\"name\":\"a\","
			"\"type\":"
			"%s},{\"name\":\"b\",\"type\":\"%s\"}]}",
			i, avro, i ? arena_printf(arena, "R%d", i - 1) : "int");
	buffer_init(&proto, 1 << 20);
	buffer_add_string(&proto, "syntax = \"proto3\"; message M0 { int32 a = 1; } ");
	for (int i = 1; i < LEVELS; i++)
		buffer_printf(&proto, "message M%d { M%d a = 1; M%d b = 2; } ", i, i - 1, i - 1);
	const struct {
		Tenon__V1__DataFormat format;
		struct text text;
	} rows[] = {{AVRO, text_of(avro)}, {PROTOBUF, buffer_text(&proto)}};
	for (size_t i = 0; i < 2; i++) {
		assert_ok(definition_parse(arena, rows[i].format, rows[i].text, &definition, &err),
			&err);
		assert_ok(definition_reads(
				  arena, definition, definition, true, &obstacles, &reads, &err),
			&err);
		assert_true(reads);
		definition_columns(arena, definition, &schema);
		assert_true(arena_bytes(arena) < (size_t)64 * 1024 * 1024);
	}
	/* Seconds, not years: the machine may be busy. */
	assert_true(clock_monotonic_ns() - began < UINT64_C(20000000000));
}

/* Alternatives of alternatives: each level doubles what has to be tried. */
static void alternatives_that_multiply_are_given_up(void **state)
{
	(void)state;
	enum { CASES = 40 };
	OWNED(arena) arena = arena_new();
	struct buffer SCOPED_BUFFER left;
	struct buffer SCOPED_BUFFER right;
	const struct definition *reader;
	const struct definition *writer;
	struct obstacles obstacles = {0};
	struct error err;
	bool reads = true;
	buffer_init(&left, 1 << 20);
	buffer_init(&right, 1 << 20);
	buffer_add_string(&left, "{\"anyOf\":[{\"required\":[\"x\"]}");
	buffer_add_string(&right, "{\"allOf\":[{}");
	for (int i = 0; i < CASES; i++) {
		buffer_printf(&left, ",{\"required\":[\"y%d\",\"z%d\"]}", i, i);
		buffer_printf(&right,
			",{\"anyOf\":[{\"required\":[\"a%d\"]},{\"required\":[\"b%d\"]},{"
			"\"required\":[\"c%d\"]},{\"required\":[\"d%d\"]}]}",
			i, i, i, i);
	}
	buffer_add_string(&left, "]}");
	buffer_add_string(&right, "]}");
	assert_ok(definition_parse(arena, JSON, buffer_text(&left), &reader, &err), &err);
	assert_ok(definition_parse(arena, JSON, buffer_text(&right), &writer, &err), &err);
	uint64_t began = clock_monotonic_ns();
	enum status status =
		definition_reads(arena, reader, writer, true, &obstacles, &reads, &err);
	assert_true(status == STATUS_RESOURCE_EXHAUSTED || (status == STATUS_OK && !reads));
	assert_true(clock_monotonic_ns() - began < UINT64_C(60000000000));
}

/* Long lists that say nearly the same in another order: each value is looked for among all. */
static void long_lists_are_compared_soon_or_given_up(void **state)
{
	(void)state;
	static const struct {
		const char *head;
		const char *before; /* the number of an item */
		const char *after;
		int count;
	} rows[] = {
		{"{\"enum\":[", "", "", 25000},
		{"{\"type\":\"object\",\"required\":[", "\"a", "\"", 14000},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		OWNED(arena) arena = arena_new();
		struct buffer SCOPED_BUFFER up;
		struct buffer SCOPED_BUFFER down;
		const struct definition *reader;
		const struct definition *writer;
		struct obstacles obstacles = {0};
		struct error err;
		bool reads;
		buffer_init(&up, 1 << 20);
		buffer_init(&down, 1 << 20);
		buffer_add_string(&up, rows[i].head);
		buffer_add_string(&down, rows[i].head);
		for (int k = 0; k < rows[i].count; k++) {
			const char *comma = k ? "," : "";
			buffer_printf(&up, "%s%s%d%s", comma, rows[i].before, k, rows[i].after);
			buffer_printf(&down, "%s%s%d%s", comma, rows[i].before, rows[i].count - k,
				rows[i].after);
		}
		buffer_add_string(&up, "]}");
		buffer_add_string(&down, "]}");
		assert_ok(definition_parse(arena, JSON, buffer_text(&up), &reader, &err), &err);
		assert_ok(definition_parse(arena, JSON, buffer_text(&down), &writer, &err), &err);
		enum status status =
			definition_reads(arena, reader, writer, true, &obstacles, &reads, &err);
		assert_int_equal(status, STATUS_RESOURCE_EXHAUSTED);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_no_definition_is_refused_with_its_place),
		cmocka_unit_test(what_is_too_deep_or_too_long_is_refused),
		cmocka_unit_test(references_that_lead_on_and_on_are_refused_or_given_up),
		cmocka_unit_test(shared_types_are_looked_at_once),
		cmocka_unit_test(alternatives_that_multiply_are_given_up),
		cmocka_unit_test(long_lists_are_compared_soon_or_given_up),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
