#include "tests/catalog/fixture.h"

#include "catalog/field_diff.h"
#include "proto/json.h"

#define COLUMNS(comment)                                                        \
	"\"storage\": {\"columns\": [{\"name\": \"b\", \"comment\": \"" comment \
	"\"}, {\"name\": \"c\"}]}"

static const struct {
	const char *label;
	const char *before;
	const char *after;
	const char *expected; /* path: before > after; */
} rows[] = {
	{"nothing", "{\"description\": \"x\"}", "{\"description\": \"x\"}", ""},
	{"a text", "{}", "{\"description\": \"x\"}", "description:  > x;"},
	{"a number", "{\"retention\": 1}", "{\"retention\": -7}", "retention: 1 > -7;"},
	{"keys of a map", "{\"parameters\": {\"gone\": \"1\", \"kept\": \"2\", \"other\": \"3\"}}",
		"{\"parameters\": {\"other\": \"4\", \"kept\": \"2\", \"new\": \"5\"}}",
		"parameters.gone: 1 > ;parameters.new:  > 5;parameters.other: 3 > 4;"},
	{"a column by its name, in any place and case", "{" COLUMNS("x") "}",
		"{\"storage\": {\"columns\": [{\"name\": \"c\"}, {\"name\": \"B\", "
		"\"comment\": \"y\"}]}}",
		"storage.columns.b.comment: x > y;"},
	{"what the schema's changes tell",
		"{\"storage\": {\"columns\": [{\"name\": \"a\", \"type\": \"int\"}]}}",
		"{\"storage\": {\"columns\": [{\"name\": \"a\", \"type\": \"bigint\"}, "
		"{\"name\": \"new\", \"comment\": \"c\"}]}}",
		""},
	{"a message that came", "{}",
		"{\"storage\": {\"serde\": {\"library\": \"L\"}, \"compressed\": true}}",
		"storage.compressed:  > true;storage.serde.library:  > L;"},
	{"a list", "{\"storage\": {\"bucket_columns\": [\"a\", \"b\"]}}",
		"{\"storage\": {\"bucket_columns\": [\"b\"]}}",
		"storage.bucket_columns: [\"a\",\"b\"] > [\"b\"];"},
	{"what the server sets", "{\"id\": 1, \"version\": 2, \"update_time_us\": 3}",
		"{\"id\": 2, \"version\": 3, \"update_time_us\": 4}", ""},
};

static Tenon__V1__Table *parsed(struct arena *arena, const char *json)
{
	Tenon__V1__Table *table = NULL;
	struct error err;
	assert_ok(json_parse(text_of(json), &tenon__v1__table__descriptor, arena, &table, &err),
		&err);
	return table;
}

static void differences_are_told_by_path(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		OWNED(arena) arena = arena_new();
		struct buffer SCOPED_BUFFER seen;
		Tenon__V1__FieldChange **changes;
		size_t count;
		buffer_init(&seen, 4096);
		field_diff(arena, parsed(arena, rows[i].before), parsed(arena, rows[i].after),
			&changes, &count);
		for (size_t k = 0; k < count; k++)
			buffer_printf(&seen, "%s: %s > %s;", changes[k]->path, changes[k]->before,
				changes[k]->after);
		print_message("%s\n", rows[i].label);
		assert_string_equal(arena_text(arena, buffer_text(&seen)), rows[i].expected);
	}
}

static void a_long_value_is_cut_between_characters_and_many_changes_are_cut_short(void **state)
{
	(void)state;
	OWNED(arena) arena = arena_new();
	Tenon__V1__Table *before = parsed(arena, "{}");
	Tenon__V1__Table *after = parsed(arena, "{}");
	Tenon__V1__FieldChange **changes;
	size_t count;
	char longer[1100];
	memset(longer, 'x', sizeof longer);
	memcpy(longer + 1023, "é", 2);
	longer[sizeof longer - 1] = 0;
	after->description = longer;
	for (int i = 0; i < LIMIT_FEED_FIELDS + 10; i++)
		parameter_add(arena, after, arena_printf(arena, "k%d", i), "v");
	field_diff(arena, before, after, &changes, &count);
	assert_int_equal(count, LIMIT_FEED_FIELDS);
	assert_string_equal(changes[0]->path, "description");
	assert_int_equal(strlen(changes[0]->after), 1023);
	field_diff(arena, NULL, after, &changes, &count);
	assert_int_equal(count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(differences_are_told_by_path),
		cmocka_unit_test(
			a_long_value_is_cut_between_characters_and_many_changes_are_cut_short),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
