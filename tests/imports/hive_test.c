#include "tests/imports/read_cases.h"

#include "base/buffer.h"
#include "imports/ddl.h"

static enum status read_hive(struct text file, size_t piece, struct import_notes *notes,
	void (*take)(void *state, const struct import_item *item), void *state, struct arena *arena,
	struct error *err)
{
	struct memory_source source = {file, piece};
	OWNED(ddl) ddl = ddl_new((struct byte_source){&source, memory_read});
	for (;;) {
		struct import_item item;
		bool found = false;
		TRY(ddl_next(ddl, arena, notes, &item, &found, err));
		if (!found)
			return STATUS_OK;
		take(state, &item);
	}
}

static void files_say_what_their_cases_expect(void **state)
{
	static const struct case_reader reader = {"tests/cases/imports/*.sql", read_hive};
	(void)state;
	read_cases(&reader);
}

struct last {
	struct arena *arena;
	const char *text;
	struct error why;
	size_t items;
};

static void take_comment(void *state, const struct import_item *item)
{
	struct last *last = state;
	last->items++;
	last->why = item->why;
	if (item->why.status == STATUS_OK && item->kind == IMPORT_TABLE)
		last->text = arena_text(last->arena, text_of(item->table->description));
}

static enum status read_all(struct text file, struct last *last, struct error *err)
{
	struct import_notes *notes = arena_alloc(last->arena, sizeof *notes);
	notes->arena = last->arena;
	return read_hive(file, SIZE_MAX, notes, take_comment, last, last->arena, err);
}

static void quoted_text_is_read_as_hive_reads_it(void **state)
{
	static const struct {
		const char *written, *value;
	} rows[] = {
		{"'a'", "a"},
		{"\"a\"", "a"},
		{"'it\\'s'", "it's"},
		{"\"it's\"", "it's"},
		{"'a''b'", "ab"},
		{"'a\\tb\\n'", "a\tb\n"},
		{"'\\\\n'", "\\n"},
		{"'\\q'", "q"},
		{"'\\%\\_'", "\\%\\_"},
		{"'\\001'", "\x01"},
		{"'\\1'", "1"},
		{"'\\u0001'", "\x01"},
		{"'\\u20ac'", "€"},
		{"'\\ud83d\\ude00'", "😀"},
		{"'\\ud83d'", "\xEF\xBF\xBD"},
		{"'\\u00'", "u00"},
		{"'\\0'", "\\u0000"},
		{"'\\000'", "\\u0000"},
		{"'--'", "--"},
		{"'/* ; */'", "/* ; */"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		OWNED(arena) arena = arena_new();
		struct last last = {.arena = arena};
		struct error err;
		const char *file = arena_printf(
			arena, "CREATE TABLE a.b (x int) COMMENT %s;", rows[i].written);
		assert_ok(read_all(text_of(file), &last, &err), &err);
		if (last.why.status != STATUS_OK || strcmp(last.text, rows[i].value) != 0)
			fail_msg("%s: '%s' %s", rows[i].written, last.text ? last.text : "",
				last.why.status ? last.why.message : "");
	}
}

static void depth_and_size_are_bounded(void **state)
{
	enum { DEEP = 10000 };
	OWNED(arena) arena = arena_new();
	struct buffer SCOPED_BUFFER file;
	struct last last = {.arena = arena};
	struct error err;
	(void)state;
	buffer_init(&file, 64u << 20);
	buffer_add_string(&file, "CREATE TABLE a.b (x ");
	for (size_t i = 0; i < DEEP; i++)
		buffer_add_string(&file, "array<");
	assert_ok(read_all(buffer_text(&file), &last, &err), &err);
	assert_int_equal(last.why.status, STATUS_RESOURCE_EXHAUSTED);
	assert_string_equal(last.why.message, "the type is nested deeper than 64 levels");

	buffer_clear(&file);
	buffer_add_string(&file, "CREATE TABLE a.b (");
	for (size_t i = 0; i <= LIMIT_COLUMNS; i++)
		buffer_printf(&file, "c%zu int,\n", i);
	assert_ok(read_all(buffer_text(&file), &last, &err), &err);
	assert_string_equal(last.why.message, "more than 10000 columns");

	buffer_clear(&file);
	buffer_add_string(&file, "CREATE TABLE a.b (x int) COMMENT '");
	for (size_t i = 0; i <= LIMIT_RECORD_BYTES; i++)
		buffer_add_byte(&file, i % 100 ? 'x' : '\n');
	assert_int_equal(read_all(buffer_text(&file), &last, &err), STATUS_RESOURCE_EXHAUSTED);
	assert_string_equal(err.message, "line 1: a statement is longer than 16777216 bytes");
}

static void a_statement_that_is_no_utf8_is_told_alone(void **state)
{
	OWNED(arena) arena = arena_new();
	struct last last = {.arena = arena};
	struct error err;
	(void)state;
	assert_ok(read_all(TEXT("CREATE TABLE a.\xFF (x int);"), &last, &err), &err);
	assert_string_equal(last.why.message, "the statement is not UTF-8");
	assert_ok(read_all(TEXT("CREATE TABLE a.\xFF (x int);\nCREATE TABLE a.b (x int)"), &last,
			  &err),
		&err);
	assert_int_equal(last.why.status, STATUS_OK);
	assert_int_equal(read_all(TEXT("\xFF\xFE"), &last, &err), STATUS_INVALID_ARGUMENT);
}

/* What an unlucky line costs must not grow with its square. */
static void many_small_things_take_linear_time(void **state)
{
	static const struct {
		const char *label, *head, *piece;
	} rows[] = {
		{"constraints", "CREATE TABLE a.b (", "CHECK,"},
		{"comments of a column", "CREATE TABLE a.b (x int ", "y COMMENT 'z' "},
		{"key parts", "CREATE TABLE a.b (x int) TBLPROPERTIES (", "a."},
		{"names", "CREATE TABLE a.b (x int) CLUSTERED BY (", "a,"},
		{"partitions", "ALTER TABLE a.b ADD ", "PARTITION (a=1) "},
		{"statements", "", "USE a;"},
		{"words of a view", "CREATE VIEW a.b ", "x "},
		{"opening brackets", "CREATE TABLE a.b (x int DEFAULT ", "("},
		{"skewed values", "CREATE TABLE a.b (x int) SKEWED BY (x) ON (", "1,"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		OWNED(arena) arena = arena_new();
		struct buffer SCOPED_BUFFER file;
		struct last last = {.arena = arena};
		struct error err;
		buffer_init(&file, 4u << 20);
		buffer_add_string(&file, rows[i].head);
		while (file.length < 1u << 20)
			buffer_add_string(&file, rows[i].piece);
		enum status status = read_all(buffer_text(&file), &last, &err);
		if (status != STATUS_OK || arena_bytes(arena) > 256u << 20)
			fail_msg("%s: %s, %zu bytes", rows[i].label, status_name(status),
				arena_bytes(arena));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files_say_what_their_cases_expect),
		cmocka_unit_test(quoted_text_is_read_as_hive_reads_it),
		cmocka_unit_test(depth_and_size_are_bounded),
		cmocka_unit_test(a_statement_that_is_no_utf8_is_told_alone),
		cmocka_unit_test(many_small_things_take_linear_time),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
