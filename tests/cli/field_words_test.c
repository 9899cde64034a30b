#include "tests/unit.h"

#include "clients/cli/field_words.h"

static void paths_read_as_words_and_names_stay_as_they_are(void **state)
{
	(void)state;
	OWNED(arena) arena = arena_new();
	static const struct {
		const char *path, *words;
	} rows[] = {
		{"description", "description"},
		{"class_name", "class name"},
		{"storage.location", "location"},
		{"storage.input_format", "input format"},
		{"storage.serde.library", "serde library"},
		{"storage.serde.parameters.field.delim", "serde parameter field.delim"},
		{"storage.parameters.record_count", "storage parameter record_count"},
		{"parameters.spark.sql.x_y", "parameter spark.sql.x_y"},
		{"storage.columns.a_b.comment", "comment of column a_b"},
		{"storage.columns.a.b.comment", "comment of column a.b"},
		{"storage.columns.a.parameters.k.l", "parameter k.l of column a"},
		{"partition_keys.day.comment", "comment of partition key day"},
		{"tags.owner", "tag owner"},
		{"properties.JDBC_URL", "property JDBC_URL"},
		{"default_args.my_day", "argument my_day"},
		{"plan.nodes.late_ones.filter.where", "node late_ones: filter where"},
		{"versions.3.pinned", "version 3: pinned"},
		{"amount_eur.long_values.minimum", "column amount_eur: minimum"},
		{"no.such_thing", "no.such_thing"},
		{"", ""},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		assert_string_equal(field_words(arena, rows[i].path), rows[i].words);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(paths_read_as_words_and_names_stay_as_they_are),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
