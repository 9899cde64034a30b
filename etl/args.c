#include "etl/args.h"

#include "base/buffer.h"
#include "base/limits.h"

struct applying {
	struct arena *arena;
	const struct arg *args;
	size_t count;
};

static enum status value_of(const struct applying *applying, struct text name,
	const char **value_out, struct error *err)
{
	for (size_t i = 0; i < applying->count; i++) {
		if (text_equal(name, text_of(applying->args[i].name))) {
			*value_out = applying->args[i].value;
			return STATUS_OK;
		}
	}
	return fail(err, STATUS_INVALID_ARGUMENT,
		"argument '%.*s' has no value: give it with the run or in default_args",
		TEXT_ARG(name));
}

static enum status apply_text(
	const struct applying *applying, const char *text, char **text_out, struct error *err)
{
	if (!strstr(text, "${")) {
		*text_out = arena_text(applying->arena, text_of(text));
		return STATUS_OK;
	}
	struct buffer SCOPED_BUFFER out;
	buffer_init(&out, LIMIT_MESSAGE_BYTES);
	for (const char *at = text; *at;) {
		if (strncmp(at, "$${", 3) == 0) {
			buffer_add_string(&out, "${");
			at += 3;
			continue;
		}
		if (strncmp(at, "${", 2) != 0) {
			buffer_add_byte(&out, *at++);
			continue;
		}
		const char *end = strchr(at, '}');
		if (!end)
			return fail(
				err, STATUS_INVALID_ARGUMENT, "'%.40s' lacks a closing brace", at);
		const char *value = NULL;
		TRY(value_of(applying, (struct text){at + 2, (size_t)(end - at) - 2}, &value, err));
		buffer_add_string(&out, value);
		at = end + 1;
	}
	TRY(buffer_check(&out, "a text with its arguments", err));
	*text_out = arena_text(applying->arena, buffer_text(&out));
	return STATUS_OK;
}

static enum status apply_message(const struct applying *applying, const ProtobufCMessage *message,
	ProtobufCMessage **message_out, struct error *err);

static enum status apply_item(
	const struct applying *applying, ProtobufCType type, void **item, struct error *err)
{
	if (type == PROTOBUF_C_TYPE_STRING)
		return apply_text(applying, *item, (char **)item, err);
	return apply_message(applying, *item, (ProtobufCMessage **)item, err);
}

static enum status apply_field(const struct applying *applying,
	const ProtobufCFieldDescriptor *field, char *message, struct error *err)
{
	if (field->type != PROTOBUF_C_TYPE_STRING && field->type != PROTOBUF_C_TYPE_MESSAGE)
		return STATUS_OK;
	void **member = (void **)(void *)(message + field->offset);
	if (field->label != PROTOBUF_C_LABEL_REPEATED) {
		bool oneof = field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF;
		uint32_t which = 0;
		if (oneof)
			memcpy(&which, message + field->quantifier_offset, sizeof which);
		if (!*member || (oneof && which != field->id))
			return STATUS_OK;
		return apply_item(applying, field->type, member, err);
	}
	size_t count;
	memcpy(&count, message + field->quantifier_offset, sizeof count);
	void **items = arena_array(applying->arena, count, sizeof *items);
	for (size_t i = 0; i < count; i++) {
		items[i] = ((void **)*member)[i];
		TRY(apply_item(applying, field->type, &items[i], err));
	}
	*member = items;
	return STATUS_OK;
}

static enum status apply_message(const struct applying *applying, const ProtobufCMessage *message,
	ProtobufCMessage **message_out, struct error *err)
{
	const ProtobufCMessageDescriptor *descriptor = message->descriptor;
	ProtobufCMessage *copy = arena_alloc(applying->arena, descriptor->sizeof_message);
	memcpy(copy, message, descriptor->sizeof_message);
	for (unsigned i = 0; i < descriptor->n_fields; i++)
		TRY(apply_field(applying, &descriptor->fields[i], (char *)copy, err));
	*message_out = copy;
	return STATUS_OK;
}

enum status args_apply(struct arena *arena, const ProtobufCMessage *message, const struct arg *args,
	size_t count, ProtobufCMessage **message_out, struct error *err)
{
	struct applying applying = {arena, args, count};
	return apply_message(&applying, message, message_out, err);
}
