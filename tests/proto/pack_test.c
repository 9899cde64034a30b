#include "tests/unit.h"

#include "base/memory.h"
#include "proto/pack.h"
#include "proto/wire.h"
#include "tenon/store/v1/records.pb-c.h"
#include "tenon/store/v1/versions.pb-c.h"
#include "tenon/v1/catalog.pb-c.h"
#include "tenon/v1/plan.pb-c.h"
#include "tenon/v1/statistics.pb-c.h"
#include "tenon/v1/worker.pb-c.h"

#include <stdlib.h>

enum { MESSAGES = 4000, DEPTH_MAX = 5 };

static const ProtobufCMessageDescriptor *const shapes[] = {
	&tenon__v1__table__descriptor,
	&tenon__v1__create_table_request__descriptor,
	&tenon__v1__apply_crawl_request__descriptor,
	&tenon__v1__column_statistics__descriptor,
	&tenon__v1__plan__descriptor,
	&tenon__v1__search_tables_response__descriptor,
	&tenon__store__v1__change_record__descriptor,
	&tenon__store__v1__version_record__descriptor,
};
enum { SHAPES = sizeof shapes / sizeof *shapes };

static int64_t some_number(void)
{
	static const int64_t numbers[] = {0, 1, 127, 128, 16383, 16384, -1, INT32_MIN, INT32_MAX,
		UINT32_MAX, INT64_MIN, INT64_MAX};
	return numbers[(size_t)rand() % (sizeof numbers / sizeof *numbers)];
}

static char *some_string(struct arena *arena)
{
	size_t length = (size_t)(rand() % 3 ? rand() % 5 : rand() % 200);
	char *string = arena_alloc(arena, length + 1);
	memset(string, 'x', length);
	return string;
}

static ProtobufCMessage *some_message(
	struct arena *arena, const ProtobufCMessageDescriptor *shape, int depth);

static size_t size_of(ProtobufCType type)
{
	switch (type) {
	case PROTOBUF_C_TYPE_STRING:
	case PROTOBUF_C_TYPE_MESSAGE:
		return sizeof(void *);
	case PROTOBUF_C_TYPE_BYTES:
		return sizeof(ProtobufCBinaryData);
	case PROTOBUF_C_TYPE_INT64:
	case PROTOBUF_C_TYPE_UINT64:
	case PROTOBUF_C_TYPE_SINT64:
	case PROTOBUF_C_TYPE_FIXED64:
	case PROTOBUF_C_TYPE_SFIXED64:
	case PROTOBUF_C_TYPE_DOUBLE:
		return sizeof(int64_t);
	default:
		return sizeof(int32_t); /* of bool too */
	}
}

static void set_value(
	struct arena *arena, const ProtobufCFieldDescriptor *field, void *at, int depth)
{
	int64_t number = some_number();
	double fraction = (double)(rand() % 3) / 2 * (rand() % 2 ? 1 : -1);
	switch (field->type) {
	case PROTOBUF_C_TYPE_STRING: {
		/* protobuf-c takes NULL for an empty one, but not in a list. */
		bool one = field->label != PROTOBUF_C_LABEL_REPEATED;
		char *string = one && rand() % 20 == 0 ? NULL : some_string(arena);
		memcpy(at, &string, sizeof string);
		return;
	}
	case PROTOBUF_C_TYPE_MESSAGE: {
		ProtobufCMessage *message = some_message(arena, field->descriptor, depth + 1);
		memcpy(at, &message, sizeof(void *));
		return;
	}
	case PROTOBUF_C_TYPE_BYTES: {
		char *string = some_string(arena);
		ProtobufCBinaryData bytes = {strlen(string), (uint8_t *)string};
		memcpy(at, &bytes, sizeof bytes);
		return;
	}
	case PROTOBUF_C_TYPE_DOUBLE:
		memcpy(at, &fraction, sizeof fraction);
		return;
	case PROTOBUF_C_TYPE_BOOL:
		number = rand() % 2;
		memcpy(at, &number, sizeof(protobuf_c_boolean));
		return;
	default:
		memcpy(at, &number, size_of(field->type));
		return;
	}
}

static void set_field(struct arena *arena, const ProtobufCFieldDescriptor *field,
	ProtobufCMessage *message, int depth)
{
	char *at = (char *)message + field->offset;
	if (field->label == PROTOBUF_C_LABEL_REPEATED) {
		size_t size = size_of(field->type);
		size_t count = depth + 1 < DEPTH_MAX ? (size_t)rand() % 4 : 0;
		char *items = arena_array(arena, count, size);
		for (size_t i = 0; i < count; i++)
			set_value(arena, field, items + i * size, depth);
		memcpy(at, &items, sizeof items);
		memcpy((char *)message + field->quantifier_offset, &count, sizeof count);
		return;
	}
	if (field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF)
		memcpy((char *)message + field->quantifier_offset, &field->id, sizeof field->id);
	set_value(arena, field, at, depth);
}

static void add_unknown(struct arena *arena, ProtobufCMessage *message)
{
	static uint8_t bytes[] = {2, 'h', 'i'};
	message->n_unknown_fields = 1;
	message->unknown_fields = arena_alloc(arena, sizeof *message->unknown_fields);
	*message->unknown_fields = (ProtobufCMessageUnknownField){
		.tag = 999,
		.wire_type = PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED,
		.len = sizeof bytes,
		.data = bytes,
	};
}

static ProtobufCMessage *some_message(
	struct arena *arena, const ProtobufCMessageDescriptor *shape, int depth)
{
	if (depth == DEPTH_MAX)
		return NULL;
	ProtobufCMessage *message = arena_alloc(arena, shape->sizeof_message);
	shape->message_init(message);
	for (unsigned i = 0; i < shape->n_fields; i++) {
		if (rand() % 3)
			set_field(arena, &shape->fields[i], message, depth);
	}
	if (rand() % 50 == 0)
		add_unknown(arena, message);
	return message;
}

static struct text as_protobuf_packs(struct arena *arena, const ProtobufCMessage *message)
{
	uint8_t *bytes = arena_alloc(arena, protobuf_c_message_get_packed_size(message));
	return (struct text){(char *)bytes, protobuf_c_message_pack(message, bytes)};
}

static void every_message_packs_to_the_bytes_of_protobuf_c(void **state)
{
	(void)state;
	OWNED(arena) arena = arena_new();
	size_t bytes = 0;
	for (size_t i = 0; i < MESSAGES; i++) {
		arena_reset(arena);
		ProtobufCMessage *message = some_message(arena, shapes[i % SHAPES], 0);
		struct text expected = as_protobuf_packs(arena, message);
		struct text packed = wire_pack(arena, message);
		if (!text_equal(packed, expected))
			fail_msg("message %zu, a %s, packs to other bytes", i,
				message->descriptor->name);
		bytes += packed.length;
	}
	assert_true(bytes / MESSAGES > 200); /* they have something to them */
}

static void a_room_that_is_too_small_by_any_number_of_bytes_is_told(void **state)
{
	(void)state;
	OWNED(arena) arena = arena_new();
	for (size_t i = 0; i < 40 * SHAPES; i++) {
		arena_reset(arena);
		struct text packed;
		ProtobufCMessage *message = some_message(arena, shapes[i % SHAPES], 2);
		struct text expected = as_protobuf_packs(arena, message);
		for (size_t bytes = 0; bytes <= expected.length; bytes++) {
			char *room = memory_new(bytes + 1); /* of its own, so that ASan sees */
			bool fits = pack_backwards(message, room, bytes, &packed);
			assert_int_equal(fits, bytes == expected.length);
			assert_true(!fits || text_equal(packed, expected));
			free(room);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_message_packs_to_the_bytes_of_protobuf_c),
		cmocka_unit_test(a_room_that_is_too_small_by_any_number_of_bytes_is_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
