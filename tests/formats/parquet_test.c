#include "tests/unit.h"

#include "base/buffer.h"
#include "formats/parquet.h"
#include "schema/notation.h"

/* Footers made by hand: a schema element is written as Thrift's compact protocol
 * has it (parquet.thrift of parquet-format gives the numbers). */
struct element {
	const char *name;
	int type; /* -1: a group */
	int repetition;
	int children;
	int converted; /* -1: none */
	int precision, scale;
	int logical; /* 0: none */
	int bits;
	bool is_signed;
};

enum { GROUP = -1, NONE = -1, BOOL = 0, I32, I64, I96, F32, F64, BYTES, FIXED };
enum { REQ, OPT, REP };

static void add_varint(struct buffer *out, uint64_t value)
{
	for (; value >= 0x80; value >>= 7)
		buffer_add_byte(out, (char)(value | 0x80));
	buffer_add_byte(out, (char)value);
}

static void add_field(struct buffer *out, int *last, int id, int type)
{
	buffer_add_byte(out, (char)((id - *last) << 4 | type));
	*last = id;
}

static void add_i32(struct buffer *out, int *last, int id, int value)
{
	add_field(out, last, id, 5);
	add_varint(out, (uint64_t)(uint32_t)value << 1);
}

static void add_logical(struct buffer *out, int *last, const struct element *element)
{
	int inside = 0;
	int details = 0;
	add_field(out, last, 10, 12);
	add_field(out, &inside, element->logical, 12);
	if (element->logical == 5) {
		add_i32(out, &details, 1, element->scale);
		add_i32(out, &details, 2, element->precision);
	} else if (element->logical == 10) {
		add_field(out, &details, 1, 3);
		buffer_add_byte(out, (char)element->bits);
		add_field(out, &details, 2, element->is_signed ? 1 : 2);
	}
	buffer_add_byte(out, 0);
	buffer_add_byte(out, 0);
}

static void add_element(struct buffer *out, const struct element *element)
{
	int last = 0;
	if (element->type != GROUP)
		add_i32(out, &last, 1, element->type);
	add_i32(out, &last, 3, element->repetition);
	add_field(out, &last, 4, 8);
	add_varint(out, strlen(element->name));
	buffer_add_string(out, element->name);
	if (element->type == GROUP)
		add_i32(out, &last, 5, element->children);
	if (element->converted != NONE) {
		add_i32(out, &last, 6, element->converted);
		add_i32(out, &last, 7, element->scale);
		add_i32(out, &last, 8, element->precision);
	}
	if (element->logical)
		add_logical(out, &last, element);
	buffer_add_byte(out, 0);
}

static void add_footer(struct buffer *out, const struct element *elements, size_t count)
{
	int last = 0;
	add_i32(out, &last, 1, 2);
	add_field(out, &last, 2, 9);
	buffer_add_byte(out, (char)0xfc);
	add_varint(out, count);
	for (size_t i = 0; i < count; i++)
		add_element(out, &elements[i]);
	add_field(out, &last, 3, 6);
	add_varint(out, 42 << 1);
	buffer_add_byte(out, 0);
}

static enum status row_of(
	struct text bytes, struct arena *arena, const struct type **row_out, struct error *err)
{
	struct parquet_footer footer;
	TRY(parquet_footer_parse(bytes, arena, &footer, err));
	return parquet_row(arena, &footer, row_out, err);
}

static const struct {
	struct element element;
	const char *type;
} primitives[] = {
	{{"a", BOOL, OPT, 0, .converted = NONE}, "boolean"},
	{{"a", I32, OPT, 0, .converted = NONE}, "int"},
	{{"a", I64, OPT, 0, .converted = NONE}, "bigint"},
	{{"a", I96, OPT, 0, .converted = NONE}, "timestamp"},
	{{"a", F32, OPT, 0, .converted = NONE}, "float"},
	{{"a", F64, OPT, 0, .converted = NONE}, "double"},
	{{"a", BYTES, OPT, 0, .converted = NONE}, "binary"},
	{{"a", FIXED, OPT, 0, .converted = NONE}, "binary"},
	{{"a", BYTES, REQ, 0, .converted = 0}, "string"},
	{{"a", BYTES, OPT, 0, .converted = 4}, "string"},
	{{"a", BYTES, OPT, 0, .converted = 19}, "string"},
	{{"a", BYTES, OPT, 0, .converted = NONE, .logical = 1}, "string"},
	{{"a", I32, OPT, 0, .converted = 15}, "tinyint"},
	{{"a", I32, OPT, 0, .converted = 16}, "smallint"},
	{{"a", I32, OPT, 0, .converted = 11}, "smallint"},
	{{"a", I32, OPT, 0, .converted = 12}, "int"},
	{{"a", I32, OPT, 0, .converted = 13}, "bigint"},
	{{"a", I64, OPT, 0, .converted = 14}, "decimal(20,0)"},
	{{"a", I32, OPT, 0, .converted = NONE, .logical = 10, .bits = 8, .is_signed = true},
		"tinyint"},
	{{"a", I64, OPT, 0, .converted = NONE, .logical = 10, .bits = 64}, "decimal(20,0)"},
	{{"a", I32, OPT, 0, .converted = 6}, "date"},
	{{"a", I32, OPT, 0, .converted = NONE, .logical = 6}, "date"},
	{{"a", I64, OPT, 0, .converted = 9}, "timestamp"},
	{{"a", I64, OPT, 0, .converted = 10}, "timestamp"},
	{{"a", I64, OPT, 0, .converted = NONE, .logical = 8}, "timestamp"},
	{{"a", I32, OPT, 0, .converted = 7}, "string"},
	{{"a", I32, OPT, 0, .converted = 5, .precision = 9, .scale = 2}, "decimal(9,2)"},
	{{"a", FIXED, OPT, 0, .converted = NONE, .precision = 38, .scale = 0, .logical = 5},
		"decimal(38,0)"},
	{{"a", FIXED, OPT, 0, .converted = NONE, .precision = 50, .scale = 3, .logical = 5},
		"string"},
	{{"a", FIXED, OPT, 0, .converted = NONE, .logical = 14}, "string"},
	{{"a", I32, REP, 0, .converted = NONE}, "array<int>"},
};

static void a_primitive_has_the_type_of_its_annotation(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof primitives / sizeof *primitives; i++) {
		OWNED(arena) arena = arena_new();
		struct buffer SCOPED_BUFFER out;
		struct error err;
		const struct type *row = NULL;
		const struct element elements[] = {
			{"schema", GROUP, REQ, 1, .converted = NONE}, primitives[i].element};
		buffer_init(&out, 1 << 20);
		add_footer(&out, elements, 2);
		assert_ok(row_of(buffer_text(&out), arena, &row, &err), &err);
		const char *got = type_text(arena, row->fields[0].type);
		if (strcmp(got, primitives[i].type) != 0)
			fail_msg("row %zu: %s is not %s", i, got, primitives[i].type);
	}
}

static const struct {
	const char *label;
	struct element elements[8];
	size_t count;
	const char *type;
} groups[] = {
	{"a list of three levels",
		{{"s", GROUP, REQ, 1, .converted = NONE}, {"L", GROUP, OPT, 1, .converted = 3},
			{"list", GROUP, REP, 1, .converted = NONE},
			{"element", I32, OPT, 0, .converted = NONE}},
		4, "struct<l:array<int>>"},
	{"a logical list",
		{{"s", GROUP, REQ, 1, .converted = NONE},
			{"l", GROUP, OPT, 1, .converted = NONE, .logical = 3},
			{"bag", GROUP, REP, 1, .converted = NONE},
			{"item", BYTES, OPT, 0, .converted = 0}},
		4, "struct<l:array<string>>"},
	{"a list of two levels",
		{{"s", GROUP, REQ, 1, .converted = NONE}, {"l", GROUP, OPT, 1, .converted = 3},
			{"element", I32, REP, 0, .converted = NONE}},
		3, "struct<l:array<int>>"},
	{"a list whose repeated group has two fields",
		{{"s", GROUP, REQ, 1, .converted = NONE}, {"l", GROUP, OPT, 1, .converted = 3},
			{"element", GROUP, REP, 2, .converted = NONE},
			{"x", I32, REQ, 0, .converted = NONE},
			{"y", F64, REQ, 0, .converted = NONE}},
		5, "struct<l:array<struct<x:int,y:double>>>"},
	{"a list whose repeated group is called array",
		{{"s", GROUP, REQ, 1, .converted = NONE}, {"l", GROUP, OPT, 1, .converted = 3},
			{"array", GROUP, REP, 1, .converted = NONE},
			{"x", I32, REQ, 0, .converted = NONE}},
		4, "struct<l:array<struct<x:int>>>"},
	{"a list whose repeated group is called after it",
		{{"s", GROUP, REQ, 1, .converted = NONE}, {"l", GROUP, OPT, 1, .converted = 3},
			{"l_tuple", GROUP, REP, 1, .converted = NONE},
			{"x", I32, REQ, 0, .converted = NONE}},
		4, "struct<l:array<struct<x:int>>>"},
	{"a map",
		{{"s", GROUP, REQ, 1, .converted = NONE}, {"m", GROUP, OPT, 1, .converted = 1},
			{"key_value", GROUP, REP, 2, .converted = NONE},
			{"key", BYTES, REQ, 0, .converted = 0},
			{"value", I64, OPT, 0, .converted = NONE}},
		5, "struct<m:map<string,bigint>>"},
	{"an old map",
		{{"s", GROUP, REQ, 1, .converted = NONE}, {"m", GROUP, OPT, 1, .converted = 2},
			{"map", GROUP, REP, 2, .converted = NONE},
			{"k", BYTES, REQ, 0, .converted = 0},
			{"v", I64, OPT, 0, .converted = NONE}},
		5, "struct<m:map<string,bigint>>"},
	{"a repeated group that nothing explains",
		{{"s", GROUP, REQ, 1, .converted = NONE}, {"g", GROUP, REP, 1, .converted = NONE},
			{"x", I32, REP, 0, .converted = NONE}},
		3, "struct<g:array<struct<x:array<int>>>>"},
	{"names fold and stay apart",
		{{"s", GROUP, REQ, 3, .converted = NONE}, {"Id", I32, OPT, 0, .converted = NONE},
			{"ID", I32, OPT, 0, .converted = NONE},
			{"id_1", I32, OPT, 0, .converted = NONE}},
		4, "struct<id:int,id_1:int,id_1_2:int>"},
};

static void a_group_is_a_struct_a_list_or_a_map(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof groups / sizeof *groups; i++) {
		OWNED(arena) arena = arena_new();
		struct buffer SCOPED_BUFFER out;
		struct error err;
		const struct type *row = NULL;
		buffer_init(&out, 1 << 20);
		add_footer(&out, groups[i].elements, groups[i].count);
		assert_ok(row_of(buffer_text(&out), arena, &row, &err), &err);
		const char *got = type_text(arena, row);
		if (strcmp(got, groups[i].type) != 0)
			fail_msg("%s: %s", groups[i].label, got);
	}
}

static void a_footer_cut_anywhere_is_refused(void **state)
{
	(void)state;
	struct buffer SCOPED_BUFFER out;
	buffer_init(&out, 1 << 20);
	add_footer(&out, groups[0].elements, groups[0].count);
	for (size_t length = 0; length < out.length; length++) {
		OWNED(arena) arena = arena_new();
		struct error err;
		const struct type *row = NULL;
		assert_int_equal(
			row_of((struct text){out.at, length}, arena, &row, &err), STATUS_DATA_LOSS);
	}
}

static void hostile_footers_cost_little(void **state)
{
	(void)state;
	static const struct {
		const char *label;
		struct text bytes;
		enum status status;
	} rows[] = {
		{"a list of 2^35 elements", TEXT("\x29\xfc\xff\xff\xff\xff\x7f"), STATUS_DATA_LOSS},
		{"a text of 2^35 bytes", TEXT("\x68\xff\xff\xff\xff\x7f"), STATUS_DATA_LOSS},
		{"an endless number", TEXT("\x36\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"),
			STATUS_DATA_LOSS},
		{"an unknown type", TEXT("\x1f"), STATUS_DATA_LOSS},
		{"structs in structs without end",
			TEXT("\x7c\x1c\x1c\x1c\x1c\x1c\x1c\x1c\x1c\x1c\x1c\x1c\x1c\x1c\x1c\x1c\x1c"
			     "\x1c"
			     "\x1c\x1c\x1c\x1c\x1c\x1c\x1c\x1c\x1c\x1c\x1c\x1c\x1c\x1c\x1c\x1c\x1c"
			     "\x1c"
			     "\x1c\x1c\x1c\x1c\x1c"),
			STATUS_DATA_LOSS},
		{"no schema", TEXT("\x36\x02\x00"), STATUS_DATA_LOSS},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		OWNED(arena) arena = arena_new();
		struct error err;
		const struct type *row = NULL;
		enum status status = row_of(rows[i].bytes, arena, &row, &err);
		if (status != rows[i].status)
			fail_msg("%s: %s", rows[i].label, status_name(status));
		assert_true(arena_bytes(arena) < 1 << 20);
	}
}

static void groups_in_groups_are_bounded(void **state)
{
	(void)state;
	enum { DEPTH = 200 };
	struct element elements[DEPTH];
	for (int i = 0; i < DEPTH; i++)
		elements[i] = (struct element){"g", GROUP, OPT, 1, .converted = NONE};
	elements[DEPTH - 1] = (struct element){"x", I32, OPT, 0, .converted = NONE};
	OWNED(arena) arena = arena_new();
	struct buffer SCOPED_BUFFER out;
	struct error err;
	const struct type *row = NULL;
	buffer_init(&out, 1 << 20);
	add_footer(&out, elements, DEPTH);
	assert_int_equal(row_of(buffer_text(&out), arena, &row, &err), STATUS_RESOURCE_EXHAUSTED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_primitive_has_the_type_of_its_annotation),
		cmocka_unit_test(a_group_is_a_struct_a_list_or_a_map),
		cmocka_unit_test(a_footer_cut_anywhere_is_refused),
		cmocka_unit_test(hostile_footers_cost_little),
		cmocka_unit_test(groups_in_groups_are_bounded),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
