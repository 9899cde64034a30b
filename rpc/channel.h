#pragma once

#include "base/arena.h"
#include "rpc/client.h"
#include "rpc/core.h"
#include "rpc/identity.h"

#include <grpc/grpc.h>

/* The client from inside. Only for files of this room. */
struct rpc_channel {
	char *address;
	bool tls;
	struct identity *identity; /* ours, and whom we believe; NULL: no TLS */
	char *authorities_file; /* for messages; NULL: the system's */
	char *server_name; /* that the certificate must have; NULL: the address's host */
	char *authorization; /* "Bearer TOKEN"; NULL: none */
	grpc_channel *channel;
};

/* One call with a queue of its own, so that whoever waits does the work. What
 * every call has in common: the request going out, the status coming back. */
struct dialed {
	const struct rpc_channel *channel;
	grpc_completion_queue *queue;
	grpc_call *call;
	const ProtobufCMessageDescriptor *output;
	grpc_byte_buffer *request;
	grpc_byte_buffer *response; /* the last one received */
	grpc_metadata_array headers;
	grpc_metadata_array trailers;
	grpc_metadata authorization;
	grpc_status_code status;
	grpc_slice details;
	const char *error_string;
};

/* UNIMPLEMENTED when the service has no such method. */
enum status dialed_start(struct dialed *dialed, const struct rpc_channel *channel,
	const ProtobufCServiceDescriptor *service, const char *method,
	const ProtobufCMessage *request, int64_t timeout_ms, struct error *err) MUST_USE;
void dialed_done(struct dialed *dialed); /* zeroes are fine */

/* Operations of a batch; each returns how many it added. */
size_t dialed_send_ops(struct dialed *dialed, grpc_op *ops); /* headers, request, half close */
size_t dialed_receive_ops(struct dialed *dialed, grpc_op *ops); /* one message */
size_t dialed_status_ops(struct dialed *dialed, grpc_op *ops);

/* The received message unpacked in `arena`. */
enum status dialed_unpack(
	struct dialed *dialed, struct arena *arena, void *message_out, struct error *err) MUST_USE;
/* The status that came back; OK or `err` filled. */
enum status dialed_status(const struct dialed *dialed, struct error *err) MUST_USE;
