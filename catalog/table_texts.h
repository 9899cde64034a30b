#pragma once

#include "catalog/tables.h"
#include "tenon/store/v1/tags.pb-c.h"

#include <stdbool.h>

/* The texts of a table that search looks into, the most telling first. Parameters
 * that only measure the data are none: they change without a change of the table. */
enum table_field {
	FIELD_NAME,
	FIELD_COLUMN,
	FIELD_DATABASE,
	FIELD_DESCRIPTION,
	FIELD_COMMENT,
	FIELD_OWNER,
	FIELD_TABLE_TYPE,
	FIELD_LOCATION,
	FIELD_TYPE,
	FIELD_PARAMETER, /* of it or a column: its key and its value, one after the other */
	FIELD_TAG, /* the same */
	FIELD_COUNT_,
};
const char *table_field_name(enum table_field field); /* "column", as a filter names it */

struct table_text {
	enum table_field field;
	struct text path; /* the column, parameter or tag; empty for what a table has once */
	struct text key; /* of a parameter or tag, whose value the text is; empty: it is no value */
	struct text text; /* its first LIMIT_SEARCH_TEXT_BYTES */
};
/* In order, until `visit` says false. `tags` NULL: none. */
void table_texts(const Tenon__V1__Table *table, const Tenon__Store__V1__TagsRecord *tags,
	bool (*visit)(void *state, const struct table_text *text), void *state);
