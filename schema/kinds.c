#include "schema/kinds.h"

static const char *const names[TYPE_KINDS_] = {
	[TYPE_NULL] = "null",
	[TYPE_BOOLEAN] = "boolean",
	[TYPE_TINYINT] = "tinyint",
	[TYPE_SMALLINT] = "smallint",
	[TYPE_INT] = "int",
	[TYPE_LONG53] = "bigint53",
	[TYPE_BIGINT] = "bigint",
	[TYPE_FLOAT] = "float",
	[TYPE_DOUBLE] = "double",
	[TYPE_DECIMAL] = "decimal",
	[TYPE_STRING] = "string",
	[TYPE_CHAR] = "char",
	[TYPE_VARCHAR] = "varchar",
	[TYPE_BINARY] = "binary",
	[TYPE_DATE] = "date",
	[TYPE_TIMESTAMP] = "timestamp",
	[TYPE_ARRAY] = "array",
	[TYPE_MAP] = "map",
	[TYPE_STRUCT] = "struct",
	[TYPE_CHOICE] = "choice",
};

/* Hive's and Spark's other words (Hive Language Manual, "Types"; Glue writes long, short, byte). */
static const struct {
	const char *word;
	enum type_kind kind;
} synonyms[] = {
	{"integer", TYPE_INT},
	{"long", TYPE_BIGINT},
	{"short", TYPE_SMALLINT},
	{"byte", TYPE_TINYINT},
	{"real", TYPE_FLOAT},
	{"numeric", TYPE_DECIMAL},
	{"dec", TYPE_DECIMAL},
	{"void", TYPE_NULL},
	{"uniontype", TYPE_CHOICE},
};

const char *kind_name(enum type_kind kind)
{
	return names[kind];
}

bool kind_find(struct text word, enum type_kind *kind_out)
{
	for (enum type_kind kind = TYPE_NULL; kind < TYPE_KINDS_; kind++) {
		if (text_equal_folded(word, text_of(names[kind]))) {
			*kind_out = kind;
			return true;
		}
	}
	for (size_t i = 0; i < sizeof synonyms / sizeof *synonyms; i++) {
		if (text_equal_folded(word, text_of(synonyms[i].word))) {
			*kind_out = synonyms[i].kind;
			return true;
		}
	}
	return false;
}
