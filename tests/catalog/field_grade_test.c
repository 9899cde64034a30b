#include "tests/catalog/fixture.h"

#include "catalog/field_grade.h"

static const struct {
	const char *path;
	enum severity severity;
	bool measures;
} rows[] = {
	{"description", SEVERITY_SAFE, false},
	{"parameters.owner", SEVERITY_SAFE, false},
	{"parameters.storage.location", SEVERITY_SAFE, false},
	{"parameters.recordCount", SEVERITY_SAFE, true},
	{"parameters.last_seen_time", SEVERITY_SAFE, true},
	{"storage.parameters.sizeKey", SEVERITY_SAFE, true},
	{"storage.parameters.compressionType", SEVERITY_SAFE, false},
	{"storage.serde.parameters.recordCount", SEVERITY_BREAKING, false},
	{"storage.columns.location.comment", SEVERITY_SAFE, false},
	{"storage.location", SEVERITY_BREAKING, false},
	{"storage.locations", SEVERITY_SAFE, false},
	{"storage.serde.library", SEVERITY_BREAKING, false},
	{"storage.serde.parameters.field.delim", SEVERITY_BREAKING, false},
	{"storage.additional_locations", SEVERITY_WIDENING, false},
	{"view_expanded_text", SEVERITY_BREAKING, false},
	{"table_type", SEVERITY_BREAKING, false},
	{"", SEVERITY_SAFE, false},
};

static void a_field_is_as_severe_as_what_it_means_to_readers(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct text path = text_of(rows[i].path);
		if (field_severity(path) != rows[i].severity ||
			field_measures(path) != rows[i].measures)
			fail_msg("'%s' is %s%s", rows[i].path, severity_name(field_severity(path)),
				field_measures(path) ? " and measures" : "");
	}
}

static Tenon__V1__FieldChange **changes_of_rows(struct arena *arena, size_t count)
{
	Tenon__V1__FieldChange **changes = arena_array(arena, count, sizeof *changes);
	for (size_t i = 0; i < count; i++) {
		changes[i] = arena_alloc(arena, sizeof **changes);
		tenon__v1__field_change__init(changes[i]);
		changes[i]->path = arena_text(arena, text_of(rows[i].path));
	}
	return changes;
}

static void the_worst_of_all_is_told_and_measures_are_left_out(void **state)
{
	(void)state;
	OWNED(arena) arena = arena_new();
	size_t count = sizeof rows / sizeof *rows;
	Tenon__V1__FieldChange **changes = changes_of_rows(arena, count);
	assert_int_equal(fields_grade(arena, changes, 4, SEVERITY_SAFE), SEVERITY_SAFE);
	assert_int_equal(fields_grade(arena, changes, 4, SEVERITY_WIDENING), SEVERITY_WIDENING);
	assert_int_equal(fields_grade(arena, changes, count, SEVERITY_SAFE), SEVERITY_BREAKING);
	for (size_t i = 0; i < count; i++)
		assert_string_equal(changes[i]->severity, severity_name(rows[i].severity));
	size_t kept = fields_without_measures(changes, count);
	assert_int_equal(kept, count - 3);
	for (size_t i = 0; i < kept; i++)
		assert_false(field_measures(text_of(changes[i]->path)));
}

static void severities_are_read_back_by_their_names(void **state)
{
	(void)state;
	for (int i = SEVERITY_SAFE; i <= SEVERITY_BREAKING; i++)
		assert_int_equal(severity_named(severity_name((enum severity)i)), i);
	assert_int_equal(severity_named(""), SEVERITY_SAFE);
	assert_int_equal(severity_named("bad"), SEVERITY_SAFE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_field_is_as_severe_as_what_it_means_to_readers),
		cmocka_unit_test(the_worst_of_all_is_told_and_measures_are_left_out),
		cmocka_unit_test(severities_are_read_back_by_their_names),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
