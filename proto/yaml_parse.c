#include "base/limits.h"
#include "base/memory.h"
#include "proto/json.h"
#include "proto/tree.h"

#include <yaml.h>

struct reader {
	yaml_parser_t parser;
	yaml_event_t event;
	bool has_event;
	struct arena *arena;
};

static void reader_done(struct reader *reader)
{
	if (reader->has_event)
		yaml_event_delete(&reader->event);
	yaml_parser_delete(&reader->parser);
}

static enum status refuse(yaml_mark_t mark, const char *why, struct error *err)
{
	return fail(err, STATUS_INVALID_ARGUMENT, "line %zu column %zu: %s", mark.line + 1,
		mark.column + 1, why);
}

static enum status next_event(struct reader *reader, struct error *err)
{
	if (reader->has_event)
		yaml_event_delete(&reader->event);
	reader->has_event = false;
	if (!yaml_parser_parse(&reader->parser, &reader->event)) {
		const char *problem = reader->parser.problem;
		return refuse(reader->parser.problem_mark, problem ? problem : "not YAML", err);
	}
	reader->has_event = true;
	if (arena_bytes(reader->arena) > LIMIT_ARENA_BYTES)
		return fail(err, STATUS_RESOURCE_EXHAUSTED,
			"YAML text takes more than %u bytes of memory", LIMIT_ARENA_BYTES);
	return STATUS_OK;
}

static struct node *add_item(struct reader *reader, struct node *node, size_t *capacity)
{
	if (node->count == *capacity) {
		size_t grown = memory_grown(*capacity, node->count + 1);
		node->items = arena_grow(
			reader->arena, node->items, node->count, grown, sizeof *node->items);
		*capacity = grown;
	}
	return &node->items[node->count++];
}

static struct text scalar_text(const struct reader *reader)
{
	return arena_copy(
		reader->arena, (struct text){(const char *)reader->event.data.scalar.value,
				       reader->event.data.scalar.length});
}

static enum status read_node(
	struct reader *reader, unsigned depth, struct node *node, struct error *err);

static enum status read_list(
	struct reader *reader, unsigned depth, struct node *node, struct error *err)
{
	size_t capacity = 0;
	node->kind = NODE_LIST;
	for (;;) {
		TRY(next_event(reader, err));
		if (reader->event.type == YAML_SEQUENCE_END_EVENT)
			return STATUS_OK;
		TRY(read_node(reader, depth + 1, add_item(reader, node, &capacity), err));
	}
}

static enum status read_object(
	struct reader *reader, unsigned depth, struct node *node, struct error *err)
{
	size_t capacity = 0;
	node->kind = NODE_OBJECT;
	for (;;) {
		TRY(next_event(reader, err));
		if (reader->event.type == YAML_MAPPING_END_EVENT)
			return STATUS_OK;
		yaml_mark_t mark = reader->event.start_mark;
		if (reader->event.type != YAML_SCALAR_EVENT)
			return refuse(mark, "a key must be plain text", err);
		struct text key = scalar_text(reader);
		struct node *item = add_item(reader, node, &capacity);
		TRY(next_event(reader, err));
		TRY(read_node(reader, depth + 1, item, err));
		item->key = key;
		item->line = (unsigned)mark.line + 1;
		item->column = (unsigned)mark.column + 1;
	}
}

/* The node whose first event was read. */
static enum status read_node(
	struct reader *reader, unsigned depth, struct node *node, struct error *err)
{
	yaml_mark_t mark = reader->event.start_mark;
	node->line = (unsigned)mark.line + 1;
	node->column = (unsigned)mark.column + 1;
	if (depth > LIMIT_MESSAGE_DEPTH)
		return fail(err, STATUS_RESOURCE_EXHAUSTED, "YAML is nested deeper than %d levels",
			LIMIT_MESSAGE_DEPTH);
	switch (reader->event.type) {
	case YAML_SCALAR_EVENT:
		if (reader->event.data.scalar.anchor)
			return refuse(mark, "anchors are not supported", err);
		if (reader->event.data.scalar.tag)
			return refuse(mark, "tags are not supported", err);
		node->kind = reader->event.data.scalar.style == YAML_PLAIN_SCALAR_STYLE ? NODE_PLAIN
											: NODE_TEXT;
		node->text = scalar_text(reader);
		return STATUS_OK;
	case YAML_SEQUENCE_START_EVENT:
		if (reader->event.data.sequence_start.anchor)
			return refuse(mark, "anchors are not supported", err);
		return read_list(reader, depth, node, err);
	case YAML_MAPPING_START_EVENT:
		if (reader->event.data.mapping_start.anchor)
			return refuse(mark, "anchors are not supported", err);
		return read_object(reader, depth, node, err);
	case YAML_ALIAS_EVENT:
		return refuse(mark, "aliases are not supported: write the value out", err);
	case YAML_NO_EVENT:
	case YAML_STREAM_START_EVENT:
	case YAML_STREAM_END_EVENT:
	case YAML_DOCUMENT_START_EVENT:
	case YAML_DOCUMENT_END_EVENT:
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		break;
	}
	return refuse(mark, "a value is missing", err);
}

static enum status read_document(struct reader *reader, struct node *root, struct error *err)
{
	TRY(next_event(reader, err)); /* stream start */
	TRY(next_event(reader, err));
	if (reader->event.type == YAML_STREAM_END_EVENT)
		return fail(err, STATUS_INVALID_ARGUMENT, "the text is empty");
	TRY(next_event(reader, err));
	TRY(read_node(reader, 1, root, err));
	TRY(next_event(reader, err)); /* document end */
	TRY(next_event(reader, err));
	if (reader->event.type != YAML_STREAM_END_EVENT)
		return refuse(reader->event.start_mark, "only one document is read", err);
	return STATUS_OK;
}

enum status yaml_parse(struct text yaml, const ProtobufCMessageDescriptor *descriptor,
	struct arena *arena, void *message_out, struct error *err)
{
	if (yaml.length > LIMIT_MESSAGE_BYTES)
		return fail(err, STATUS_RESOURCE_EXHAUSTED,
			"YAML text of %zu bytes is larger than %u bytes", yaml.length,
			LIMIT_MESSAGE_BYTES);
	OWNED(arena) nodes = arena_new();
	struct reader __attribute__((cleanup(reader_done))) reader = {.arena = nodes};
	if (!yaml_parser_initialize(&reader.parser))
		return fail(err, STATUS_RESOURCE_EXHAUSTED, "no memory for the YAML parser");
	yaml_parser_set_input_string(
		&reader.parser, (const unsigned char *)(yaml.at ? yaml.at : ""), yaml.length);
	struct node root = {0};
	ProtobufCMessage *message = NULL;
	TRY(read_document(&reader, &root, err));
	TRY(tree_bind(&root, descriptor, arena, &message, err));
	memcpy(message_out, &message, sizeof(void *));
	return STATUS_OK;
}
