#include "formats/json_trace.h"

#include "base/memory.h"
#include "schema/join.h"

#include <stdlib.h>

/* From a trace's tree of counters to types and their evidence. */

static const struct type *node_type(struct arena *arena, const struct json_node *node);

static int by_birth(const void *left, const void *right)
{
	const struct json_node *const *a = left;
	const struct json_node *const *b = right;
	return ((*a)->born > (*b)->born) - ((*a)->born < (*b)->born);
}

/* The children that good records had, in the order in which the file first names them. */
static const struct json_node **children_of(
	struct arena *arena, const struct json_node *node, size_t *count_out)
{
	const struct json_node **children =
		arena_array(arena, node->child_count + 1, sizeof(struct json_node *));
	size_t count = 0;
	for (size_t i = 0; i < node->child_count; i++) {
		if (!json_node_is_empty(node->children[i]))
			children[count++] = node->children[i];
	}
	if (count)
		qsort(children, count, sizeof(struct json_node *), by_birth);
	*count_out = count;
	return children;
}

/* An object in which no key was ever met says nothing: null, which joins with
 * whatever other files know. */
static const struct type *object_type(struct arena *arena, const struct json_node *node)
{
	if (node->map)
		return type_map(arena, type_simple(TYPE_STRING), node_type(arena, node->value));
	size_t count = 0;
	const struct json_node **children = children_of(arena, node, &count);
	if (count == 0)
		return type_simple(TYPE_NULL);
	struct field *fields = arena_array(arena, count, sizeof *fields);
	for (size_t i = 0; i < count; i++) {
		fields[i].name = arena_copy(arena, children[i]->name);
		fields[i].type = node_type(arena, children[i]);
	}
	return type_struct(arena, fields, count);
}

static const struct type *decimal_type(struct arena *arena, const struct json_node *node)
{
	uint16_t digits = JSON_DIGITS_MOST;
	while (digits > JSON_DIGITS_LEAST && !node->digits[digits - JSON_DIGITS_LEAST])
		digits--;
	return type_decimal(arena, digits, 0);
}

/* What values of one kind at this path are. */
static const struct type *kind_type(
	struct arena *arena, const struct json_node *node, enum json_kind kind)
{
	switch (kind) {
	case JSON_BOOLEAN:
		return type_simple(TYPE_BOOLEAN);
	case JSON_INT:
		return type_simple(TYPE_INT);
	case JSON_LONG53:
		return type_simple(TYPE_LONG53);
	case JSON_BIGINT:
		return type_simple(TYPE_BIGINT);
	case JSON_DECIMAL:
		return decimal_type(arena, node);
	case JSON_DOUBLE:
		return type_simple(TYPE_DOUBLE);
	case JSON_STRING:
		return type_simple(TYPE_STRING);
	case JSON_LIST:
		return type_array(arena, node_type(arena, node->element));
	case JSON_OBJECT:
		return object_type(arena, node);
	case JSON_NULL:
	case JSON_KINDS_:
		break;
	}
	return type_simple(TYPE_NULL);
}

static const struct type *node_type(struct arena *arena, const struct json_node *node)
{
	const struct type *type = type_simple(TYPE_NULL);
	for (int kind = JSON_BOOLEAN; kind < JSON_KINDS_; kind++) {
		if (node->counts[kind])
			type = type_join(arena, type, kind_type(arena, node, (enum json_kind)kind));
	}
	return type;
}

struct listing_of {
	struct arena *arena;
	struct text file;
	struct evidence *at;
	size_t count, capacity;
};

static void add_evidence(struct listing_of *list, const struct json_node *node, struct text path)
{
	if (list->count == list->capacity) {
		size_t grown = memory_grown(list->capacity, list->count + 1);
		list->at = arena_grow(
			list->arena, list->at, list->count, grown, sizeof(struct evidence));
		list->capacity = grown;
	}
	struct evidence *evidence = &list->at[list->count++];
	evidence->path = path;
	evidence->nulls = node->counts[JSON_NULL];
	evidence->arms = arena_array(list->arena, JSON_KINDS_, sizeof *evidence->arms);
	for (int kind = JSON_BOOLEAN; kind < JSON_KINDS_; kind++) {
		if (!node->counts[kind])
			continue;
		const struct json_sighting *first = node->first[kind];
		evidence->values += node->counts[kind];
		evidence->arms[evidence->arm_count++] = (struct evidence_arm){
			.type = kind_type(list->arena, node, (enum json_kind)kind),
			.values = node->counts[kind],
			.file = list->file,
			.byte = first->byte,
			.sample = arena_copy(
				list->arena, (struct text){first->sample, first->length}),
		};
	}
}

static struct text path_below(struct arena *arena, struct text path, struct text name)
{
	if (path.length == 0)
		return arena_copy(arena, name);
	return text_of(arena_printf(arena, "%.*s.%.*s", TEXT_ARG(path), TEXT_ARG(name)));
}

static void list_below(struct listing_of *list, const struct json_node *node, struct text path);

static void list_node(struct listing_of *list, const struct json_node *node, struct text path)
{
	add_evidence(list, node, path);
	list_below(list, node, path);
}

static void list_below(struct listing_of *list, const struct json_node *node, struct text path)
{
	if (node->element && !json_node_is_empty(node->element))
		list_node(list, node->element, path_below(list->arena, path, TEXT("element")));
	if (node->map)
		list_node(list, node->value, path_below(list->arena, path, TEXT("value")));
	size_t count = 0;
	const struct json_node **children = children_of(list->arena, node, &count);
	for (size_t i = 0; i < count; i++)
		list_node(list, children[i], path_below(list->arena, path, children[i]->name));
}

void json_trace_result(
	struct json_trace *trace, struct arena *arena, struct text file, struct inferred *inferred)
{
	const struct json_node *root = json_trace_root(trace);
	inferred->row = object_type(arena, root);
	if (inferred->row->kind != TYPE_STRUCT)
		inferred->row = type_struct(arena, NULL, 0);
	inferred->rows = root->counts[JSON_OBJECT];
	inferred->typed = true;
	struct listing_of list = {.arena = arena, .file = file};
	list_below(&list, root, (struct text){"", 0});
	inferred->evidence = list.at;
	inferred->evidence_count = list.count;
}
