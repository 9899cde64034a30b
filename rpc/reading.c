#include "rpc/channel.h"

#include "base/memory.h"

#include <grpc/byte_buffer.h>
#include <grpc/support/time.h>
#include <stdlib.h>

/* A server-streaming call read by one thread. The status is asked for from the
 * start (it also ends a call whose connection is lost) and waited for at the end. */
struct rpc_reading {
	struct dialed dialed;
	struct tag sent;
	struct tag received;
	struct tag ended;
	bool has_received;
	bool has_ended;
};

static void on_sent(struct tag *tag, bool ok)
{
	(void)tag;
	(void)ok;
}

static void on_received(struct tag *tag, bool ok)
{
	(void)ok;
	TAGGED(tag, struct rpc_reading, received)->has_received = true;
}

static void on_ended(struct tag *tag, bool ok)
{
	(void)ok;
	TAGGED(tag, struct rpc_reading, ended)->has_ended = true;
}

/* Run tags until the flag is set. */
static void wait_for(struct rpc_reading *reading, const bool *flag)
{
	while (!*flag) {
		grpc_event event = grpc_completion_queue_next(
			reading->dialed.queue, gpr_inf_future(GPR_CLOCK_MONOTONIC), NULL);
		if (event.type != GRPC_OP_COMPLETE)
			return;
		struct tag *tag = event.tag;
		core_tag_completes(tag);
		tag->done(tag, event.success != 0);
	}
}

enum status rpc_read_open(struct rpc_channel *channel, const ProtobufCServiceDescriptor *service,
	const char *method, const ProtobufCMessage *request, int64_t timeout_ms,
	struct rpc_reading **reading_out, struct error *err)
{
	OWNED(rpc_reading) reading = memory_new(sizeof *reading);
	TRY(dialed_start(&reading->dialed, channel, service, method, request, timeout_ms, err));
	reading->sent.done = on_sent;
	reading->received.done = on_received;
	reading->ended.done = on_ended;
	grpc_op ops[4];
	size_t count = dialed_status_ops(&reading->dialed, ops);
	core_batch(reading->dialed.call, ops, count, &reading->ended);
	count = dialed_send_ops(&reading->dialed, ops);
	core_batch(reading->dialed.call, ops, count, &reading->sent);
	*reading_out = TAKE(reading);
	return STATUS_OK;
}

enum status rpc_read_next(
	struct rpc_reading *reading, struct arena *arena, void *message_out, struct error *err)
{
	if (!reading->has_ended) {
		grpc_op op;
		(void)dialed_receive_ops(&reading->dialed, &op);
		reading->has_received = false;
		core_batch(reading->dialed.call, &op, 1, &reading->received);
		wait_for(reading, &reading->has_received);
		if (reading->dialed.response)
			return dialed_unpack(&reading->dialed, arena, message_out, err);
		wait_for(reading, &reading->has_ended);
	}
	TRY(dialed_status(&reading->dialed, err));
	*(void **)message_out = NULL;
	return STATUS_OK;
}

void rpc_read_cancel(struct rpc_reading *reading)
{
	(void)grpc_call_cancel(reading->dialed.call, NULL);
}

void rpc_reading_free(struct rpc_reading *reading)
{
	if (!reading)
		return;
	if (reading->dialed.call && !reading->has_ended)
		(void)grpc_call_cancel(reading->dialed.call, NULL);
	dialed_done(&reading->dialed);
	free(reading);
}
