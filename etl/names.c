#include "etl/names.h"

#include "base/text.h"
#include "schema/notation.h"

static const char *const glue_names[TYPE_KINDS_] = {
	[TYPE_NULL] = "null",
	[TYPE_BOOLEAN] = "boolean",
	[TYPE_TINYINT] = "byte",
	[TYPE_SMALLINT] = "short",
	[TYPE_INT] = "int",
	[TYPE_LONG53] = "long",
	[TYPE_BIGINT] = "long",
	[TYPE_FLOAT] = "float",
	[TYPE_DOUBLE] = "double",
	[TYPE_DECIMAL] = "decimal",
	[TYPE_STRING] = "string",
	[TYPE_CHAR] = "string",
	[TYPE_VARCHAR] = "string",
	[TYPE_BINARY] = "binary",
	[TYPE_DATE] = "date",
	[TYPE_TIMESTAMP] = "timestamp",
	[TYPE_ARRAY] = "array",
	[TYPE_MAP] = "map",
	[TYPE_STRUCT] = "struct",
	[TYPE_CHOICE] = "choice",
};

const char *glue_type_name(const struct type *type)
{
	return glue_names[type->kind];
}

enum status glue_type_parse(
	struct arena *arena, const char *name, const struct type **type_out, struct error *err)
{
	static const struct {
		const char *glue, *hive;
	} aliases[] = {{"short", "smallint"}, {"byte", "tinyint"}, {"bool", "boolean"},
		{"long", "bigint"}, {"decimal", "decimal(10,2)"}};
	struct text text = text_trimmed(text_of(name));
	for (size_t i = 0; i < sizeof aliases / sizeof *aliases; i++) {
		if (text_equal_folded(text, text_of(aliases[i].glue)))
			text = text_of(aliases[i].hive);
	}
	return type_parse(arena, text, type_out, err);
}
