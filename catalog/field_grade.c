#include "catalog/field_grade.h"

#include "catalog/definition.h"

static const struct {
	const char *path; /* with all that is inside it */
	enum severity severity;
} rows[] = {
	{"table_type", SEVERITY_BREAKING}, {"target", SEVERITY_BREAKING},
	{"view_original_text", SEVERITY_BREAKING}, {"view_expanded_text", SEVERITY_BREAKING},
	{"storage.location", SEVERITY_BREAKING},
	{"storage.additional_locations", SEVERITY_WIDENING},
	{"storage.input_format", SEVERITY_BREAKING}, {"storage.output_format", SEVERITY_BREAKING},
	{"storage.compressed", SEVERITY_BREAKING}, {"storage.serde", SEVERITY_BREAKING},
	{"storage.number_of_buckets", SEVERITY_BREAKING},
	{"storage.bucket_columns", SEVERITY_BREAKING}, {"storage.sort_columns", SEVERITY_BREAKING},
	{"storage.stored_as_sub_directories", SEVERITY_BREAKING},
	{"storage.skewed", SEVERITY_BREAKING},
	{"storage.schema", SEVERITY_SAFE}, /* what follows of it is a change of the schema */
};

enum severity field_severity(struct text path)
{
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct text row = text_of(rows[i].path);
		if (text_starts(path, row) &&
			(path.length == row.length || path.at[row.length] == '.'))
			return rows[i].severity;
	}
	return SEVERITY_SAFE;
}

bool field_measures(struct text path)
{
	static const char *const maps[] = {"parameters.", "storage.parameters."};
	for (size_t i = 0; i < sizeof maps / sizeof *maps; i++) {
		struct text map = text_of(maps[i]);
		if (text_starts(path, map) && definition_measures(text_from(path, map.length)))
			return true;
	}
	return false;
}

enum severity fields_grade(struct arena *arena, Tenon__V1__FieldChange *const *changes,
	size_t count, enum severity worst)
{
	for (size_t i = 0; i < count; i++) {
		enum severity severity = field_severity(text_of(changes[i]->path));
		changes[i]->severity = arena_text(arena, text_of(severity_name(severity)));
		worst = severity > worst ? severity : worst;
	}
	return worst;
}

size_t fields_without_measures(Tenon__V1__FieldChange **changes, size_t count)
{
	size_t kept = 0;
	for (size_t i = 0; i < count; i++) {
		if (!field_measures(text_of(changes[i]->path)))
			changes[kept++] = changes[i];
	}
	return kept;
}
