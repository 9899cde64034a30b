/* Any bytes as JSON or YAML of a job or table: refused or read, and what was
 * read prints to JSON that reads to the same message. */
#include "base/buffer.h"
#include "proto/json.h"
#include "proto/wire.h"
#include "tenon/v1/jobs.pb-c.h"
#include "tenon/v1/table.pb-c.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	if (length == 0)
		return 0;
	OWNED(arena) arena = arena_new();
	struct buffer SCOPED_BUFFER out;
	struct error err;
	ProtobufCMessage *message = NULL;
	ProtobufCMessage *back = NULL;
	struct text rest = {(const char *)bytes + 1, length - 1};
	const ProtobufCMessageDescriptor *shape =
		bytes[0] & 1 ? &tenon__v1__job__descriptor : &tenon__v1__table__descriptor;
	buffer_init(&out, 64u << 20);
	enum status got = bytes[0] & 2 ? yaml_parse(rest, shape, arena, &message, &err)
				       : json_parse(rest, shape, arena, &message, &err);
	if (got != STATUS_OK)
		return 0;
	if (json_print(message, JSON_PRETTY, &out, &err) != STATUS_OK ||
		json_parse(buffer_text(&out), shape, arena, &back, &err) != STATUS_OK)
		abort();
	return 0;
}
