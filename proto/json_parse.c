#include "base/limits.h"
#include "proto/json.h"
#include "proto/tree.h"

#include <jansson.h>

/* jansson takes up to some 256 bytes a value: what it may hold is bounded by
 * the separators, before it starts. */
enum { VALUE_BYTES = 256 };

static enum status check_size(struct text json, struct error *err)
{
	if (json.length > LIMIT_MESSAGE_BYTES)
		return fail(err, STATUS_RESOURCE_EXHAUSTED,
			"JSON text of %zu bytes is larger than %u bytes", json.length,
			LIMIT_MESSAGE_BYTES);
	size_t values = 1;
	for (size_t i = 0; i < json.length; i++) {
		char byte = json.at[i];
		values += byte == ',' || byte == '[' || byte == '{' || byte == ':';
	}
	if (values > LIMIT_ARENA_BYTES / VALUE_BYTES)
		return fail(err, STATUS_RESOURCE_EXHAUSTED,
			"JSON text may have %zu values, more than %u", values,
			LIMIT_ARENA_BYTES / VALUE_BYTES);
	return STATUS_OK;
}

static enum status node_of(
	json_t *json, unsigned depth, struct arena *arena, struct node *node, struct error *err)
{
	if (depth > LIMIT_MESSAGE_DEPTH)
		return fail(err, STATUS_RESOURCE_EXHAUSTED, "JSON is nested deeper than %d levels",
			LIMIT_MESSAGE_DEPTH);
	switch (json_typeof(json)) {
	case JSON_NULL:
		node->kind = NODE_NULL;
		return STATUS_OK;
	case JSON_TRUE:
	case JSON_FALSE:
		node->kind = NODE_BOOLEAN;
		node->boolean = json_is_true(json);
		return STATUS_OK;
	case JSON_INTEGER:
		node->kind = NODE_WHOLE;
		node->whole = json_integer_value(json);
		return STATUS_OK;
	case JSON_REAL:
		node->kind = NODE_REAL;
		node->real = json_real_value(json);
		return STATUS_OK;
	case JSON_STRING:
		node->kind = NODE_TEXT;
		node->text = (struct text){json_string_value(json), json_string_length(json)};
		return STATUS_OK;
	case JSON_ARRAY:
		node->kind = NODE_LIST;
		node->count = json_array_size(json);
		node->items = arena_array(arena, node->count, sizeof *node->items);
		for (size_t i = 0; i < node->count; i++)
			TRY(node_of(
				json_array_get(json, i), depth + 1, arena, &node->items[i], err));
		return STATUS_OK;
	case JSON_OBJECT:
		break;
	}
	node->kind = NODE_OBJECT;
	node->items = arena_array(arena, json_object_size(json), sizeof *node->items);
	for (void *at = json_object_iter(json); at; at = json_object_iter_next(json, at)) {
		struct node *item = &node->items[node->count++];
		item->key = text_of(json_object_iter_key(at));
		TRY(node_of(json_object_iter_value(at), depth + 1, arena, item, err));
	}
	return STATUS_OK;
}

static enum status load(struct text json, json_t **value_out, struct error *err)
{
	TRY(check_size(json, err));
	json_error_t why;
	json_t *value = json_loadb(json.at ? json.at : "", json.length,
		JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &why);
	if (!value) {
		for (char *byte = why.text; *byte; byte++)
			*byte = (unsigned char)*byte < ' ' ? ' ' : *byte;
		return fail(err, STATUS_INVALID_ARGUMENT, "line %d column %d: %s", why.line,
			why.column, why.text);
	}
	*value_out = value;
	return STATUS_OK;
}

enum status json_parse(struct text json, const ProtobufCMessageDescriptor *descriptor,
	struct arena *arena, void *message_out, struct error *err)
{
	json_auto_t *value = NULL;
	TRY(load(json, &value, err));
	OWNED(arena) nodes = arena_new();
	struct node root = {0};
	ProtobufCMessage *message = NULL;
	TRY(node_of(value, 1, nodes, &root, err));
	TRY(tree_bind(&root, descriptor, arena, &message, err));
	memcpy(message_out, &message, sizeof(void *));
	return STATUS_OK;
}

/* node_of bounded the depth. */
static void keep_texts(struct node *node, struct arena *arena)
{
	node->key = arena_copy(arena, node->key);
	node->text = arena_copy(arena, node->text);
	for (size_t i = 0; i < node->count; i++)
		keep_texts(&node->items[i], arena);
}

enum status json_tree(
	struct text json, struct arena *arena, struct node *root_out, struct error *err)
{
	json_auto_t *value = NULL;
	struct node root = {0};
	TRY(load(json, &value, err));
	TRY(node_of(value, 1, arena, &root, err));
	keep_texts(&root, arena);
	*root_out = root;
	return STATUS_OK;
}
