#include "rpc/bytes.h"

#include "proto/pack.h"

#include <grpc/byte_buffer.h>
#include <grpc/byte_buffer_reader.h>
#include <grpc/slice.h>

static grpc_byte_buffer *buffer_of(grpc_slice slice)
{
	grpc_byte_buffer *buffer = grpc_raw_byte_buffer_create(&slice, 1);
	grpc_slice_unref(slice); /* the buffer holds its own reference */
	return buffer;
}

grpc_byte_buffer *bytes_of_message(const ProtobufCMessage *message)
{
	char room[PACK_ROOM_BYTES];
	struct text packed;
	if (pack_backwards(message, room, sizeof room, &packed))
		return bytes_of_texts(packed, TEXT(""));
	grpc_slice slice = grpc_slice_malloc(protobuf_c_message_get_packed_size(message));
	(void)protobuf_c_message_pack(message, GRPC_SLICE_START_PTR(slice));
	return buffer_of(slice);
}

grpc_byte_buffer *bytes_of_texts(struct text head, struct text body)
{
	grpc_slice slice = grpc_slice_malloc(head.length + body.length);
	uint8_t *at = GRPC_SLICE_START_PTR(slice);
	if (head.length)
		memcpy(at, head.at, head.length);
	if (body.length)
		memcpy(at + head.length, body.at, body.length);
	return buffer_of(slice);
}

struct text slice_text(const grpc_slice *slice)
{
	return (struct text){(const char *)GRPC_SLICE_START_PTR(*slice), GRPC_SLICE_LENGTH(*slice)};
}

bool bytes_open(grpc_byte_buffer *buffer, struct bytes *bytes_out)
{
	grpc_byte_buffer_reader reader;
	if (!grpc_byte_buffer_reader_init(&reader, buffer))
		return false;
	*bytes_out = (struct bytes){.text = TEXT("")};
	grpc_slice *only = NULL;
	/* An empty message has no slice at all. */
	if (buffer->data.raw.slice_buffer.count == 1 &&
		grpc_byte_buffer_reader_peek(&reader, &only)) {
		bytes_out->text = slice_text(only);
	} else if (buffer->data.raw.slice_buffer.count > 1) {
		bytes_out->joined = grpc_byte_buffer_reader_readall(&reader);
		bytes_out->is_joined = true;
		bytes_out->text = slice_text(&bytes_out->joined);
	}
	grpc_byte_buffer_reader_destroy(&reader);
	return true;
}

void bytes_close(struct bytes *bytes)
{
	if (bytes->is_joined)
		grpc_slice_unref(bytes->joined);
	bytes->is_joined = false;
}
