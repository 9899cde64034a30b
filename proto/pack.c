#include "proto/pack.h"

#include "base/varint.h"

/* What is packed already begins at `at`. */
struct room {
	char *start;
	char *at;
};

/* How a field, or a message, came out. */
enum outcome {
	PACKED,
	FULL,
	OTHER, /* a kind that is left to protobuf-c */
};

static enum outcome pack_message(struct room *room, const ProtobufCMessage *message);

static const void *member(const ProtobufCMessage *message, unsigned offset)
{
	return (const char *)message + offset;
}

static enum outcome put(struct room *room, const void *bytes, size_t length)
{
	if ((size_t)(room->at - room->start) < length)
		return FULL;
	room->at -= length;
	if (length)
		memcpy(room->at, bytes, length);
	return PACKED;
}

static enum outcome put_number(struct room *room, uint64_t number)
{
	char bytes[VARINT_BYTES_MAX];
	if (number >= 0x80 || room->at == room->start)
		return put(room, bytes, varint_put(bytes, number));
	*--room->at = (char)number;
	return PACKED;
}

static enum outcome put_head(struct room *room, uint32_t id, unsigned wire_type)
{
	return put_number(room, (uint64_t)id << 3 | wire_type);
}

/* In front of what is packed since `end`. */
static enum outcome put_length(struct room *room, uint32_t id, const char *end)
{
	enum outcome outcome = put_number(room, (uint64_t)(end - room->at));
	return outcome == PACKED ? put_head(room, id, PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED)
				 : outcome;
}

static enum outcome put_bytes(struct room *room, uint32_t id, const void *bytes, size_t length)
{
	const char *end = room->at;
	enum outcome outcome = put(room, bytes, length);
	return outcome == PACKED ? put_length(room, id, end) : outcome;
}

/* One string or message. */
static enum outcome put_item(
	struct room *room, const ProtobufCFieldDescriptor *field, const void *item)
{
	if (field->type == PROTOBUF_C_TYPE_STRING)
		return put_bytes(room, field->id, item, item ? strlen(item) : 0);
	const char *end = room->at;
	enum outcome outcome = item ? pack_message(room, item) : PACKED;
	return outcome == PACKED ? put_length(room, field->id, end) : outcome;
}

static enum outcome put_varint(struct room *room, uint32_t id, uint64_t number)
{
	if (number == 0)
		return PACKED;
	enum outcome outcome = put_number(room, number);
	return outcome == PACKED ? put_head(room, id, PROTOBUF_C_WIRE_TYPE_VARINT) : outcome;
}

/* A field that there is one of: nothing where it has its default. */
static enum outcome put_single(
	struct room *room, const ProtobufCFieldDescriptor *field, const void *at)
{
	switch (field->type) {
	case PROTOBUF_C_TYPE_STRING: {
		const char *string = *(char *const *)at;
		return string && *string ? put_item(room, field, string) : PACKED;
	}
	case PROTOBUF_C_TYPE_MESSAGE: {
		const ProtobufCMessage *message = *(ProtobufCMessage *const *)at;
		return message ? put_item(room, field, message) : PACKED;
	}
	case PROTOBUF_C_TYPE_BYTES: {
		const ProtobufCBinaryData *bytes = at;
		return bytes->len ? put_bytes(room, field->id, bytes->data, bytes->len) : PACKED;
	}
	case PROTOBUF_C_TYPE_UINT64:
	case PROTOBUF_C_TYPE_INT64:
		return put_varint(room, field->id, *(const uint64_t *)at);
	case PROTOBUF_C_TYPE_UINT32:
		return put_varint(room, field->id, *(const uint32_t *)at);
	case PROTOBUF_C_TYPE_INT32:
	case PROTOBUF_C_TYPE_ENUM: /* ten bytes when it is negative */
		return put_varint(room, field->id, (uint64_t)(int64_t) * (const int32_t *)at);
	case PROTOBUF_C_TYPE_BOOL:
		return put_varint(room, field->id, *(const protobuf_c_boolean *)at != 0);
	default:
		return OTHER;
	}
}

static enum outcome put_repeated(
	struct room *room, const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field)
{
	size_t count = *(const size_t *)member(message, field->quantifier_offset);
	const void *const *items = *(const void *const *const *)member(message, field->offset);
	if (count == 0)
		return PACKED;
	if (field->type != PROTOBUF_C_TYPE_STRING && field->type != PROTOBUF_C_TYPE_MESSAGE)
		return OTHER;
	enum outcome outcome = PACKED;
	while (count-- && outcome == PACKED)
		outcome = put_item(room, field, items[count]);
	return outcome;
}

static enum outcome put_field(
	struct room *room, const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field)
{
	if (field->label == PROTOBUF_C_LABEL_REPEATED)
		return put_repeated(room, message, field);
	if (field->label != PROTOBUF_C_LABEL_NONE || (field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF))
		return OTHER;
	return put_single(room, field, member(message, field->offset));
}

static enum outcome leave_to_protobuf(struct room *room, const ProtobufCMessage *message)
{
	size_t length = protobuf_c_message_get_packed_size(message);
	if ((size_t)(room->at - room->start) < length)
		return FULL;
	room->at -= length;
	(void)protobuf_c_message_pack(message, (uint8_t *)room->at);
	return PACKED;
}

/* Recursion ends where that of protobuf-c does: messages do not hold themselves. */
static enum outcome pack_message(struct room *room, const ProtobufCMessage *message)
{
	const ProtobufCMessageDescriptor *descriptor = message->descriptor;
	char *end = room->at;
	enum outcome outcome = message->n_unknown_fields ? OTHER : PACKED;
	for (unsigned i = descriptor->n_fields; i-- > 0 && outcome == PACKED;)
		outcome = put_field(room, message, &descriptor->fields[i]);
	if (outcome != OTHER)
		return outcome;
	room->at = end;
	return leave_to_protobuf(room, message);
}

bool pack_backwards(
	const ProtobufCMessage *message, char *room, size_t room_bytes, struct text *packed_out)
{
	struct room here = {room, room + room_bytes};
	if (pack_message(&here, message) != PACKED)
		return false;
	*packed_out = (struct text){here.at, (size_t)(room + room_bytes - here.at)};
	return true;
}
