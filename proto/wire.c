#include "proto/wire.h"

#include "base/limits.h"
#include "base/memory.h"
#include "proto/pack.h"

#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/* Wire types (Protocol Buffers, "Encoding"). Groups (3, 4) are refused. */
enum wire_type { WIRE_VARINT = 0, WIRE_FIXED64 = 1, WIRE_LENGTH = 2, WIRE_FIXED32 = 5 };

/* One message on the way down, so that an error can name the path to a field. */
struct place {
	const struct place *above;
	const ProtobufCMessageDescriptor *descriptor;
	struct text bytes;
	unsigned depth;
	uint32_t number; /* of the field being looked at */
	size_t index; /* how often this number stood before it */
};

enum { PATH_BYTES = 256, VARINT_BYTES = 10, SHORT_VARINT_BYTES = 5 };

/* Length of the varint at `at`, at most `bytes_max`; 0 when it does not end. Tags
 * and lengths take at most five bytes, as protobuf-c reads them: whatever it
 * accepts must mean the same here, or a nested message could slip past. */
static size_t varint(struct text bytes, size_t at, size_t bytes_max, uint64_t *value_out)
{
	uint64_t value = 0;
	if (at < bytes.length && (unsigned char)bytes.at[at] < 0x80) {
		*value_out = (unsigned char)bytes.at[at];
		return 1;
	}
	for (size_t i = 0; i < bytes_max && at + i < bytes.length; i++) {
		uint64_t byte = (unsigned char)bytes.at[at + i];
		value |= (byte & 0x7F) << (7 * i);
		if (!(byte & 0x80)) {
			*value_out = value;
			return i + 1;
		}
	}
	return 0;
}

static const char *place_path(const struct place *place, char path[static PATH_BYTES])
{
	const struct place *steps[LIMIT_MESSAGE_DEPTH + 1];
	size_t count = 0;
	for (; place && count <= LIMIT_MESSAGE_DEPTH; place = place->above)
		steps[count++] = place;
	size_t at = 0;
	path[0] = 0;
	while (count--) {
		const struct place *step = steps[count];
		const ProtobufCFieldDescriptor *field =
			protobuf_c_message_descriptor_get_field(step->descriptor, step->number);
		int used = field->label == PROTOBUF_C_LABEL_REPEATED
				   ? snprintf(path + at, PATH_BYTES - at, "%s%s[%zu]",
					     at ? "." : "", field->name, step->index)
				   : snprintf(path + at, PATH_BYTES - at, "%s%s", at ? "." : "",
					     field->name);
		if (used < 0 || at + (size_t)used >= PATH_BYTES)
			break;
		at += (size_t)used;
	}
	return path;
}

static enum status malformed(const struct place *here, size_t at, struct error *err)
{
	return fail(err, STATUS_INVALID_ARGUMENT, "not a %s: malformed at byte %zu of it",
		here->descriptor->name, at);
}

static enum status check_string(const struct place *here, struct text string, struct error *err)
{
	char path[PATH_BYTES];
	/* Nearly every string is, and needs no closer look. */
	if (text_is_printable(string))
		return STATUS_OK;
	if (memchr(string.at, 0, string.length))
		return fail(err, STATUS_INVALID_ARGUMENT, "field '%s' contains a NUL byte",
			place_path(here, path));
	if (!text_is_utf8(string))
		return fail(err, STATUS_INVALID_ARGUMENT, "field '%s' is not UTF-8",
			place_path(here, path));
	return STATUS_OK;
}

/* Where the field's content at `at` ends, and for WIRE_LENGTH what it is. */
static size_t content_end(
	struct text bytes, size_t at, enum wire_type type, struct text *inside_out)
{
	uint64_t value = 0;
	size_t left = bytes.length - at;
	size_t taken;
	switch (type) {
	case WIRE_VARINT:
		taken = varint(bytes, at, VARINT_BYTES, &value);
		return taken ? at + taken : SIZE_MAX;
	case WIRE_FIXED64:
		return left >= 8 ? at + 8 : SIZE_MAX;
	case WIRE_FIXED32:
		return left >= 4 ? at + 4 : SIZE_MAX;
	case WIRE_LENGTH:
		taken = varint(bytes, at, SHORT_VARINT_BYTES, &value);
		if (!taken || value > left - taken)
			return SIZE_MAX;
		*inside_out = (struct text){bytes.at + at + taken, (size_t)value};
		return at + taken + (size_t)value;
	}
	return SIZE_MAX;
}

struct text wire_field(struct text bytes, unsigned number)
{
	size_t at = 0;
	while (at < bytes.length) {
		struct text inside = {NULL, 0};
		uint64_t tag;
		size_t taken = varint(bytes, at, SHORT_VARINT_BYTES, &tag);
		if (!taken)
			break;
		at = content_end(bytes, at + taken, (enum wire_type)(tag & 7), &inside);
		if (at == SIZE_MAX)
			break;
		if (tag >> 3 == number && inside.at)
			return inside;
	}
	return (struct text){NULL, 0};
}

/* Where fields stand in order, which is how they are packed, each is the one before
 * (repeated) or one of the next. */
static const ProtobufCFieldDescriptor *field_of(
	const ProtobufCMessageDescriptor *descriptor, uint32_t number, unsigned *likely)
{
	enum { NEXT = 3 };
	for (unsigned i = *likely; i < *likely + NEXT && i < descriptor->n_fields; i++) {
		if (descriptor->fields[i].id == number) {
			*likely = i;
			return &descriptor->fields[i];
		}
	}
	const ProtobufCFieldDescriptor *field =
		protobuf_c_message_descriptor_get_field(descriptor, number);
	if (field)
		*likely = (unsigned)(field - descriptor->fields);
	return field;
}

static enum status scan(struct place *here, struct error *err)
{
	if (here->depth > LIMIT_MESSAGE_DEPTH)
		return fail(err, STATUS_RESOURCE_EXHAUSTED,
			"message is nested deeper than %d levels", LIMIT_MESSAGE_DEPTH);
	size_t at = 0;
	unsigned likely = 0;
	while (at < here->bytes.length) {
		uint64_t tag = 0;
		size_t taken = varint(here->bytes, at, SHORT_VARINT_BYTES, &tag);
		uint64_t number = tag >> 3;
		if (!taken || number == 0 || number > (1u << 29) - 1)
			return malformed(here, at, err);
		struct text inside = {NULL, 0};
		size_t end =
			content_end(here->bytes, at + taken, (enum wire_type)(tag & 7), &inside);
		if (end == SIZE_MAX)
			return malformed(here, at, err);
		here->index = number == here->number ? here->index + 1 : 0;
		here->number = (uint32_t)number;
		const ProtobufCFieldDescriptor *field =
			field_of(here->descriptor, here->number, &likely);
		if (field && inside.at && field->type == PROTOBUF_C_TYPE_STRING)
			TRY(check_string(here, inside, err));
		if (field && inside.at && field->type == PROTOBUF_C_TYPE_MESSAGE) {
			struct place below = {
				here, field->descriptor, inside, here->depth + 1, 0, 0};
			TRY(scan(&below, err));
		}
		at = end;
	}
	return STATUS_OK;
}

struct bounded {
	struct arena *arena;
	size_t bytes_max;
	bool exhausted;
};

static void *bounded_alloc(void *data, size_t size)
{
	struct bounded *bounded = data;
	size_t used = arena_bytes(bounded->arena);
	if (used > bounded->bytes_max || size > bounded->bytes_max - used) {
		bounded->exhausted = true;
		return NULL;
	}
	return arena_alloc(bounded->arena, size);
}

static void bounded_free(void *data, void *memory)
{
	(void)data;
	(void)memory;
}

static enum status unpack(const ProtobufCMessageDescriptor *descriptor, struct text bytes,
	struct arena *arena, enum status malformed_status, void *message_out, struct error *err)
{
	struct bounded bounded = {arena, LIMIT_ARENA_BYTES, false};
	ProtobufCAllocator allocator = {bounded_alloc, bounded_free, &bounded};
	ProtobufCMessage *message = protobuf_c_message_unpack(
		descriptor, &allocator, bytes.length, (const uint8_t *)bytes.at);
	if (!message && bounded.exhausted)
		return fail(err, STATUS_RESOURCE_EXHAUSTED,
			"message takes more than %u bytes of memory", LIMIT_ARENA_BYTES);
	if (!message)
		return fail(err, malformed_status, "%zu bytes are not a %s", bytes.length,
			descriptor->name);
	memcpy(message_out, &message, sizeof(void *));
	return STATUS_OK;
}

enum status wire_unpack(const ProtobufCMessageDescriptor *descriptor, struct text bytes,
	struct arena *arena, void *message_out, struct error *err)
{
	if (bytes.length > LIMIT_MESSAGE_BYTES)
		return fail(err, STATUS_RESOURCE_EXHAUSTED,
			"message of %zu bytes is larger than %u bytes", bytes.length,
			LIMIT_MESSAGE_BYTES);
	struct place root = {NULL, descriptor, bytes, 1, 0, 0};
	TRY(scan(&root, err));
	return unpack(descriptor, bytes, arena, STATUS_INVALID_ARGUMENT, message_out, err);
}

enum status wire_unpack_record(const ProtobufCMessageDescriptor *descriptor, struct text bytes,
	struct arena *arena, void *message_out, struct error *err)
{
	return unpack(descriptor, bytes, arena, STATUS_DATA_LOSS, message_out, err);
}

struct text wire_pack(struct arena *arena, const ProtobufCMessage *message)
{
	char room[PACK_ROOM_BYTES];
	struct text packed;
	if (pack_backwards(message, room, sizeof room, &packed))
		return arena_copy(arena, packed);
	size_t size = protobuf_c_message_get_packed_size(message);
	uint8_t *bytes = arena_alloc(arena, size);
	size_t length = protobuf_c_message_pack(message, bytes);
	assert(length == size);
	return (struct text){(const char *)bytes, length};
}

void *wire_copy(struct arena *arena, const ProtobufCMessage *message)
{
	uint8_t *bytes = memory_new(protobuf_c_message_get_packed_size(message));
	size_t length = protobuf_c_message_pack(message, bytes);
	struct bounded bounded = {arena, SIZE_MAX, false};
	ProtobufCAllocator allocator = {bounded_alloc, bounded_free, &bounded};
	ProtobufCMessage *copy =
		protobuf_c_message_unpack(message->descriptor, &allocator, length, bytes);
	free(bytes);
	/* protobuf-c reads what it wrote; memory does not run out softly here. */
	if (!copy)
		abort();
	return copy;
}

extern const char tenon_descriptors[];
extern const char tenon_descriptors_end[];

struct text wire_descriptors(void)
{
	return (struct text){
		tenon_descriptors, (size_t)(tenon_descriptors_end - tenon_descriptors)};
}
