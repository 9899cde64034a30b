#pragma once

#include "base/text.h"

#include <protobuf-c/protobuf-c.h>

/* Messages packed from their end to their beginning, so that the length of
 * what is inside another is known when it is due. protobuf-c asks everything for its size
 * first, once for each level that it is on. The bytes are the same. */

enum { PACK_ROOM_BYTES = 16 * 1024 }; /* on a stack: most messages are smaller */

/* Packed at the end of `room`; false when it is too small. */
bool pack_backwards(
	const ProtobufCMessage *message, char *room, size_t room_bytes, struct text *packed_out);
