#include "registry/json_schema.h"

#include "registry/columns.h"

/* Of JSON Schemas only what says plainly what it holds becomes more than `string`. */

struct made {
	struct columns columns;
	const struct json_schema *in;
};

static const struct type *type_of(struct made *made, const struct document *schema);

static const struct document *resolved(struct made *made, const struct document *schema)
{
	for (const struct document *target = json_ref(made->in, schema); target;
		target = json_ref(made->in, schema))
		schema = target;
	return schema;
}

static const struct document *list_of(const struct document *schema)
{
	const struct document *list = document_member(schema, TEXT("anyOf"));
	return list ? list : document_member(schema, TEXT("oneOf"));
}

/* The only alternative that is not null, or the schema itself. */
static const struct document *alternative(struct made *made, const struct document *schema)
{
	const struct document *list = list_of(schema);
	const struct document *only = NULL;
	for (size_t i = 0; list && i < list->count; i++) {
		if ((json_types(made->in, &list->items[i]) & ~JSON_TYPE_NULL) == 0)
			continue;
		if (only)
			return schema;
		only = &list->items[i];
	}
	return only ? resolved(made, only) : schema;
}

static const struct type *text_type(const struct document *schema)
{
	const struct document *format = document_member(schema, TEXT("format"));
	if (format && text_equal(format->text, TEXT("date-time")))
		return type_simple(TYPE_TIMESTAMP);
	if (format && text_equal(format->text, TEXT("date")))
		return type_simple(TYPE_DATE);
	return type_simple(TYPE_STRING);
}

static const struct type *list_type(struct made *made, const struct document *schema)
{
	const struct document *items = document_member(schema, TEXT("items"));
	bool plain = items && items->kind == DOCUMENT_OBJECT &&
		     !document_member(schema, TEXT("prefixItems"));
	return type_array(
		made->columns.arena, plain ? type_of(made, items) : type_simple(TYPE_STRING));
}

static const struct type *object_type(struct made *made, const struct document *schema)
{
	struct arena *arena = made->columns.arena;
	const struct document *members = document_member(schema, TEXT("properties"));
	const struct document *others = document_member(schema, TEXT("additionalProperties"));
	if (!members || members->count == 0)
		return others && others->kind == DOCUMENT_OBJECT
			       ? type_map(arena, type_simple(TYPE_STRING), type_of(made, others))
			       : type_simple(TYPE_STRING);
	struct field *fields = arena_array(arena, members->count, sizeof *fields);
	for (size_t i = 0; i < members->count; i++)
		fields[i] =
			(struct field){members->items[i].key, type_of(made, &members->items[i])};
	return type_struct(arena, fields, members->count);
}

static const struct type *parts_type(
	struct made *made, const struct document *schema, unsigned types)
{
	const struct document *members = document_member(schema, TEXT("properties"));
	if (!columns_enter(&made->columns, schema, members ? members->count : 0))
		return type_simple(TYPE_STRING);
	const struct type *type =
		types == JSON_TYPE_ARRAY ? list_type(made, schema) : object_type(made, schema);
	columns_leave(&made->columns);
	return type;
}

static const struct type *type_of(struct made *made, const struct document *schema)
{
	schema = alternative(made, resolved(made, schema));
	unsigned types = json_types(made->in, schema) & ~(unsigned)JSON_TYPE_NULL;
	switch (types) {
	case JSON_TYPE_BOOLEAN:
		return type_simple(TYPE_BOOLEAN);
	case JSON_TYPE_INTEGER:
		return type_simple(TYPE_BIGINT);
	case JSON_TYPE_NUMBER:
	case JSON_TYPE_FRACTION:
		return type_simple(TYPE_DOUBLE);
	case JSON_TYPE_STRING:
		return text_type(schema);
	case JSON_TYPE_ARRAY:
	case JSON_TYPE_OBJECT:
		return parts_type(made, schema, types);
	default:
		return type_simple(TYPE_STRING);
	}
}

static struct text comment_of(const struct document *schema)
{
	const struct document *said = document_member(schema, TEXT("description"));
	return said && said->kind == DOCUMENT_STRING ? said->text : (struct text){"", 0};
}

void json_schema_columns(struct arena *arena, const void *parsed, struct schema *schema_out)
{
	const struct json_schema *schema = parsed;
	struct made made = {
		.columns = {.arena = arena, .fields_left = COLUMN_FIELDS}, .in = schema};
	const struct document *root = alternative(&made, resolved(&made, schema->root));
	const struct document *members = document_member(root, TEXT("properties"));
	size_t count = members ? members->count : 1;
	struct column *columns = arena_array(arena, count, sizeof *columns);
	*schema_out = (struct schema){.columns = columns, .column_count = count};
	if (!members) {
		columns[0] = (struct column){
			TEXT("value"), type_of(&made, schema->root), comment_of(schema->root)};
		return;
	}
	(void)columns_enter(&made.columns, root, count);
	for (size_t i = 0; i < count; i++)
		columns[i] = (struct column){members->items[i].key,
			type_of(&made, &members->items[i]), comment_of(&members->items[i])};
}
