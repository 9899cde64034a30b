#include "rpc/bytes.h"
#include "rpc/channel.h"
#include "rpc/diagnosis.h"
#include "rpc/stranger.h"

#include "proto/wire.h"

#include <grpc/byte_buffer.h>
#include <grpc/slice.h>
#include <grpc/support/alloc.h>
#include <grpc/support/time.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TIMEOUT_MS = 60000 };

static const ProtobufCMethodDescriptor *method_of(
	const ProtobufCServiceDescriptor *service, const char *method)
{
	return protobuf_c_service_descriptor_get_method_by_name(service, method);
}

static gpr_timespec deadline_of(int64_t timeout_ms)
{
	if (timeout_ms < 0)
		return gpr_inf_future(GPR_CLOCK_MONOTONIC);
	return gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC),
		gpr_time_from_millis(timeout_ms ? timeout_ms : TIMEOUT_MS, GPR_TIMESPAN));
}

enum status dialed_start(struct dialed *dialed, const struct rpc_channel *channel,
	const ProtobufCServiceDescriptor *service, const char *method,
	const ProtobufCMessage *request, int64_t timeout_ms, struct error *err)
{
	const ProtobufCMethodDescriptor *about = method_of(service, method);
	if (!about)
		return fail(
			err, STATUS_UNIMPLEMENTED, "%s has no method '%s'", service->name, method);
	char path[512];
	(void)snprintf(path, sizeof path, "/%s/%s", service->name, method);
	*dialed = (struct dialed){.channel = channel, .output = about->output};
	dialed->queue = grpc_completion_queue_create_for_next(NULL);
	grpc_slice method_path = grpc_slice_from_copied_string(path);
	dialed->call = grpc_channel_create_call(channel->channel, NULL, GRPC_PROPAGATE_DEFAULTS,
		dialed->queue, method_path, NULL, deadline_of(timeout_ms), NULL);
	grpc_slice_unref(method_path); /* the call took its own reference */
	dialed->request = bytes_of_message(request);
	dialed->details = grpc_empty_slice();
	grpc_metadata_array_init(&dialed->headers);
	grpc_metadata_array_init(&dialed->trailers);
	return STATUS_OK;
}

void dialed_done(struct dialed *dialed)
{
	if (!dialed->call)
		return;
	grpc_call_unref(dialed->call);
	grpc_completion_queue_shutdown(dialed->queue);
	core_poll(dialed->queue);
	grpc_completion_queue_destroy(dialed->queue);
	if (dialed->request)
		grpc_byte_buffer_destroy(dialed->request);
	if (dialed->response)
		grpc_byte_buffer_destroy(dialed->response);
	grpc_metadata_array_destroy(&dialed->headers);
	grpc_metadata_array_destroy(&dialed->trailers);
	grpc_slice_unref(dialed->details);
	gpr_free((void *)(uintptr_t)dialed->error_string);
	dialed->call = NULL;
}

size_t dialed_send_ops(struct dialed *dialed, grpc_op *ops)
{
	const char *authorization = dialed->channel->authorization;
	ops[0] = (grpc_op){.op = GRPC_OP_SEND_INITIAL_METADATA};
	if (authorization) {
		dialed->authorization.key = grpc_slice_from_static_string("authorization");
		dialed->authorization.value = grpc_slice_from_static_string(authorization);
		ops[0].data.send_initial_metadata.count = 1;
		ops[0].data.send_initial_metadata.metadata = &dialed->authorization;
	}
	ops[1] = (grpc_op){.op = GRPC_OP_SEND_MESSAGE};
	ops[1].data.send_message.send_message = dialed->request;
	ops[2] = (grpc_op){.op = GRPC_OP_SEND_CLOSE_FROM_CLIENT};
	ops[3] = (grpc_op){.op = GRPC_OP_RECV_INITIAL_METADATA};
	ops[3].data.recv_initial_metadata.recv_initial_metadata = &dialed->headers;
	return 4;
}

size_t dialed_receive_ops(struct dialed *dialed, grpc_op *ops)
{
	ops[0] = (grpc_op){.op = GRPC_OP_RECV_MESSAGE};
	ops[0].data.recv_message.recv_message = &dialed->response;
	return 1;
}

size_t dialed_status_ops(struct dialed *dialed, grpc_op *ops)
{
	ops[0] = (grpc_op){.op = GRPC_OP_RECV_STATUS_ON_CLIENT};
	ops[0].data.recv_status_on_client.trailing_metadata = &dialed->trailers;
	ops[0].data.recv_status_on_client.status = &dialed->status;
	ops[0].data.recv_status_on_client.status_details = &dialed->details;
	ops[0].data.recv_status_on_client.error_string = &dialed->error_string;
	return 1;
}

enum status dialed_unpack(
	struct dialed *dialed, struct arena *arena, void *message_out, struct error *err)
{
	struct bytes bytes;
	if (!bytes_open(dialed->response, &bytes))
		return fail(err, STATUS_INTERNAL, "the answer's encoding cannot be read");
	enum status status = wire_unpack(dialed->output, bytes.text, arena, message_out, err);
	bytes_close(&bytes);
	grpc_byte_buffer_destroy(dialed->response);
	dialed->response = NULL;
	return status == STATUS_OK ? STATUS_OK
				   : fail_within(err, "answer of '%s'", dialed->channel->address);
}

/* gRPC has no code for "nobody listens": it is UNAVAILABLE with these words
 * (client_channel and pick_first in gRPC 1.30 to 1.60). */
static bool is_unconnected(struct text details)
{
	static const char *const beginnings[] = {
		"failed to connect",
		"connections to all backends failing",
		"Failed to create",
		"DNS resolution failed",
		"empty address list",
	};
	for (size_t i = 0; i < sizeof beginnings / sizeof *beginnings; i++) {
		if (text_starts(details, text_of(beginnings[i])))
			return true;
	}
	return false;
}

/* gRPC's words for a connection that TLS did not like change from release to release and
 * say little: we look for ourselves. */
static enum status unavailable(
	const struct rpc_channel *channel, struct text details, struct error *err)
{
	if (diagnosis(channel, err) || stranger(channel, err))
		return STATUS_UNAVAILABLE;
	/* Of a handshake that would go well now, gRPC's words are all there is. */
	if (is_unconnected(details) &&
		!memmem(details.at, details.length, "andshake", strlen("andshake")))
		return fail(err, STATUS_UNAVAILABLE,
			"no tenond answers at '%s': start one with tenond", channel->address);
	return fail(err, STATUS_UNAVAILABLE, "tenond at '%s': %.*s", channel->address,
		TEXT_ARG(details));
}

/* A server that knows HTTP/2 and not gRPC (gRPC's words, from its HTTP client filter). */
static bool is_other_http(struct text details)
{
	static const char words[] = "http2 header with status";
	return memmem(details.at, details.length, words, sizeof words - 1) != NULL;
}

enum status dialed_status(const struct dialed *dialed, struct error *err)
{
	enum status status = core_status(dialed->status);
	struct text details = slice_text(&dialed->details);
	const char *address = dialed->channel->address;
	if (status == STATUS_OK)
		return STATUS_OK;
	if (is_other_http(details))
		return fail(err, STATUS_UNAVAILABLE,
			"another HTTP server or a proxy answers at '%s', and no tenond (%.*s): is "
			"the "
			"address right?",
			address, TEXT_ARG(details));
	if (status == STATUS_UNAVAILABLE)
		return unavailable(dialed->channel, details, err);
	if (status == STATUS_DEADLINE_EXCEEDED && text_equal(details, TEXT("Deadline Exceeded")))
		return fail(err, status, "tenond at '%s' gave no answer in time", address);
	if (details.length == 0)
		return fail(err, status, "%s", status_name(status));
	return fail(err, status, "%.*s", TEXT_ARG(details));
}

static void invoked(struct tag *tag, bool ok)
{
	(void)tag;
	(void)ok;
}

static enum status invoke(
	struct dialed *dialed, struct arena *arena, void *response_out, struct error *err)
{
	struct tag tag = {invoked};
	grpc_op ops[8];
	size_t count = dialed_send_ops(dialed, ops);
	count += dialed_receive_ops(dialed, ops + count);
	count += dialed_status_ops(dialed, ops + count);
	core_batch(dialed->call, ops, count, &tag);
	(void)grpc_completion_queue_next(dialed->queue, gpr_inf_future(GPR_CLOCK_MONOTONIC), NULL);
	core_tag_completes(&tag);
	/* Nobody here cancels a unary call: a server that stops does, when it takes no more. */
	if (core_status(dialed->status) == STATUS_CANCELLED)
		return fail(err, STATUS_UNAVAILABLE, "tenond at '%s' is stopping: try again later",
			dialed->channel->address);
	TRY(dialed_status(dialed, err));
	if (!dialed->response)
		return fail(err, STATUS_INTERNAL, "'%s' answered without a message",
			dialed->channel->address);
	return dialed_unpack(dialed, arena, response_out, err);
}

enum status rpc_invoke(struct rpc_channel *channel, const ProtobufCServiceDescriptor *service,
	const char *method, const ProtobufCMessage *request, int64_t timeout_ms,
	struct arena *arena, void *response_out, struct error *err)
{
	struct dialed dialed;
	TRY(dialed_start(&dialed, channel, service, method, request, timeout_ms, err));
	enum status status = invoke(&dialed, arena, response_out, err);
	dialed_done(&dialed);
	return status;
}
