#include "rpc/bytes.h"
#include "rpc/serving.h"

#include "base/memory.h"
#include "proto/wire.h"

#include <assert.h>
#include <grpc/byte_buffer.h>
#include <grpc/slice.h>
#include <stdlib.h>

static void call_finished(struct tag *tag, bool ok);
static void call_closed(struct tag *tag, bool ok);
static void call_requested(struct tag *tag, bool ok);

/* The parts of a slot that never change hands. */
static void call_init(struct rpc_call *call, struct rpc_server *server)
{
	*call = (struct rpc_call){
		.server = server,
		.requested.done = call_requested,
		.finished.done = call_finished,
		.closed.done = call_closed,
		.hopped.done = stream_hopped,
		.received.done = exchange_received,
	};
	grpc_metadata_array_init(&call->metadata);
	grpc_call_details_init(&call->details);
	(void)pthread_mutex_init(&call->lock, NULL);
}

static void call_done(struct rpc_call *call)
{
	if (call->payload)
		grpc_byte_buffer_destroy(call->payload);
	if (call->outgoing)
		grpc_byte_buffer_destroy(call->outgoing);
	grpc_metadata_array_destroy(&call->metadata);
	grpc_call_details_destroy(&call->details);
	if (call->call)
		grpc_call_unref(call->call);
	arena_free(call->arena);
	(void)pthread_mutex_destroy(&call->lock);
}

struct rpc_call *call_new(struct rpc_server *server)
{
	struct rpc_call *call = memory_new(sizeof *call);
	call_init(call, server);
	return call;
}

void call_reset(struct rpc_call *call)
{
	struct rpc_server *server = call->server;
	call_done(call);
	call_init(call, server);
}

void call_free(struct rpc_call *call)
{
	if (!call)
		return;
	call_done(call);
	free(call);
}

void call_hold(struct rpc_call *call)
{
	(void)pthread_mutex_lock(&call->lock);
	call->pending++;
	(void)pthread_mutex_unlock(&call->lock);
}

void call_release(struct rpc_call *call)
{
	(void)pthread_mutex_lock(&call->lock);
	bool last = --call->pending == 0;
	call->closing = last;
	(void)pthread_mutex_unlock(&call->lock);
	if (!last)
		return;
	if (call->ops && call->ops->closed)
		call->ops->closed(call->state);
	server_recycle(call->server, call);
}

static void call_requested(struct tag *tag, bool ok)
{
	struct rpc_call *call = TAGGED(tag, struct rpc_call, requested);
	if (!ok) { /* the server shuts down: this slot was never used */
		struct rpc_server *server = call->server;
		call_free(call);
		server_closed(server);
		return;
	}
	server_offer(call->server, call->method);
	call_dispatch(call);
}

static void call_closed(struct tag *tag, bool ok)
{
	(void)ok;
	struct rpc_call *call = TAGGED(tag, struct rpc_call, closed);
	(void)pthread_mutex_lock(&call->lock);
	call->over = true;
	bool tell = call->cancelled && !call->answered && call->on_cancel;
	(void)pthread_mutex_unlock(&call->lock);
	if (tell)
		call->on_cancel(call->cancel_state);
	call_release(call);
}

static void call_finished(struct tag *tag, bool ok)
{
	(void)ok;
	call_release(TAGGED(tag, struct rpc_call, finished));
}

/* True when the caller is the one to ask: asked at most once per call. */
static bool claim_close(struct rpc_call *call)
{
	bool mine = !call->close_asked;
	call->close_asked = true;
	return mine;
}

static void close_op(struct rpc_call *call, grpc_op *op)
{
	*op = (grpc_op){.op = GRPC_OP_RECV_CLOSE_ON_SERVER};
	op->data.recv_close_on_server.cancelled = &call->cancelled;
}

void call_ask_close(struct rpc_call *call)
{
	(void)pthread_mutex_lock(&call->lock);
	bool mine = claim_close(call);
	call->pending += mine;
	(void)pthread_mutex_unlock(&call->lock);
	if (!mine)
		return;
	grpc_op op;
	close_op(call, &op);
	core_batch(call->call, &op, 1, &call->closed);
}

/* The final batch: headers unless sent, the message of a unary answer, the
 * status. False when the call was answered before. */
static bool send_final(
	struct rpc_call *call, grpc_byte_buffer *message, enum status status, const char *details)
{
	(void)pthread_mutex_lock(&call->lock);
	bool first = !call->answered && !call->closing;
	bool headers = !call->headers_sent;
	bool ask_close = false;
	if (first) {
		call->answered = true;
		call->headers_sent = true;
		ask_close = claim_close(call);
		/* What the handler owed now belongs to the batch, so that a thread that
		 * answers never touches the call after its batch has started. */
		call->pending += !call->owed;
		call->owed = false;
	}
	(void)pthread_mutex_unlock(&call->lock);
	if (!first)
		return false;

	grpc_op ops[4] = {0};
	size_t count = 0;
	if (headers)
		ops[count++].op = GRPC_OP_SEND_INITIAL_METADATA;
	if (message) {
		call->outgoing = message;
		ops[count].op = GRPC_OP_SEND_MESSAGE;
		ops[count++].data.send_message.send_message = message;
	}
	grpc_slice text = grpc_empty_slice();
	ops[count].op = GRPC_OP_SEND_STATUS_FROM_SERVER;
	ops[count].data.send_status_from_server.status = (grpc_status_code)status;
	if (details && *details) {
		text = grpc_slice_from_copied_string(details);
		ops[count].data.send_status_from_server.status_details = &text;
	}
	count++;
	if (ask_close)
		close_op(call, &ops[count++]);
	core_batch(call->call, ops, count, &call->finished);
	grpc_slice_unref(text);
	return true;
}

void call_send_status(struct rpc_call *call, enum status status, const char *message)
{
	(void)send_final(call, NULL, status, message);
}

static void answer(struct rpc_call *call, grpc_byte_buffer *message)
{
	assert(call->method && call->method->kind == METHOD_UNARY);
	bool first = send_final(call, message, STATUS_OK, NULL);
	assert(first && "a call is answered once");
	if (!first)
		grpc_byte_buffer_destroy(message);
}

void rpc_reply(struct rpc_call *call, const ProtobufCMessage *response)
{
	answer(call, bytes_of_message(response));
}

void rpc_reply_bytes(struct rpc_call *call, struct text head, struct text body)
{
	answer(call, bytes_of_texts(head, body));
}

void rpc_fail(struct rpc_call *call, const struct error *err)
{
	enum status status = err->status == STATUS_OK ? STATUS_UNKNOWN : err->status;
	(void)send_final(call, NULL, status, err->message);
}

void rpc_on_cancel(struct rpc_call *call, void (*cancelled)(void *state), void *state)
{
	(void)pthread_mutex_lock(&call->lock);
	call->on_cancel = cancelled;
	call->cancel_state = state;
	(void)pthread_mutex_unlock(&call->lock);
	call_ask_close(call);
}

/* A handler that uses protobuf-c's closure instead of rpc_reply. */
static void closure(const ProtobufCMessage *message, void *call_data)
{
	struct rpc_call *call = call_data;
	if (message) {
		rpc_reply(call, message);
		return;
	}
	struct error err;
	(void)fail(&err, STATUS_INTERNAL, "%s gave no answer", rpc_method(call));
	rpc_fail(call, &err);
}

static enum status unpack_request(
	struct rpc_call *call, ProtobufCMessage **request_out, struct error *err)
{
	/* The client closed its side without a message. */
	if (!call->payload)
		return fail(err, STATUS_INVALID_ARGUMENT, "%s was called without a request",
			rpc_method(call));
	struct bytes bytes;
	/* Before it is unpacked, and again by what it has become: that may be far more. */
	TRY(server_hold(call->server, call, grpc_byte_buffer_length(call->payload), err));
	if (!bytes_open(call->payload, &bytes))
		return fail(err, STATUS_INVALID_ARGUMENT, "the request's encoding cannot be read");
	enum status status =
		wire_unpack(call->method->input, bytes.text, call->arena, request_out, err);
	if (status == STATUS_OK)
		status = server_hold(call->server, call, arena_bytes(call->arena), err);
	bytes_close(&bytes);
	/* Everything was copied into the arena. */
	grpc_byte_buffer_destroy(call->payload);
	call->payload = NULL;
	return status;
}

void call_dispatch(struct rpc_call *call)
{
	call->pending = 1;
	call->owed = true;
	call->arena = server_arena(call->server);
	struct error err;
	if (caller_read(call, &err) != STATUS_OK) {
		rpc_fail(call, &err);
		return;
	}
	if (!call->method) {
		struct text path = slice_text(&call->details.method);
		(void)fail(&err, STATUS_UNIMPLEMENTED,
			"there is no method '%.*s': see what the server has with reflection",
			(int)(path.length > 200 ? 200 : path.length), path.at);
		rpc_fail(call, &err);
		return;
	}
	if (call->method->kind == METHOD_EXCHANGE) {
		exchange_start(call);
		return;
	}
	if (call->method->kind == METHOD_STREAM)
		call_ask_close(call);
	ProtobufCMessage *request = NULL;
	if (unpack_request(call, &request, &err) != STATUS_OK) {
		rpc_fail(call, &err);
		return;
	}
	ProtobufCService *service = call->method->service;
	service->invoke(service, call->method->index, request, closure, call);
}

struct rpc_call *rpc_call_of(void *call_data)
{
	return call_data;
}

struct arena *rpc_arena(struct rpc_call *call)
{
	return call->arena;
}

const char *rpc_method(const struct rpc_call *call)
{
	return call->method ? call->method->path : "";
}
