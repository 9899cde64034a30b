#include "bench/load.h"

#include <grpc/byte_buffer.h>
#include <grpc/grpc.h>
#include <grpc/grpc_security.h>
#include <grpc/slice.h>
#include <grpc/support/alloc.h>
#include <grpc/support/time.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct slot {
	grpc_call *call;
	grpc_metadata_array initial, trailing;
	grpc_byte_buffer *response;
	grpc_status_code status;
	grpc_slice details;
	double began;
};

static double now(void)
{
	struct timespec time;
	(void)clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* What does not change from call to call. */
struct wire {
	grpc_channel *channel;
	grpc_completion_queue *queue;
	grpc_slice method;
	grpc_metadata token;
	bool has_token;
};

static void start(const struct load *load, struct wire *wire, struct slot *slot, uint64_t number)
{
	size_t length;
	const void *bytes = load->request(load->state, number, &length);
	grpc_slice slice = grpc_slice_from_copied_buffer(bytes, length);
	grpc_byte_buffer *request = grpc_raw_byte_buffer_create(&slice, 1);
	grpc_slice_unref(slice);
	grpc_metadata_array_init(&slot->initial);
	grpc_metadata_array_init(&slot->trailing);
	slot->response = NULL;
	slot->began = now();
	slot->call = grpc_channel_create_call(wire->channel, NULL, GRPC_PROPAGATE_DEFAULTS,
		wire->queue, wire->method, NULL, gpr_inf_future(GPR_CLOCK_REALTIME), NULL);
	grpc_op ops[6];
	memset(ops, 0, sizeof ops);
	ops[0].op = GRPC_OP_SEND_INITIAL_METADATA;
	ops[0].data.send_initial_metadata.count = wire->has_token;
	ops[0].data.send_initial_metadata.metadata = &wire->token;
	ops[1].op = GRPC_OP_SEND_MESSAGE;
	ops[1].data.send_message.send_message = request;
	ops[2].op = GRPC_OP_SEND_CLOSE_FROM_CLIENT;
	ops[3].op = GRPC_OP_RECV_INITIAL_METADATA;
	ops[3].data.recv_initial_metadata.recv_initial_metadata = &slot->initial;
	ops[4].op = GRPC_OP_RECV_MESSAGE;
	ops[4].data.recv_message.recv_message = &slot->response;
	ops[5].op = GRPC_OP_RECV_STATUS_ON_CLIENT;
	ops[5].data.recv_status_on_client.trailing_metadata = &slot->trailing;
	ops[5].data.recv_status_on_client.status = &slot->status;
	ops[5].data.recv_status_on_client.status_details = &slot->details;
	if (grpc_call_start_batch(slot->call, ops, 6, slot, NULL) != GRPC_CALL_OK)
		abort();
	grpc_byte_buffer_destroy(request);
}

static void finish(struct slot *slot)
{
	grpc_metadata_array_destroy(&slot->initial);
	grpc_metadata_array_destroy(&slot->trailing);
	grpc_slice_unref(slot->details);
	if (slot->response)
		grpc_byte_buffer_destroy(slot->response);
	grpc_call_unref(slot->call);
}

static int ascending(const void *a, const void *b)
{
	double left = *(const double *)a, right = *(const double *)b;
	return (left > right) - (left < right);
}

/* When call `number` may begin. */
static double due(const struct load *load, double began, uint64_t number)
{
	return load->per_s > 0 ? began + (double)number / load->per_s : began;
}

static gpr_timespec in_seconds(double seconds)
{
	return gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC),
		gpr_time_from_nanos((int64_t)(seconds * 1e9), GPR_TIMESPAN));
}

void load_run(const struct load *load, struct load_result *result_out)
{
	grpc_channel_credentials *insecure = grpc_insecure_credentials_create();
	char bearer[256];
	(void)snprintf(bearer, sizeof bearer, "Bearer %s", load->token ? load->token : "");
	struct wire wire = {
		.channel = grpc_channel_create(load->address, insecure, NULL),
		.queue = grpc_completion_queue_create_for_next(NULL),
		.method = grpc_slice_from_copied_string(load->method),
		.token = {.key = grpc_slice_from_static_string("authorization"),
			.value = grpc_slice_from_copied_string(bearer)},
		.has_token = load->token != NULL,
	};
	struct slot *slots = calloc(load->in_flight, sizeof *slots);
	size_t capacity = 1 << 22;
	double *taken = malloc(capacity * sizeof *taken);
	uint64_t started = 0, finished = 0, failures = 0;
	double began = now(), until = began + load->seconds, last = began;
	struct slot **idle = calloc(load->in_flight, sizeof(struct slot *));
	unsigned idle_count = load->in_flight;
	for (unsigned i = 0; i < load->in_flight; i++)
		idle[i] = &slots[i];
	for (;;) {
		last = now();
		if (finished == started && last >= until)
			break;
		while (idle_count && last < until && last >= due(load, began, started))
			start(load, &wire, idle[--idle_count], started++);
		bool waits = idle_count && last < until;
		gpr_timespec deadline = waits ? in_seconds(due(load, began, started) - last)
					      : gpr_inf_future(GPR_CLOCK_MONOTONIC);
		grpc_event event = grpc_completion_queue_next(wire.queue, deadline, NULL);
		last = now();
		if (event.type != GRPC_OP_COMPLETE)
			continue;
		struct slot *slot = event.tag;
		if (finished < capacity)
			taken[finished] = (last - slot->began) * 1e6;
		finished++;
		failures += slot->status != GRPC_STATUS_OK;
		finish(slot);
		idle[idle_count++] = slot;
	}
	free(idle);
	size_t kept = finished < capacity ? finished : capacity;
	qsort(taken, kept, sizeof *taken, ascending);
	*result_out = (struct load_result){
		.calls = finished,
		.failures = failures,
		.seconds = last - began,
		.p50_us = taken[kept / 2],
		.p99_us = taken[(size_t)((double)kept * 0.99)],
	};
	free(taken);
	free(slots);
	grpc_slice_unref(wire.method);
	grpc_slice_unref(wire.token.value);
	grpc_channel_destroy(wire.channel);
	grpc_completion_queue_shutdown(wire.queue);
	while (grpc_completion_queue_next(wire.queue, gpr_inf_future(GPR_CLOCK_REALTIME), NULL)
			.type != GRPC_QUEUE_SHUTDOWN)
		continue;
	grpc_completion_queue_destroy(wire.queue);
	grpc_channel_credentials_release(insecure);
}
