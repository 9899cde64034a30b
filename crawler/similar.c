#include "crawler/similar.h"

/* Families of kinds that differ from file to file without meaning anything. */
enum family {
	FAMILY_TRUTH = 1,
	FAMILY_NUMBER = 2,
	FAMILY_TEXT = 4,
	FAMILY_TIME = 8,
	FAMILY_LIST = 16,
	FAMILY_RECORD = 32, /* structs and maps */
	FAMILY_ANY = 63,
};

static unsigned families(const struct type *type)
{
	switch (type->kind) {
	case TYPE_NULL:
	case TYPE_KINDS_:
		return FAMILY_ANY;
	case TYPE_BOOLEAN:
		return FAMILY_TRUTH;
	case TYPE_TINYINT:
	case TYPE_SMALLINT:
	case TYPE_INT:
	case TYPE_LONG53:
	case TYPE_BIGINT:
	case TYPE_FLOAT:
	case TYPE_DOUBLE:
	case TYPE_DECIMAL:
		return FAMILY_NUMBER;
	case TYPE_STRING:
	case TYPE_CHAR:
	case TYPE_VARCHAR:
	case TYPE_BINARY:
		return FAMILY_TEXT;
	case TYPE_DATE:
	case TYPE_TIMESTAMP:
		return FAMILY_TIME;
	case TYPE_ARRAY:
		return FAMILY_LIST;
	case TYPE_MAP:
	case TYPE_STRUCT:
		return FAMILY_RECORD;
	case TYPE_CHOICE:
		break;
	}
	unsigned all = 0;
	for (size_t i = 0; i < type->count; i++)
		all |= families(type->arms[i]);
	return all;
}

double rows_similarity(const struct type *a, const struct type *b)
{
	if (a == b)
		return 1;
	size_t shared = 0;
	double score = 0;
	for (size_t i = 0; i < a->count; i++) {
		const struct field *field = &a->fields[i];
		const struct field *other =
			i < b->count && text_equal_folded(b->fields[i].name, field->name)
				? &b->fields[i]
				: type_field(b, field->name);
		if (!other)
			continue;
		shared++;
		score += families(field->type) & families(other->type) ? 1 : 0.5;
	}
	size_t all = a->count + b->count - shared;
	return all ? score / (double)all : 1;
}
