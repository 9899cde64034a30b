#include "rpc/bytes.h"
#include "rpc/serving.h"

#include <assert.h>
#include <grpc/byte_buffer.h>

/* Server streaming by pull. `next` runs on a poller thread only: starting and
 * waking go through an empty batch (a hop), so that whoever wakes a stream may
 * hold its own locks, and `next` never runs twice at a time. */

void rpc_stream(struct rpc_call *call, const struct rpc_stream_ops *ops, void *state)
{
	assert(call->method && call->method->kind == METHOD_STREAM && !call->ops);
	(void)pthread_mutex_lock(&call->lock);
	call->ops = ops;
	call->state = state;
	call->sent.done = stream_sent;
	/* What the handler owed now belongs to the hop. It is queued even when the
	 * client has gone, so that `closed` too runs on a poller. */
	call->owed = false;
	call->hop_queued = true;
	(void)pthread_mutex_unlock(&call->lock);
	core_batch(call->call, NULL, 0, &call->hopped);
}

void rpc_stream_wake(struct rpc_call *call)
{
	(void)pthread_mutex_lock(&call->lock);
	bool queue =
		call->ops && !call->hop_queued && !call->closing && !call->over && !call->answered;
	if (queue) {
		call->hop_queued = true;
		call->pending++;
	}
	(void)pthread_mutex_unlock(&call->lock);
	if (queue)
		core_batch(call->call, NULL, 0, &call->hopped);
}

/* Ask for messages until one is on its way, the stream has ended, or it parked. */
static void drive(struct rpc_call *call)
{
	(void)pthread_mutex_lock(&call->lock);
	call->again = true;
	bool mine = !call->driving;
	call->driving = true;
	while (mine && call->again) {
		call->again = false;
		if (call->over || call->answered || call->sending)
			break;
		(void)pthread_mutex_unlock(&call->lock);
		call->ops->next(call, call->state);
		(void)pthread_mutex_lock(&call->lock);
	}
	if (mine)
		call->driving = false;
	(void)pthread_mutex_unlock(&call->lock);
}

void stream_hopped(struct tag *tag, bool ok)
{
	(void)ok;
	struct rpc_call *call = TAGGED(tag, struct rpc_call, hopped);
	(void)pthread_mutex_lock(&call->lock);
	call->hop_queued = false;
	(void)pthread_mutex_unlock(&call->lock);
	drive(call);
	call_release(call);
}

/* Flow control has accepted the message: the client can take another. */
void stream_sent(struct tag *tag, bool ok)
{
	struct rpc_call *call = TAGGED(tag, struct rpc_call, sent);
	(void)pthread_mutex_lock(&call->lock);
	grpc_byte_buffer *done = call->outgoing;
	call->outgoing = NULL;
	call->sending = false;
	call->over = call->over || !ok;
	(void)pthread_mutex_unlock(&call->lock);
	grpc_byte_buffer_destroy(done);
	drive(call);
	call_release(call);
}

void rpc_stream_send(struct rpc_call *call, const ProtobufCMessage *message)
{
	grpc_byte_buffer *packed = bytes_of_message(message);
	(void)pthread_mutex_lock(&call->lock);
	assert(!call->sending && !call->answered);
	bool headers = !call->headers_sent;
	call->headers_sent = true;
	call->sending = true;
	call->outgoing = packed;
	call->pending++;
	(void)pthread_mutex_unlock(&call->lock);
	grpc_op ops[2] = {0};
	size_t count = 0;
	if (headers)
		ops[count++].op = GRPC_OP_SEND_INITIAL_METADATA;
	ops[count].op = GRPC_OP_SEND_MESSAGE;
	ops[count++].data.send_message.send_message = packed;
	core_batch(call->call, ops, count, &call->sent);
}

void rpc_stream_end(struct rpc_call *call)
{
	call_send_status(call, STATUS_OK, NULL);
}
