#pragma once

#include "registry/document.h"
#include "registry/format.h"

/* Inside the room: a JSON Schema. Schemas stay the JSON they are; what is known of them
 * beside it is what their references mean. Draft-04, -06, -07, 2019-09 and 2020-12,
 * by "$schema"; draft-07 when there is none. */
enum draft { DRAFT_04 = 4, DRAFT_06 = 6, DRAFT_07 = 7, DRAFT_2019 = 2019, DRAFT_2020 = 2020 };

struct json_anchor {
	struct text name; /* "#address", or an $id */
	const struct document *schema;
};

struct json_schema {
	const struct document *root;
	enum draft draft;
	struct json_anchor *anchors; /* sorted by name */
	size_t anchor_count;
	unsigned char *types; /* by document: what json_types has found, and one bit */
};

/* Types as bits; whole numbers are a type of their own. */
enum {
	JSON_TYPE_NULL = 1,
	JSON_TYPE_BOOLEAN = 2,
	JSON_TYPE_OBJECT = 4,
	JSON_TYPE_ARRAY = 8,
	JSON_TYPE_STRING = 16,
	JSON_TYPE_INTEGER = 32,
	JSON_TYPE_FRACTION = 64,
	JSON_TYPE_NUMBER = JSON_TYPE_INTEGER | JSON_TYPE_FRACTION,
	JSON_TYPE_ALL = 127,
};

/* The schema that `schema`'s "$ref" names, NULL when it has none (or it names nothing,
 * which json_schema_parse has refused). */
const struct document *json_ref(const struct json_schema *in, const struct document *schema);
/* Of "$ref" only: before 2019-09 what stands beside it is not looked at. */
bool json_ref_is_alone(const struct json_schema *in);

unsigned json_type_bits(struct text name); /* 0: no such type */
unsigned json_value_type(const struct document *value);
/* The types that values of `schema` may have: never too few. */
unsigned json_types(const struct json_schema *in, const struct document *schema);
const char *json_types_text(struct arena *arena, unsigned types); /* "integer|null" */

/* Whether `value` is surely valid by what can be told of it without looking at its parts. */
bool json_value_fits(const struct document *schema, const struct document *value);

enum status json_schema_parse(
	struct arena *arena, struct text text, const void **parsed_out, struct error *err) MUST_USE;
bool json_schema_reads(struct reading *reading, const void *reader, const void *writer);
void json_schema_columns(struct arena *arena, const void *parsed, struct schema *schema_out);
