#include "base/limits.h"
#include "base/nearest.h"
#include "proto/base64.h"
#include "proto/tree.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <strings.h>

enum { PATH_BYTES = 256, KNOWN_BYTES = 200, SHOWN_BYTES = 40 };

/* How a value was reached; on the stack, so that an error can name the path. */
struct step {
	const struct step *above;
	struct text name; /* empty: an element of the field above */
	size_t index;
	unsigned depth;
	struct arena *arena;
};

static size_t path_add(const struct step *step, char *path, size_t at)
{
	if (!step)
		return at;
	at = path_add(step->above, path, at);
	int used = step->name.length ? snprintf(path + at, PATH_BYTES - at, "%s%.*s", at ? "." : "",
					       TEXT_ARG(step->name))
		   : step->above     ? snprintf(path + at, PATH_BYTES - at, "[%zu]", step->index)
				     : 0;
	return used > 0 && at + (size_t)used < PATH_BYTES ? at + (size_t)used : at;
}

/* "line 3 column 5: plan.nodes[2].name: why" */
static enum status refuse(
	const struct step *step, const struct node *node, const char *why, struct error *err)
{
	char path[PATH_BYTES] = "";
	bool root = path_add(step, path, 0) == 0;
	(void)fail(err, STATUS_INVALID_ARGUMENT, "%s%s%s", path, root ? "" : ": ", why);
	if (node->line)
		(void)fail_within(err, "line %u column %u", node->line, node->column);
	return err->status;
}

static const char *node_text(const struct node *node, char shown[static SHOWN_BYTES + 8])
{
	switch (node->kind) {
	case NODE_NULL:
		return "null";
	case NODE_BOOLEAN:
		return node->boolean ? "true" : "false";
	case NODE_WHOLE:
		(void)snprintf(shown, SHOWN_BYTES + 8, "%" PRId64, node->whole);
		return shown;
	case NODE_REAL:
		(void)snprintf(shown, SHOWN_BYTES + 8, "%g", node->real);
		return shown;
	case NODE_TEXT:
	case NODE_PLAIN:
		(void)snprintf(shown, SHOWN_BYTES + 8, "'%.*s'",
			TEXT_ARG(text_until(node->text, SHOWN_BYTES)));
		return shown;
	case NODE_LIST:
		return "a list";
	case NODE_OBJECT:
		return "an object";
	}
	return "";
}

static enum status expected(
	const struct step *step, const struct node *node, const char *what, struct error *err)
{
	char shown[SHOWN_BYTES + 8];
	char why[KNOWN_BYTES + 2 * SHOWN_BYTES];
	(void)snprintf(why, sizeof why, "expected %s, got %s", what, node_text(node, shown));
	return refuse(step, node, why, err);
}

static bool is_word(struct text text, const char *const *words)
{
	for (; *words; words++) {
		if (text_equal_folded(text, text_of(*words)))
			return true;
	}
	return false;
}

/* YAML 1.1's words, without y and n. */
static bool is_null(const struct node *node)
{
	static const char *const words[] = {"null", "~", "", NULL};
	return node->kind == NODE_NULL || (node->kind == NODE_PLAIN && is_word(node->text, words));
}

static enum status read_boolean(
	const struct step *step, const struct node *node, protobuf_c_boolean *at, struct error *err)
{
	static const char *const yes[] = {"true", "yes", "on", NULL};
	static const char *const no[] = {"false", "no", "off", NULL};
	if (node->kind == NODE_BOOLEAN)
		*at = node->boolean;
	else if (node->kind == NODE_PLAIN && is_word(node->text, yes))
		*at = true;
	else if (node->kind == NODE_PLAIN && is_word(node->text, no))
		*at = false;
	else
		return expected(step, node, "true or false", err);
	return STATUS_OK;
}

/* Numbers may stand in quotes: a JSON reader that knows only doubles needs that. */
static enum status read_signed(const struct step *step, const struct node *node, int64_t least,
	int64_t most, int64_t *value_out, struct error *err)
{
	char what[80];
	bool text = node->kind == NODE_TEXT || node->kind == NODE_PLAIN;
	int64_t value = node->whole;
	bool fits = text ? text_int64(node->text, &value) == node->text.length && node->text.length
			 : node->kind == NODE_WHOLE;
	if (!fits || value < least || value > most) {
		(void)snprintf(what, sizeof what, "a whole number from %" PRId64 " to %" PRId64,
			least, most);
		return expected(step, node, what, err);
	}
	*value_out = value;
	return STATUS_OK;
}

static enum status read_unsigned(const struct step *step, const struct node *node, uint64_t most,
	uint64_t *value_out, struct error *err)
{
	char what[80];
	bool text = node->kind == NODE_TEXT || node->kind == NODE_PLAIN;
	uint64_t value = (uint64_t)node->whole;
	bool fits = text ? text_uint64(node->text, &value) == node->text.length && node->text.length
			 : node->kind == NODE_WHOLE && node->whole >= 0;
	if (!fits || value > most) {
		(void)snprintf(what, sizeof what, "a whole number from 0 to %" PRIu64, most);
		return expected(step, node, what, err);
	}
	*value_out = value;
	return STATUS_OK;
}

static enum status read_real(
	const struct step *step, const struct node *node, double *value_out, struct error *err)
{
	bool text = node->kind == NODE_TEXT || node->kind == NODE_PLAIN;
	if (node->kind == NODE_REAL)
		*value_out = node->real;
	else if (node->kind == NODE_WHOLE)
		*value_out = (double)node->whole;
	else if (text && text_equal(node->text, TEXT("NaN")))
		*value_out = (double)NAN;
	else if (text && text_equal(node->text, TEXT("Infinity")))
		*value_out = (double)INFINITY;
	else if (text && text_equal(node->text, TEXT("-Infinity")))
		*value_out = (double)-INFINITY;
	else if (!text || !node->text.length ||
		 text_double(node->text, value_out) != node->text.length)
		return expected(step, node, "a number", err);
	return STATUS_OK;
}

static enum status read_string(
	const struct step *step, const struct node *node, char **value_out, struct error *err)
{
	if (node->kind != NODE_TEXT && node->kind != NODE_PLAIN)
		return expected(step, node, "a text", err);
	if (text_find(node->text, 0) < node->text.length)
		return refuse(step, node, "the text contains a NUL byte", err);
	*value_out = arena_text(step->arena, node->text);
	return STATUS_OK;
}

static enum status read_bytes(const struct step *step, const struct node *node,
	ProtobufCBinaryData *value_out, struct error *err)
{
	ProtobufCBinaryData bytes = {0, NULL};
	if ((node->kind != NODE_TEXT && node->kind != NODE_PLAIN) ||
		!base64_read(node->text, step->arena, &bytes.data, &bytes.len))
		return expected(step, node, "base64 text", err);
	*value_out = bytes;
	return STATUS_OK;
}

static enum status read_enum(const struct step *step, const struct node *node,
	const ProtobufCEnumDescriptor *type, int32_t *value_out, struct error *err)
{
	int64_t number = 0;
	if (node->kind == NODE_WHOLE) {
		TRY(read_signed(step, node, INT32_MIN, INT32_MAX, &number, err));
		*value_out = (int32_t)number;
		return STATUS_OK;
	}
	char known[KNOWN_BYTES] = "";
	size_t at = 0;
	bool text = node->kind == NODE_TEXT || node->kind == NODE_PLAIN;
	for (unsigned i = 0; i < type->n_values; i++) {
		const ProtobufCEnumValue *value = &type->values[i];
		const char *name = enum_short_name(type, value);
		if (text && (text_equal_folded(node->text, text_of(name)) ||
				    text_equal_folded(node->text, text_of(value->name)))) {
			*value_out = value->value;
			return STATUS_OK;
		}
		int used = snprintf(
			known + at, sizeof known - at, "%s%s", at ? ", " : "one of ", name);
		at += used > 0 && at + (size_t)used < sizeof known ? (size_t)used : 0;
	}
	return expected(step, node, known, err);
}

static enum status read_message(const struct step *step, const struct node *node,
	const ProtobufCMessageDescriptor *descriptor, ProtobufCMessage **message_out,
	struct error *err);

/* One value of the field's type into `at`. */
static enum status read_value(const struct step *step, const struct node *node,
	const ProtobufCFieldDescriptor *field, void *at, struct error *err)
{
	int64_t whole = 0;
	uint64_t natural = 0;
	double real = 0;
	switch (field->type) {
	case PROTOBUF_C_TYPE_INT32:
	case PROTOBUF_C_TYPE_SINT32:
	case PROTOBUF_C_TYPE_SFIXED32:
		TRY(read_signed(step, node, INT32_MIN, INT32_MAX, &whole, err));
		*(int32_t *)at = (int32_t)whole;
		return STATUS_OK;
	case PROTOBUF_C_TYPE_INT64:
	case PROTOBUF_C_TYPE_SINT64:
	case PROTOBUF_C_TYPE_SFIXED64:
		return read_signed(step, node, INT64_MIN, INT64_MAX, at, err);
	case PROTOBUF_C_TYPE_UINT32:
	case PROTOBUF_C_TYPE_FIXED32:
		TRY(read_unsigned(step, node, UINT32_MAX, &natural, err));
		*(uint32_t *)at = (uint32_t)natural;
		return STATUS_OK;
	case PROTOBUF_C_TYPE_UINT64:
	case PROTOBUF_C_TYPE_FIXED64:
		return read_unsigned(step, node, UINT64_MAX, at, err);
	case PROTOBUF_C_TYPE_FLOAT:
		TRY(read_real(step, node, &real, err));
		*(float *)at = (float)real;
		return STATUS_OK;
	case PROTOBUF_C_TYPE_DOUBLE:
		return read_real(step, node, at, err);
	case PROTOBUF_C_TYPE_BOOL:
		return read_boolean(step, node, at, err);
	case PROTOBUF_C_TYPE_ENUM:
		return read_enum(step, node, field->descriptor, at, err);
	case PROTOBUF_C_TYPE_STRING:
		return read_string(step, node, at, err);
	case PROTOBUF_C_TYPE_BYTES:
		return read_bytes(step, node, at, err);
	case PROTOBUF_C_TYPE_MESSAGE:
		return read_message(step, node, field->descriptor, at, err);
	}
	return STATUS_OK;
}

static void *member(void *message, unsigned offset)
{
	return (char *)message + offset;
}

static ProtobufCMessage *message_new(
	struct arena *arena, const ProtobufCMessageDescriptor *descriptor)
{
	ProtobufCMessage *message = arena_alloc(arena, descriptor->sizeof_message);
	protobuf_c_message_init(descriptor, message);
	return message;
}

static enum status read_map(const struct step *step, const struct node *node,
	const ProtobufCFieldDescriptor *field, void *message, struct error *err)
{
	const ProtobufCMessageDescriptor *shape = field->descriptor;
	if (node->kind != NODE_OBJECT)
		return expected(step, node, "an object", err);
	ProtobufCMessage **entries =
		arena_array(step->arena, node->count, sizeof(ProtobufCMessage *));
	for (size_t i = 0; i < node->count; i++) {
		const struct node *item = &node->items[i];
		struct step below = {step, item->key, 0, step->depth + 1, step->arena};
		struct node key = {.kind = NODE_PLAIN, .text = item->key};
		key.line = item->line;
		key.column = item->column;
		entries[i] = message_new(step->arena, shape);
		TRY(read_value(&below, &key, &shape->fields[0],
			member(entries[i], shape->fields[0].offset), err));
		TRY(read_value(&below, item, &shape->fields[1],
			member(entries[i], shape->fields[1].offset), err));
	}
	*(size_t *)member(message, field->quantifier_offset) = node->count;
	*(void **)member(message, field->offset) = entries;
	return STATUS_OK;
}

static enum status read_list(const struct step *step, const struct node *node,
	const ProtobufCFieldDescriptor *field, void *message, struct error *err)
{
	if (node->kind != NODE_LIST)
		return expected(step, node, "a list", err);
	size_t size = field_size(field);
	char *items = arena_array(step->arena, node->count, size);
	for (size_t i = 0; i < node->count; i++) {
		struct step below = {step, TEXT(""), i, step->depth, step->arena};
		TRY(read_value(&below, &node->items[i], field, items + i * size, err));
	}
	*(size_t *)member(message, field->quantifier_offset) = node->count;
	*(void **)member(message, field->offset) = items;
	return STATUS_OK;
}

static enum status unknown_field(const struct step *step, const struct node *item,
	const ProtobufCMessageDescriptor *descriptor, struct error *err)
{
	char why[KNOWN_BYTES];
	size_t at = 0;
	const char **names =
		arena_array(step->arena, descriptor->n_fields + 1, sizeof(const char *));
	for (unsigned i = 0; i < descriptor->n_fields; i++)
		names[i] = descriptor->fields[i].name;
	const char *close = nearest(item->key, names, descriptor->n_fields);
	if (close) {
		(void)snprintf(why, sizeof why, "unknown field; did you mean '%s'?", close);
		return refuse(step, item, why, err);
	}
	for (unsigned i = 0; i < descriptor->n_fields; i++) {
		int used = snprintf(why + at, sizeof why - at, "%s%s",
			at ? ", " : "unknown field; known are ", names[i]);
		at += used > 0 && at + (size_t)used < sizeof why ? (size_t)used : 0;
	}
	return refuse(step, item, at ? why : "unknown field", err);
}

static enum status read_field(const struct step *step, const struct node *item,
	const ProtobufCFieldDescriptor *field, ProtobufCMessage *message, struct error *err)
{
	if (is_null(item))
		return STATUS_OK; /* as if it were not there */
	if (field_is_map(field))
		return read_map(step, item, field, message, err);
	if (field->label == PROTOBUF_C_LABEL_REPEATED)
		return read_list(step, item, field, message, err);
	if (field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) {
		uint32_t *which = member(message, field->quantifier_offset);
		if (*which) {
			char why[KNOWN_BYTES];
			(void)snprintf(why, sizeof why, "'%s' is set already: only one of them may",
				protobuf_c_message_descriptor_get_field(message->descriptor, *which)
					->name);
			return refuse(step, item, why, err);
		}
		*which = field->id;
	}
	return read_value(step, item, field, member(message, field->offset), err);
}

static enum status read_message(const struct step *step, const struct node *node,
	const ProtobufCMessageDescriptor *descriptor, ProtobufCMessage **message_out,
	struct error *err)
{
	if (node->kind != NODE_OBJECT)
		return expected(step, node, "an object", err);
	if (step->depth > LIMIT_MESSAGE_DEPTH || arena_bytes(step->arena) > LIMIT_ARENA_BYTES)
		return fail(err, STATUS_RESOURCE_EXHAUSTED,
			"message is deeper than %d levels or larger than %u bytes",
			LIMIT_MESSAGE_DEPTH, LIMIT_ARENA_BYTES);
	ProtobufCMessage *message = message_new(step->arena, descriptor);
	bool *seen = arena_array(step->arena, descriptor->n_fields, sizeof *seen);
	for (size_t i = 0; i < node->count; i++) {
		const struct node *item = &node->items[i];
		struct step below = {step, item->key, 0, step->depth + 1, step->arena};
		const ProtobufCFieldDescriptor *field = NULL;
		for (unsigned f = 0; f < descriptor->n_fields && !field; f++) {
			if (text_equal(item->key, text_of(descriptor->fields[f].name)))
				field = &descriptor->fields[f];
		}
		if (!field)
			return unknown_field(&below, item, descriptor, err);
		if (seen[field - descriptor->fields])
			return refuse(&below, item, "the field is written twice", err);
		seen[field - descriptor->fields] = true;
		TRY(read_field(&below, item, field, message, err));
	}
	*message_out = message;
	return STATUS_OK;
}

enum status tree_bind(const struct node *root, const ProtobufCMessageDescriptor *descriptor,
	struct arena *arena, ProtobufCMessage **message_out, struct error *err)
{
	struct step top = {NULL, TEXT(""), 0, 1, arena};
	return read_message(&top, root, descriptor, message_out, err);
}
