#pragma once

#include "base/text.h"

#include <grpc/grpc.h>
#include <protobuf-c/protobuf-c.h>

/* Between gRPC's byte buffers and messages. Only for files of this room. */

/* A buffer with the packed message; destroy it after its batch completed. */
grpc_byte_buffer *bytes_of_message(const ProtobufCMessage *message);
/* A buffer with a copy of both texts, one after the other. */
grpc_byte_buffer *bytes_of_texts(struct text head, struct text body);

/* A received buffer as one piece. `text` lives until the buffer is destroyed or
 * bytes_close, whichever is first. */
struct bytes {
	struct text text;
	grpc_slice joined; /* holds the text when it came in several slices */
	bool is_joined;
};
/* False when the buffer cannot be read (a broken encoding). */
bool bytes_open(grpc_byte_buffer *buffer, struct bytes *bytes_out);
void bytes_close(struct bytes *bytes);

struct text slice_text(const grpc_slice *slice); /* borrowed */
