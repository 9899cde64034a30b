#include "rpc/bytes.h"
#include "rpc/serving.h"

#include "proto/wire.h"

#include <grpc/byte_buffer.h>

static void receive(struct rpc_call *call)
{
	call_hold(call);
	grpc_op op = {.op = GRPC_OP_RECV_MESSAGE};
	op.data.recv_message.recv_message = &call->payload;
	core_batch(call->call, &op, 1, &call->received);
}

void exchange_start(struct rpc_call *call)
{
	call->sent.done = exchange_sent;
	call_ask_close(call);
	receive(call);
	call->owed = false;
	call_release(call); /* events hold the call from here */
}

static void send(struct rpc_call *call, const ProtobufCMessage *message)
{
	call_hold(call);
	call->outgoing = bytes_of_message(message);
	grpc_op ops[2] = {0};
	size_t count = 0;
	if (!call->headers_sent)
		ops[count++].op = GRPC_OP_SEND_INITIAL_METADATA;
	call->headers_sent = true;
	ops[count].op = GRPC_OP_SEND_MESSAGE;
	ops[count++].data.send_message.send_message = call->outgoing;
	core_batch(call->call, ops, count, &call->sent);
}

static void answer(struct rpc_call *call)
{
	const struct exchange *exchange = &call->method->exchange;
	struct bytes bytes;
	struct error err;
	ProtobufCMessage *request = NULL;
	arena_reset(call->arena);
	if (!bytes_open(call->payload, &bytes)) {
		call_send_status(
			call, STATUS_INVALID_ARGUMENT, "the request's encoding cannot be read");
		return;
	}
	enum status status = wire_unpack(exchange->input, bytes.text, call->arena, &request, &err);
	bytes_close(&bytes);
	grpc_byte_buffer_destroy(call->payload);
	call->payload = NULL;
	if (status != STATUS_OK)
		call_send_status(call, status, err.message);
	else
		send(call, exchange->answer(exchange->state, request, call->arena));
}

void exchange_received(struct tag *tag, bool ok)
{
	struct rpc_call *call = TAGGED(tag, struct rpc_call, received);
	if (ok && call->payload)
		answer(call);
	else /* the client has said all it wanted */
		call_send_status(call, STATUS_OK, NULL);
	call_release(call);
}

void exchange_sent(struct tag *tag, bool ok)
{
	struct rpc_call *call = TAGGED(tag, struct rpc_call, sent);
	grpc_byte_buffer_destroy(call->outgoing);
	call->outgoing = NULL;
	if (ok)
		receive(call);
	else
		call_send_status(call, STATUS_UNAVAILABLE, "the client has gone");
	call_release(call);
}
