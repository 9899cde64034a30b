#include "proto/base64.h"
#include "proto/json.h"
#include "proto/tree.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct writer {
	struct buffer *out;
	enum json_style style;
	unsigned depth;
};

static void line(struct writer *writer)
{
	if (writer->style != JSON_PRETTY)
		return;
	buffer_add_byte(writer->out, '\n');
	for (unsigned i = 0; i < writer->depth; i++)
		buffer_add_string(writer->out, "  ");
}

static void open_bracket(struct writer *writer, char bracket)
{
	buffer_add_byte(writer->out, bracket);
	writer->depth++;
}

static void close_bracket(struct writer *writer, char bracket, bool empty)
{
	writer->depth--;
	if (!empty)
		line(writer);
	buffer_add_byte(writer->out, bracket);
}

static void separate(struct writer *writer, bool first)
{
	if (!first)
		buffer_add_byte(writer->out, ',');
	line(writer);
}

static void add_escaped(struct buffer *out, char byte)
{
	switch (byte) {
	case '"':
		buffer_add_string(out, "\\\"");
		return;
	case '\\':
		buffer_add_string(out, "\\\\");
		return;
	case '\n':
		buffer_add_string(out, "\\n");
		return;
	case '\t':
		buffer_add_string(out, "\\t");
		return;
	case '\r':
		buffer_add_string(out, "\\r");
		return;
	default:
		if (byte & 0x80)
			buffer_add_string(out, "\\ufffd");
		else
			buffer_printf(out, "\\u%04x", (unsigned)byte);
	}
}

/* Bytes that are no UTF-8 (records are not checked) become U+FFFD each. */
void json_add_string(struct buffer *out, struct text text)
{
	bool clean = text_is_utf8(text);
	size_t start = 0; /* of what can be copied as it is */
	buffer_add_byte(out, '"');
	for (size_t i = 0; i < text.length; i++) {
		unsigned char byte = (unsigned char)text.at[i];
		bool plain = byte >= 0x80
				     ? clean
				     : byte >= 0x20 && byte != '"' && byte != '\\' && byte != 0x7F;
		if (plain)
			continue;
		buffer_add(out, text.at + start, i - start);
		add_escaped(out, text.at[i]);
		start = i + 1;
	}
	buffer_add(out, text.at + start, text.length - start);
	buffer_add_byte(out, '"');
}

static void add_key(struct writer *writer, struct text key)
{
	json_add_string(writer->out, key);
	buffer_add_string(writer->out, writer->style == JSON_PRETTY ? ": " : ":");
}

/* As few digits as read back to the same value, from those that a decimal of
 * that many digits always survives with. */
static void add_real(struct buffer *out, double value, int digits_least, int digits_most)
{
	char text[40];
	if (!isfinite(value)) {
		buffer_add_string(out, isnan(value) ? "\"NaN\""
				       : value > 0  ? "\"Infinity\""
						    : "\"-Infinity\"");
		return;
	}
	for (int digits = digits_least; digits <= digits_most; digits++) {
		(void)snprintf(text, sizeof text, "%.*g", digits, value);
		double back = strtod(text, NULL);
		if (digits_most > 9 ? back == value : (float)back == (float)value)
			break;
	}
	buffer_add_string(out, text);
	if (!strpbrk(text, ".e"))
		buffer_add_string(out, ".0");
}

static void add_enum(struct buffer *out, const ProtobufCEnumDescriptor *type, int number)
{
	const ProtobufCEnumValue *value = protobuf_c_enum_descriptor_get_value(type, number);
	if (value)
		json_add_string(out, text_of(enum_short_name(type, value)));
	else
		buffer_printf(out, "%d", number);
}

static void add_message(struct writer *writer, const ProtobufCMessage *message);

/* One value of the field's type, which stands at `at`. */
static void add_value(struct writer *writer, const ProtobufCFieldDescriptor *field, const void *at)
{
	struct buffer *out = writer->out;
	switch (field->type) {
	case PROTOBUF_C_TYPE_INT32:
	case PROTOBUF_C_TYPE_SINT32:
	case PROTOBUF_C_TYPE_SFIXED32:
		buffer_printf(out, "%" PRId32, *(const int32_t *)at);
		return;
	case PROTOBUF_C_TYPE_UINT32:
	case PROTOBUF_C_TYPE_FIXED32:
		buffer_printf(out, "%" PRIu32, *(const uint32_t *)at);
		return;
	case PROTOBUF_C_TYPE_INT64:
	case PROTOBUF_C_TYPE_SINT64:
	case PROTOBUF_C_TYPE_SFIXED64:
		buffer_printf(out, "%" PRId64, *(const int64_t *)at);
		return;
	case PROTOBUF_C_TYPE_UINT64:
	case PROTOBUF_C_TYPE_FIXED64:
		buffer_printf(out,
			*(const uint64_t *)at > INT64_MAX ? "\"%" PRIu64 "\"" : "%" PRIu64,
			*(const uint64_t *)at);
		return;
	case PROTOBUF_C_TYPE_FLOAT:
		add_real(out, (double)*(const float *)at, 6, 9);
		return;
	case PROTOBUF_C_TYPE_DOUBLE:
		add_real(out, *(const double *)at, 15, 17);
		return;
	case PROTOBUF_C_TYPE_BOOL:
		buffer_add_string(out, *(const protobuf_c_boolean *)at ? "true" : "false");
		return;
	case PROTOBUF_C_TYPE_ENUM:
		add_enum(out, field->descriptor, *(const int *)at);
		return;
	case PROTOBUF_C_TYPE_STRING: {
		const char *string = *(const char *const *)at;
		json_add_string(out, text_of(string ? string : ""));
		return;
	}
	case PROTOBUF_C_TYPE_BYTES: {
		const ProtobufCBinaryData *bytes = at;
		buffer_add_byte(out, '"');
		base64_add(out, bytes->data, bytes->len);
		buffer_add_byte(out, '"');
		return;
	}
	case PROTOBUF_C_TYPE_MESSAGE: {
		const ProtobufCMessage *message = *(const ProtobufCMessage *const *)at;
		if (message)
			add_message(writer, message);
		else
			buffer_add_string(out, "null");
		return;
	}
	}
}

static const void *member(const void *message, unsigned offset)
{
	return (const char *)message + offset;
}

struct pair {
	struct buffer key; /* as JSON text, without quotes when it is a number */
	const ProtobufCMessage *entry;
	size_t position;
};

static int compare_pairs(const void *a, const void *b)
{
	const struct pair *left = a;
	const struct pair *right = b;
	int order = text_compare(buffer_text(&left->key), buffer_text(&right->key));
	if (order != 0)
		return order;
	return left->position < right->position ? -1 : left->position > right->position;
}

static void add_map(struct writer *writer, const ProtobufCFieldDescriptor *field,
	const ProtobufCMessage *const *entries, size_t count)
{
	const ProtobufCMessageDescriptor *shape = field->descriptor;
	struct pair *pairs = calloc(count + 1, sizeof *pairs);
	if (!pairs)
		abort();
	for (size_t i = 0; i < count; i++) {
		struct writer key = {&pairs[i].key, JSON_COMPACT, 0};
		buffer_init(&pairs[i].key, SIZE_MAX);
		add_value(&key, &shape->fields[0], member(entries[i], shape->fields[0].offset));
		pairs[i].entry = entries[i];
		pairs[i].position = i;
	}
	qsort(pairs, count, sizeof *pairs, compare_pairs);
	open_bracket(writer, '{');
	bool first = true;
	for (size_t i = 0; i < count; i++) {
		struct text key = buffer_text(&pairs[i].key);
		/* Of entries with one key the last counts (proto3, "Maps"). */
		if (i + 1 < count && text_equal(key, buffer_text(&pairs[i + 1].key)))
			continue;
		separate(writer, first);
		first = false;
		bool quoted = key.at[0] == '"';
		if (!quoted)
			buffer_add_byte(writer->out, '"');
		buffer_add_text(writer->out, key);
		buffer_add_string(writer->out, quoted ? ":" : "\":");
		if (writer->style == JSON_PRETTY)
			buffer_add_byte(writer->out, ' ');
		add_value(
			writer, &shape->fields[1], member(pairs[i].entry, shape->fields[1].offset));
	}
	close_bracket(writer, '}', first);
	for (size_t i = 0; i < count; i++)
		buffer_done(&pairs[i].key);
	free(pairs);
}

static void add_repeated(struct writer *writer, const ProtobufCFieldDescriptor *field,
	const ProtobufCMessage *message)
{
	size_t count = *(const size_t *)member(message, field->quantifier_offset);
	const char *items = *(const char *const *)member(message, field->offset);
	if (field_is_map(field)) {
		add_map(writer, field, (const ProtobufCMessage *const *)(const void *)items, count);
		return;
	}
	open_bracket(writer, '[');
	for (size_t i = 0; i < count; i++) {
		separate(writer, i == 0);
		add_value(writer, field, items + i * field_size(field));
	}
	close_bracket(writer, ']', count == 0);
}

/* As proto3 has it: what is not set is not packed. */
static bool is_unset(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field)
{
	static const char zeros[16];
	const void *at = member(message, field->offset);
	if (field->label == PROTOBUF_C_LABEL_REPEATED)
		return *(const size_t *)member(message, field->quantifier_offset) == 0;
	if (field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF)
		return false; /* being named is its value */
	if (field->type == PROTOBUF_C_TYPE_STRING) {
		const char *string = *(const char *const *)at;
		return !string || !*string;
	}
	if (field->type == PROTOBUF_C_TYPE_BYTES)
		return ((const ProtobufCBinaryData *)at)->len == 0;
	if (field->label == PROTOBUF_C_LABEL_OPTIONAL && field->quantifier_offset)
		return !*(const protobuf_c_boolean *)member(message, field->quantifier_offset);
	return memcmp(at, zeros, field_size(field)) == 0;
}

static void add_message(struct writer *writer, const ProtobufCMessage *message)
{
	bool first = true;
	open_bracket(writer, '{');
	for (unsigned i = 0; i < message->descriptor->n_fields; i++) {
		const ProtobufCFieldDescriptor *field = &message->descriptor->fields[i];
		bool oneof = field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF;
		if (oneof &&
			*(const uint32_t *)member(message, field->quantifier_offset) != field->id)
			continue;
		if (writer->style == JSON_SPARSE && is_unset(message, field))
			continue;
		separate(writer, first);
		first = false;
		add_key(writer, text_of(field->name));
		if (field->label == PROTOBUF_C_LABEL_REPEATED)
			add_repeated(writer, field, message);
		else
			add_value(writer, field, member(message, field->offset));
	}
	close_bracket(writer, '}', first);
}

enum status json_print(const ProtobufCMessage *message, enum json_style style, struct buffer *out,
	struct error *err)
{
	struct writer writer = {out, style, 0};
	add_message(&writer, message);
	return buffer_check(out, "JSON text", err);
}

static void add_items(struct buffer *out, const struct node *node)
{
	bool object = node->kind == NODE_OBJECT;
	buffer_add_byte(out, object ? '{' : '[');
	for (size_t i = 0; i < node->count; i++) {
		if (i)
			buffer_add_byte(out, ',');
		if (object) {
			json_add_string(out, node->items[i].key);
			buffer_add_byte(out, ':');
		}
		json_add_node(out, &node->items[i]);
	}
	buffer_add_byte(out, object ? '}' : ']');
}

void json_add_node(struct buffer *out, const struct node *node)
{
	switch (node->kind) {
	case NODE_NULL:
		buffer_add_string(out, "null");
		return;
	case NODE_BOOLEAN:
		buffer_add_string(out, node->boolean ? "true" : "false");
		return;
	case NODE_WHOLE:
		buffer_printf(out, "%" PRId64, node->whole);
		return;
	case NODE_REAL:
		add_real(out, node->real, 15, 17);
		return;
	case NODE_TEXT:
	case NODE_PLAIN:
		json_add_string(out, node->text);
		return;
	case NODE_LIST:
	case NODE_OBJECT:
		add_items(out, node);
		return;
	}
}
