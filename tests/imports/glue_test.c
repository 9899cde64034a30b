#include "tests/imports/read_cases.h"

#include "base/buffer.h"
#include "imports/decimal.h"
#include "imports/glue.h"

#include <stdlib.h>

static enum status read_glue(struct text file, size_t piece, struct import_notes *notes,
	void (*take)(void *state, const struct import_item *item), void *state, struct arena *arena,
	struct error *err)
{
	struct memory_source source = {file, piece};
	OWNED(glue) glue = glue_new((struct byte_source){&source, memory_read});
	for (;;) {
		struct import_item item;
		bool found = false;
		TRY(glue_next(glue, arena, notes, &item, &found, err));
		if (!found)
			return STATUS_OK;
		take(state, &item);
	}
}

static void files_say_what_their_cases_expect(void **state)
{
	static const struct case_reader reader = {"tests/cases/imports/*.json", read_glue};
	(void)state;
	read_cases(&reader);
}

struct counted {
	size_t items, bad;
	char first_bad[ERROR_MESSAGE_MAX];
};

static void count(void *state, const struct import_item *item)
{
	struct counted *counted = state;
	counted->items++;
	if (item->why.status != STATUS_OK && counted->bad++ == 0)
		memcpy(counted->first_bad, item->why.message, ERROR_MESSAGE_MAX);
}

static enum status read_all(struct text json, struct counted *counted, struct error *err)
{
	OWNED(arena) arena = arena_new();
	struct import_notes *notes = arena_alloc(arena, sizeof *notes);
	notes->arena = arena;
	*counted = (struct counted){0};
	return read_glue(json, SIZE_MAX, notes, count, counted, arena, err);
}

static void what_is_no_json_fails_with_its_place(void **state)
{
	static const struct {
		const char *label, *json, *message;
		size_t items; /* before it */
	} rows[] = {
		{"empty", "", NULL, 0},
		{"only space", " \n\n", NULL, 0},
		{"an empty page", "{}", NULL, 0},
		{"an empty list", "{\"TableList\": []}", NULL, 0},
		{"a byte order mark", "\xEF\xBB\xBF{\"TableList\": []}", NULL, 0},
		{"text", "usage: aws",
			"line 1 byte 0: expected JSON, as 'aws ... --output json' "
			"prints it, before 'u'",
			0},
		{"UTF-16", "\xFF\xFE{",
			"the file is UTF-16, as PowerShell writes it: save it as "
			"UTF-8",
			0},
		{"cut in a list", "{\"TableList\": [{\"Name\": \"a\", \"DatabaseName\": \"b\"}",
			"line 1 byte 49: expected the rest of a list or object, where the file "
			"ends",
			1},
		{"cut in an item", "{\"TableList\": [\n{\"Name\": \"a",
			"line 2 byte 27: expected the rest of a value, where the file ends", 0},
		{"no comma", "{\"TableList\": [{} {}]}",
			"line 1 byte 18: expected ',' or ']', before '{'", 1},
		{"no colon", "{\"TableList\" []}", "line 1 byte 13: expected ':', before '['", 0},
		{"no key", "{TableList: []}", "line 1 byte 1: expected a key in quotes, before 'T'",
			0},
		{"too many ends", "{\"TableList\": []}}",
			"line 1 byte 17: expected JSON, as 'aws ... --output json' prints it, "
			"before '}'",
			0},
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct counted counted;
		struct error err = {.status = STATUS_OK};
		enum status status = read_all(text_of(rows[i].json), &counted, &err);
		if ((status == STATUS_OK) != !rows[i].message ||
			(rows[i].message && strcmp(err.message, rows[i].message) != 0) ||
			counted.items != rows[i].items)
			fail_msg("%s: %s '%s', %zu items", rows[i].label, status_name(status),
				status ? err.message : "", counted.items);
	}
}

static void a_wrong_item_is_told_and_the_next_one_read(void **state)
{
	static const struct {
		const char *label, *item, *message;
	} rows[] = {
		{"no object", "17", "expected an object, got a number"},
		{"brackets that do not match", "{\"Name\": [1}}",
			"line 1 column 12: ']' expected near '}'"},
		{"a list for a text", "{\"Name\": [\"a\"]}",
			"Table.Name: expected a text, got a list"},
		{"a text for a list", "{\"PartitionKeys\": \"year\"}",
			"Table.PartitionKeys: expected a list, got a text"},
		{"deep in it", "{\"StorageDescriptor\": {\"Columns\": [{}, {\"Name\": {}}]}}",
			"Table.StorageDescriptor.Columns[1].Name: expected a text, got an object"},
		{"a number out of range", "{\"StorageDescriptor\": {\"NumberOfBuckets\": 3e9}}",
			"Table.StorageDescriptor.NumberOfBuckets: expected a whole number, got a "
			"number"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		OWNED(arena) arena = arena_new();
		struct counted counted;
		struct error err;
		const char *file = arena_printf(
			arena, "{\"TableList\": [%s, {\"Name\": \"good\"}]}", rows[i].item);
		assert_ok(read_all(text_of(file), &counted, &err), &err);
		if (counted.items != 2 || counted.bad != 1 ||
			strcmp(counted.first_bad, rows[i].message) != 0)
			fail_msg("%s: %zu items, %zu bad: %s", rows[i].label, counted.items,
				counted.bad, counted.first_bad);
	}
}

static void depth_and_size_are_bounded(void **state)
{
	enum { DEEP = 10000 };
	struct buffer SCOPED_BUFFER file;
	struct counted counted;
	struct error err;
	(void)state;
	buffer_init(&file, 64u << 20);
	buffer_add_string(&file, "{\"TableList\": [{\"Name\": ");
	for (size_t i = 0; i < DEEP; i++)
		buffer_add_byte(&file, '[');
	for (size_t i = 0; i < DEEP; i++)
		buffer_add_byte(&file, ']');
	buffer_add_string(&file, "}]}");
	assert_ok(read_all(buffer_text(&file), &counted, &err), &err);
	assert_int_equal(counted.bad, 1);

	buffer_clear(&file);
	buffer_add_string(&file, "{\"TableList\": [\"");
	for (size_t i = 0; i <= LIMIT_RECORD_BYTES; i++)
		buffer_add_byte(&file, 'x');
	assert_int_equal(read_all(buffer_text(&file), &counted, &err), STATUS_RESOURCE_EXHAUSTED);
	assert_string_equal(err.message, "line 1: an item is larger than 16777216 bytes");
}

static void decimals_read_as_java_writes_them(void **state)
{
	static const struct {
		uint8_t bytes[20];
		size_t length;
		int64_t scale;
		const char *text; /* NULL: refused */
	} rows[] = {
		{{0}, 1, 0, "0"},
		{{0}, 1, 2, "0.00"},
		{{0x7F}, 1, 0, "127"},
		{{0x80}, 1, 0, "-128"},
		{{0xFF}, 1, 1, "-0.1"},
		{{0x04, 0xE2}, 2, 2, "12.50"},
		{{0xFB, 0x1E}, 2, 2, "-12.50"},
		{{0x00, 0xFF}, 2, 0, "255"},
		/* 10^38 - 1, the largest of Hive */
		{{0x4B, 0x3B, 0x4C, 0xA8, 0x5A, 0x86, 0xC4, 0x7A, 0x09, 0x8A, 0x22, 0x3F, 0xFF,
			 0xFF, 0xFF, 0xFF},
			16, 0, "99999999999999999999999999999999999999"},
		{{1}, 0, 0, NULL},
		{{1}, 1, -1, NULL},
		{{1}, 1, 1000, NULL},
	};
	OWNED(arena) arena = arena_new();
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char *text = NULL;
		bool read =
			decimal_text(arena, rows[i].bytes, rows[i].length, rows[i].scale, &text);
		if (read != (rows[i].text != NULL) || (read && strcmp(text, rows[i].text) != 0))
			fail_msg("row %zu: %s", i, read ? text : "refused");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files_say_what_their_cases_expect),
		cmocka_unit_test(what_is_no_json_fails_with_its_place),
		cmocka_unit_test(a_wrong_item_is_told_and_the_next_one_read),
		cmocka_unit_test(depth_and_size_are_bounded),
		cmocka_unit_test(decimals_read_as_java_writes_them),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
