/* Any bytes as requests of several shapes: refused or unpacked, and what was
 * unpacked packs as protobuf-c packs it and unpacks again. */
#include "proto/wire.h"
#include "tenon/v1/catalog.pb-c.h"
#include "tenon/v1/jobs.pb-c.h"
#include "tenon/v1/worker.pb-c.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	static const ProtobufCMessageDescriptor *const shapes[] = {
		&tenon__v1__create_table_request__descriptor,
		&tenon__v1__put_job_request__descriptor,
		&tenon__v1__apply_crawl_request__descriptor,
		&tenon__v1__commit_run_request__descriptor,
	};
	if (length == 0)
		return 0;
	OWNED(arena) arena = arena_new();
	struct error err;
	ProtobufCMessage *message = NULL;
	const ProtobufCMessageDescriptor *shape = shapes[bytes[0] % 4];
	struct text rest = {(const char *)bytes + 1, length - 1};
	if (wire_unpack(shape, rest, arena, &message, &err) != STATUS_OK)
		return 0;
	struct text packed = wire_pack(arena, message);
	uint8_t *expected = arena_alloc(arena, protobuf_c_message_get_packed_size(message));
	size_t expected_length = protobuf_c_message_pack(message, expected);
	if (!text_equal(packed, (struct text){(const char *)expected, expected_length}))
		abort();
	if (wire_unpack(shape, packed, arena, &message, &err) != STATUS_OK)
		abort();
	ProtobufCMessage *copy = wire_copy(arena, message);
	if (!text_equal(wire_pack(arena, copy), packed))
		abort();
	return 0;
}
