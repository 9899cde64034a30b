#include "registry/json_schema.h"

#include <stdio.h>

/* What can be told of a schema's values without comparing it with another. */

static const struct {
	const char *name;
	unsigned bits;
} names[] = {
	{"null", JSON_TYPE_NULL},
	{"boolean", JSON_TYPE_BOOLEAN},
	{"object", JSON_TYPE_OBJECT},
	{"array", JSON_TYPE_ARRAY},
	{"string", JSON_TYPE_STRING},
	{"number", JSON_TYPE_NUMBER},
	{"integer", JSON_TYPE_INTEGER},
};

enum { NAMES = sizeof names / sizeof *names };

unsigned json_type_bits(struct text name)
{
	for (size_t i = 0; i < NAMES; i++) {
		if (text_equal(name, text_of(names[i].name)))
			return names[i].bits;
	}
	return 0;
}

const char *json_types_text(struct arena *arena, unsigned types)
{
	const char *text = "";
	if (types == JSON_TYPE_ALL)
		return "any";
	for (size_t i = 0; i < NAMES; i++) {
		if ((types & names[i].bits) != names[i].bits)
			continue;
		text = arena_printf(arena, "%s%s%s", text, *text ? "|" : "", names[i].name);
		types &= ~names[i].bits;
	}
	return *text ? text : types ? "fraction" : "nothing";
}

unsigned json_value_type(const struct document *value)
{
	switch (value->kind) {
	case DOCUMENT_NULL:
		return JSON_TYPE_NULL;
	case DOCUMENT_FALSE:
	case DOCUMENT_TRUE:
		return JSON_TYPE_BOOLEAN;
	case DOCUMENT_NUMBER:
		return number_is_whole(value->text) ? JSON_TYPE_INTEGER : JSON_TYPE_FRACTION;
	case DOCUMENT_STRING:
		return JSON_TYPE_STRING;
	case DOCUMENT_LIST:
		return JSON_TYPE_ARRAY;
	case DOCUMENT_OBJECT:
		return JSON_TYPE_OBJECT;
	}
	return 0;
}

static unsigned types_said(const struct document *schema)
{
	const struct document *type = document_member(schema, TEXT("type"));
	unsigned types = 0;
	if (!type)
		return JSON_TYPE_ALL;
	if (type->kind == DOCUMENT_STRING)
		return json_type_bits(type->text);
	for (size_t i = 0; i < type->count; i++)
		types |= json_type_bits(type->items[i].text);
	return types;
}

static unsigned types_listed(const struct document *schema)
{
	const struct document *list = document_member(schema, TEXT("enum"));
	const struct document *only = document_member(schema, TEXT("const"));
	unsigned types = list ? 0 : JSON_TYPE_ALL;
	for (size_t i = 0; list && i < list->count; i++)
		types |= json_value_type(&list->items[i]);
	return only ? types & json_value_type(only) : types;
}

static unsigned types_joined(
	const struct json_schema *in, const struct document *schema, struct text key)
{
	const struct document *list = document_member(schema, key);
	unsigned types = 0;
	if (!list)
		return JSON_TYPE_ALL;
	for (size_t i = 0; i < list->count; i++)
		types |= json_types(in, &list->items[i]);
	return types;
}

static unsigned types_found(const struct json_schema *in, const struct document *schema)
{
	const struct document *target = json_ref(in, schema);
	const struct document *all = document_member(schema, TEXT("allOf"));
	unsigned types = target ? json_types(in, target) : JSON_TYPE_ALL;
	if (target && json_ref_is_alone(in))
		return types;
	types &= types_said(schema) & types_listed(schema);
	for (size_t i = 0; all && i < all->count; i++)
		types &= json_types(in, &all->items[i]);
	return types & types_joined(in, schema, TEXT("anyOf")) &
	       types_joined(in, schema, TEXT("oneOf"));
}

unsigned json_types(const struct json_schema *in, const struct document *schema)
{
	enum { KNOWN = 128 };
	if (schema->kind != DOCUMENT_OBJECT)
		return schema->kind == DOCUMENT_FALSE ? 0 : JSON_TYPE_ALL;
	unsigned char *types = &in->types[schema->index];
	if (!(*types & KNOWN))
		*types = (unsigned char)(types_found(in, schema) | KNOWN);
	return *types & JSON_TYPE_ALL;
}

/* One value against a schema */

static bool is_listed(const struct document *schema, const struct document *value)
{
	const struct document *list = document_member(schema, TEXT("enum"));
	const struct document *only = document_member(schema, TEXT("const"));
	bool found = !list;
	for (size_t i = 0; list && i < list->count && !found; i++)
		found = document_equal(&list->items[i], value);
	return found && (!only || document_equal(only, value));
}

static bool number_fits(const struct document *schema, struct text number)
{
	static const struct {
		const char *key;
		int least, most; /* of number_compare(value, limit) */
	} rows[] = {{"minimum", 0, 1}, {"maximum", -1, 0}, {"exclusiveMinimum", 1, 1},
		{"exclusiveMaximum", -1, -1}};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const struct document *limit = document_member(schema, text_of(rows[i].key));
		if (!limit)
			continue;
		if (limit->kind != DOCUMENT_NUMBER)
			return false; /* draft-04's boolean: not told here */
		int order = number_compare(number, limit->text);
		if (order < rows[i].least || order > rows[i].most)
			return false;
	}
	return !document_member(schema, TEXT("multipleOf"));
}

static bool count_fits(
	const struct document *schema, size_t count, struct text least, struct text most)
{
	const struct document *low = document_member(schema, least);
	const struct document *high = document_member(schema, most);
	char digits[24];
	(void)snprintf(digits, sizeof digits, "%zu", count);
	struct text number = text_of(digits);
	return (!low || number_compare(number, low->text) >= 0) &&
	       (!high || number_compare(number, high->text) <= 0);
}

static bool has_any(const struct document *schema, const char *const *keys, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (document_member(schema, text_of(keys[i])))
			return true;
	}
	return false;
}

bool json_value_fits(const struct document *schema, const struct document *value)
{
	static const char *const untold[] = {"$ref", "allOf", "anyOf", "oneOf", "not", "if",
		"pattern", "format", "properties", "patternProperties", "additionalProperties",
		"required", "items", "prefixItems", "additionalItems", "contains", "minItems",
		"maxItems", "uniqueItems", "minProperties", "maxProperties", "propertyNames",
		"dependencies", "dependentRequired", "dependentSchemas", "unevaluatedItems",
		"unevaluatedProperties", "$dynamicRef", "$recursiveRef"};
	if (schema->kind != DOCUMENT_OBJECT)
		return schema->kind == DOCUMENT_TRUE;
	if (has_any(schema, untold, sizeof untold / sizeof *untold))
		return false;
	if (!(types_said(schema) & json_value_type(value)) || !is_listed(schema, value))
		return false;
	if (value->kind == DOCUMENT_NUMBER)
		return number_fits(schema, value->text);
	return value->kind != DOCUMENT_STRING || count_fits(schema, text_characters(value->text),
							 TEXT("minLength"), TEXT("maxLength"));
}
