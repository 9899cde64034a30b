#include "registry/json_schema.h"

#include "base/limits.h"
#include "base/memory.h"

#include <stdlib.h>

/* What a schema may look like: JSON Schema Core and Validation, draft-07 and 2020-12. */

struct parser {
	struct arena *arena;
	struct json_schema *schema;
	size_t anchor_capacity;
	const struct document **schemas; /* every one that was checked */
	size_t schema_count;
	size_t schema_capacity;
	bool *checked; /* by document */
	bool late; /* anchors are sorted already */
	uint16_t *heights; /* by document: see height_of */
	struct error *err;
};

#define WRONG(p, from, ...)                                                 \
	fail((p)->err, STATUS_INVALID_ARGUMENT, "byte %zu: %s", (from)->at, \
		arena_printf((p)->arena, __VA_ARGS__))

static enum status schema_check(struct parser *p, const struct document *schema);

/* The values that keywords have. */

static enum status check_text(struct parser *p, const struct document *value)
{
	if (value->kind == DOCUMENT_STRING)
		return STATUS_OK;
	return WRONG(p, value, "'%.*s' is a text", TEXT_ARG(value->key));
}

static enum status check_number(struct parser *p, const struct document *value)
{
	if (value->kind == DOCUMENT_NUMBER)
		return STATUS_OK;
	return WRONG(p, value, "'%.*s' is a number", TEXT_ARG(value->key));
}

static enum status check_limit(struct parser *p, const struct document *value)
{
	/* Draft-04: true makes the limit beside it one that is not reached. */
	if (p->schema->draft == DRAFT_04 &&
		(value->kind == DOCUMENT_TRUE || value->kind == DOCUMENT_FALSE))
		return STATUS_OK;
	return check_number(p, value);
}

static enum status check_positive(struct parser *p, const struct document *value)
{
	if (value->kind == DOCUMENT_NUMBER && number_compare(value->text, TEXT("0")) > 0)
		return STATUS_OK;
	return WRONG(p, value, "'%.*s' is a number above 0", TEXT_ARG(value->key));
}

static enum status check_count(struct parser *p, const struct document *value)
{
	if (value->kind == DOCUMENT_NUMBER && number_is_whole(value->text) &&
		number_compare(value->text, TEXT("0")) >= 0)
		return STATUS_OK;
	return WRONG(p, value, "'%.*s' is a whole number from 0", TEXT_ARG(value->key));
}

static enum status check_bool(struct parser *p, const struct document *value)
{
	if (value->kind == DOCUMENT_TRUE || value->kind == DOCUMENT_FALSE)
		return STATUS_OK;
	return WRONG(p, value, "'%.*s' is true or false", TEXT_ARG(value->key));
}

static enum status check_list(struct parser *p, const struct document *value)
{
	if (value->kind == DOCUMENT_LIST && value->count > 0)
		return STATUS_OK;
	return WRONG(p, value, "'%.*s' is a list that is not empty", TEXT_ARG(value->key));
}

static enum status check_texts(struct parser *p, const struct document *value)
{
	if (value->kind != DOCUMENT_LIST)
		return WRONG(p, value, "'%.*s' is a list of texts", TEXT_ARG(value->key));
	for (size_t i = 0; i < value->count; i++) {
		if (value->items[i].kind != DOCUMENT_STRING)
			return WRONG(p, &value->items[i], "'%.*s' is a list of texts",
				TEXT_ARG(value->key));
	}
	return STATUS_OK;
}

static enum status check_type(struct parser *p, const struct document *value)
{
	bool list = value->kind == DOCUMENT_LIST;
	size_t count = list ? value->count : 1;
	if (list && count == 0)
		return WRONG(p, value, "'type' names at least one type");
	for (size_t i = 0; i < count; i++) {
		const struct document *name = list ? &value->items[i] : value;
		if (name->kind != DOCUMENT_STRING || json_type_bits(name->text) == 0)
			return WRONG(p, name,
				"%s is no type: null, boolean, object, array, number, string, "
				"integer",
				document_brief(p->arena, name));
	}
	return STATUS_OK;
}

static enum status check_schemas(struct parser *p, const struct document *value)
{
	TRY(check_list(p, value));
	for (size_t i = 0; i < value->count; i++)
		TRY(schema_check(p, &value->items[i]));
	return STATUS_OK;
}

static enum status check_items(struct parser *p, const struct document *value)
{
	if (value->kind != DOCUMENT_LIST)
		return schema_check(p, value);
	for (size_t i = 0; i < value->count; i++)
		TRY(schema_check(p, &value->items[i]));
	return STATUS_OK;
}

static enum status check_members(struct parser *p, const struct document *value)
{
	if (value->kind != DOCUMENT_OBJECT)
		return WRONG(p, value, "'%.*s' is an object of schemas", TEXT_ARG(value->key));
	for (size_t i = 0; i < value->count; i++)
		TRY(schema_check(p, &value->items[i]));
	return STATUS_OK;
}

/* A schema, or a list of names, for each property. */
static enum status check_dependencies(struct parser *p, const struct document *value)
{
	if (value->kind != DOCUMENT_OBJECT)
		return WRONG(p, value, "'%.*s' is an object", TEXT_ARG(value->key));
	for (size_t i = 0; i < value->count; i++)
		TRY(value->items[i].kind == DOCUMENT_LIST ? check_texts(p, &value->items[i])
							  : schema_check(p, &value->items[i]));
	return STATUS_OK;
}

static enum status anchor_add(struct parser *p, struct text name, const struct document *schema)
{
	struct json_schema *in = p->schema;
	size_t wanted = memory_grown(p->anchor_capacity, in->anchor_count + 1);
	if (wanted != p->anchor_capacity)
		in->anchors = arena_grow(
			p->arena, in->anchors, in->anchor_count, wanted, sizeof *in->anchors);
	p->anchor_capacity = wanted;
	in->anchors[in->anchor_count++] = (struct json_anchor){name, schema};
	return STATUS_OK;
}

static const struct keyword {
	const char *name;
	enum status (*check)(struct parser *p, const struct document *value);
} keywords[] = {
	{"$ref", check_text},
	{"$schema", check_text},
	{"$id", check_text},
	{"$anchor", check_text},
	{"type", check_type},
	{"enum", check_list},
	{"multipleOf", check_positive},
	{"minimum", check_number},
	{"maximum", check_number},
	{"exclusiveMinimum", check_limit},
	{"exclusiveMaximum", check_limit},
	{"minLength", check_count},
	{"maxLength", check_count},
	{"pattern", check_text},
	{"format", check_text},
	{"items", check_items},
	{"prefixItems", check_schemas},
	{"additionalItems", schema_check},
	{"contains", schema_check},
	{"minContains", check_count},
	{"maxContains", check_count},
	{"minItems", check_count},
	{"maxItems", check_count},
	{"uniqueItems", check_bool},
	{"properties", check_members},
	{"patternProperties", check_members},
	{"additionalProperties", schema_check},
	{"propertyNames", schema_check},
	{"required", check_texts},
	{"minProperties", check_count},
	{"maxProperties", check_count},
	{"dependencies", check_dependencies},
	{"dependentRequired", check_dependencies},
	{"dependentSchemas", check_members},
	{"unevaluatedItems", schema_check},
	{"unevaluatedProperties", schema_check},
	{"allOf", check_schemas},
	{"anyOf", check_schemas},
	{"oneOf", check_schemas},
	{"not", schema_check},
	{"if", schema_check},
	{"then", schema_check},
	{"else", schema_check},
	{"definitions", check_members},
	{"$defs", check_members},
};

static enum status anchors_note(struct parser *p, const struct document *schema)
{
	const struct document *anchor = document_member(schema, TEXT("$anchor"));
	const struct document *id = document_member(schema, TEXT("$id"));
	if (!id && p->schema->draft == DRAFT_04)
		id = document_member(schema, TEXT("id"));
	if (anchor && anchor->kind == DOCUMENT_STRING)
		TRY(anchor_add(p, text_of(arena_printf(p->arena, "#%.*s", TEXT_ARG(anchor->text))),
			schema));
	if (id && id->kind == DOCUMENT_STRING)
		TRY(anchor_add(p, id->text, schema));
	return STATUS_OK;
}

static void schema_note(struct parser *p, const struct document *schema)
{
	size_t wanted = memory_grown(p->schema_capacity, p->schema_count + 1);
	if (wanted != p->schema_capacity)
		p->schemas = arena_grow(p->arena, p->schemas, p->schema_count, wanted,
			sizeof(const struct document *));
	p->schema_capacity = wanted;
	p->schemas[p->schema_count++] = schema;
	p->checked[schema->index] = true;
}

static enum status schema_check(struct parser *p, const struct document *schema)
{
	if (schema->kind == DOCUMENT_TRUE || schema->kind == DOCUMENT_FALSE)
		return STATUS_OK;
	if (p->checked[schema->index])
		return STATUS_OK;
	if (schema->kind != DOCUMENT_OBJECT)
		return WRONG(p, schema, "%s is no schema: an object, true or false belongs here",
			document_brief(p->arena, schema));
	schema_note(p, schema);
	for (size_t i = 0; i < sizeof keywords / sizeof *keywords; i++) {
		const struct document *value = document_member(schema, text_of(keywords[i].name));
		if (value)
			TRY(keywords[i].check(p, value));
	}
	return p->late ? STATUS_OK : anchors_note(p, schema);
}

/* References */

static int anchors_compare(const void *a, const void *b)
{
	const struct json_anchor *left = a;
	const struct json_anchor *right = b;
	return text_compare(left->name, right->name);
}

static const struct document *anchor_find(const struct json_schema *in, struct text name)
{
	struct json_anchor key = {name, NULL};
	const struct json_anchor *found = in->anchor_count
						  ? bsearch(&key, in->anchors, in->anchor_count,
							    sizeof *in->anchors, anchors_compare)
						  : NULL;
	return found ? found->schema : NULL;
}

static int hex_digit(char byte)
{
	if (byte >= '0' && byte <= '9')
		return byte - '0';
	byte = text_lower(byte);
	return byte >= 'a' && byte <= 'f' ? byte - 'a' + 10 : -1;
}

/* One part of a pointer: ~1 is '/', ~0 is '~' (RFC 6901, section 4), %XX a byte (section
 * 6). False when it is longer than any key here. */
static bool part_decode(struct text part, struct buffer *out)
{
	buffer_clear(out);
	for (size_t i = 0; i < part.length; i++) {
		char byte = part.at[i];
		char next = i + 1 < part.length ? part.at[i + 1] : 0;
		int high = byte == '%' && i + 2 < part.length ? hex_digit(next) : -1;
		int low = high >= 0 ? hex_digit(part.at[i + 2]) : -1;
		if (low >= 0) {
			buffer_add_byte(out, (char)(high * 16 + low));
			i += 2;
		} else if (byte == '~' && (next == '0' || next == '1')) {
			buffer_add_byte(out, next == '0' ? '~' : '/');
			i++;
		} else {
			buffer_add_byte(out, byte);
		}
	}
	return !out->full;
}

static const struct document *pointer_find(const struct document *root, struct text pointer)
{
	struct buffer SCOPED_BUFFER key;
	struct text part;
	bool more = true;
	buffer_init(&key, LIMIT_DEFINITION_BYTES);
	if (pointer.length == 0)
		return root;
	(void)text_split(&pointer, &more, '/', &part); /* what is before the first '/' */
	while (root && text_split(&pointer, &more, '/', &part)) {
		uint64_t at;
		if (!part_decode(part, &key))
			return NULL;
		struct text name = buffer_text(&key);
		if (root->kind == DOCUMENT_OBJECT)
			root = document_member(root, name);
		else if (root->kind == DOCUMENT_LIST && name.length &&
			 text_uint64(name, &at) == name.length && at < root->count)
			root = &root->items[at];
		else
			root = NULL;
	}
	return root;
}

static const struct document *ref_find(const struct json_schema *in, struct text ref)
{
	const struct document *found = anchor_find(in, ref);
	if (found)
		return found;
	size_t hash = text_find(ref, '#');
	const struct document *base = in->root;
	if (hash > 0)
		base = anchor_find(in, text_until(ref, hash));
	struct text rest = hash < ref.length ? text_from(ref, hash + 1) : (struct text){"", 0};
	if (!base || (rest.length && rest.at[0] != '/'))
		return NULL;
	return pointer_find(base, rest);
}

const struct document *json_ref(const struct json_schema *in, const struct document *schema)
{
	const struct document *ref = document_member(schema, TEXT("$ref"));
	return ref && ref->kind == DOCUMENT_STRING ? ref_find(in, ref->text) : NULL;
}

bool json_ref_is_alone(const struct json_schema *in)
{
	return in->draft < DRAFT_2019;
}

/* That every reference leads to a schema, and none back to itself without going into a
 * value: such a schema has no meaning (Core, "Guarding Against Infinite Recursion"). A
 * schema's height is how many such steps lead on from it. */

enum { HEIGHT_OPEN = UINT16_MAX, HEIGHT_MAX = 200 };

static enum status height_of(
	struct parser *p, const struct document *schema, unsigned depth, unsigned *highest);

static enum status list_heights(struct parser *p, const struct document *schema, struct text key,
	unsigned depth, unsigned *highest)
{
	const struct document *list = document_member(schema, key);
	for (size_t i = 0; list && i < list->count; i++)
		TRY(height_of(p, &list->items[i], depth, highest));
	return STATUS_OK;
}

static enum status target_height(struct parser *p, const struct document *schema,
	const struct document *ref, unsigned depth, unsigned *highest)
{
	const struct document *target = json_ref(p->schema, schema);
	if (!target)
		return WRONG(p, ref, "the reference '%.*s' leads to nothing in this definition",
			TEXT_ARG(text_until(ref->text, 100)));
	TRY(schema_check(p, target));
	return height_of(p, target, depth, highest);
}

static enum status inner_heights(
	struct parser *p, const struct document *schema, unsigned depth, unsigned *highest)
{
	static const char *const lists[] = {"allOf", "anyOf", "oneOf"};
	static const char *const ones[] = {"not", "if", "then", "else"};
	const struct document *ref = document_member(schema, TEXT("$ref"));
	if (ref)
		TRY(target_height(p, schema, ref, depth, highest));
	if (ref && json_ref_is_alone(p->schema))
		return STATUS_OK;
	for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
		TRY(list_heights(p, schema, text_of(lists[i]), depth, highest));
	for (size_t i = 0; i < sizeof ones / sizeof *ones; i++) {
		const struct document *one = document_member(schema, text_of(ones[i]));
		if (one)
			TRY(height_of(p, one, depth, highest));
	}
	return STATUS_OK;
}

/* Raises `highest` to the schema's height and one more. */
static enum status height_of(
	struct parser *p, const struct document *schema, unsigned depth, unsigned *highest)
{
	uint16_t *height = &p->heights[schema->index];
	unsigned inner = 0;
	if (schema->kind != DOCUMENT_OBJECT)
		return STATUS_OK;
	if (*height == HEIGHT_OPEN)
		return WRONG(p, schema, "this schema leads back to itself");
	if (*height == 0) {
		*height = HEIGHT_OPEN;
		if (depth <= HEIGHT_MAX)
			TRY(inner_heights(p, schema, depth + 1, &inner));
		*height = (uint16_t)(inner + 1);
	} else {
		inner = *height - 1u;
	}
	if (depth > HEIGHT_MAX || inner >= HEIGHT_MAX)
		return fail(p->err, STATUS_RESOURCE_EXHAUSTED,
			"byte %zu: more than %d schemas lead on from each other", schema->at,
			HEIGHT_MAX);
	if (inner + 1 > *highest)
		*highest = inner + 1;
	return STATUS_OK;
}

static enum draft draft_of(const struct document *root)
{
	static const struct {
		const char *name;
		enum draft draft;
	} rows[] = {{"draft-03", DRAFT_04}, {"draft-04", DRAFT_04}, {"draft-06", DRAFT_06},
		{"draft-07", DRAFT_07}, {"2019-09", DRAFT_2019}, {"2020-12", DRAFT_2020}};
	const struct document *said = document_member(root, TEXT("$schema"));
	for (size_t i = 0; said && i < sizeof rows / sizeof *rows; i++) {
		if (memmem(said->text.at, said->text.length, rows[i].name, strlen(rows[i].name)))
			return rows[i].draft;
	}
	return DRAFT_07;
}

enum status json_schema_parse(
	struct arena *arena, struct text text, const void **parsed_out, struct error *err)
{
	struct json_schema *schema = arena_alloc(arena, sizeof *schema);
	struct parser p = {.arena = arena, .schema = schema, .err = err};
	TRY(document_parse(arena, text, &schema->root, err));
	const struct document *said = document_member(schema->root, TEXT("$schema"));
	schema->draft = said && said->kind == DOCUMENT_STRING ? draft_of(schema->root) : DRAFT_07;
	p.checked = arena_alloc(arena, text.length + 1);
	p.heights = arena_array(arena, text.length + 1, sizeof *p.heights);
	schema->types = arena_alloc(arena, text.length + 1);
	TRY(schema_check(&p, schema->root));
	if (schema->anchor_count)
		qsort(schema->anchors, schema->anchor_count, sizeof *schema->anchors,
			anchors_compare);
	p.late = true;
	for (size_t i = 0; i < p.schema_count; i++) { /* more come as references lead to them */
		unsigned highest = 0;
		TRY(height_of(&p, p.schemas[i], 0, &highest));
	}
	*parsed_out = schema;
	return STATUS_OK;
}

static void print(const void *parsed, struct buffer *out)
{
	document_print(((const struct json_schema *)parsed)->root, out);
}

const struct format format_json = {TENON__V1__DATA_FORMAT__DATA_FORMAT_JSON, "JSON",
	json_schema_parse, print, json_schema_reads, json_schema_columns};
