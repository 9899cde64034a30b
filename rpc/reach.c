#include "rpc/channel.h"
#include "rpc/stranger.h"

#include <grpc/support/time.h>

/* Until the server has said its first word, gRPC would go on trying for as long as the
 * call may last: a process that is stopped still has its connections taken by the system. */
static bool waits_for(const struct rpc_channel *channel, int64_t timeout_ms)
{
	gpr_timespec deadline = gpr_time_add(
		gpr_now(GPR_CLOCK_MONOTONIC), gpr_time_from_millis(timeout_ms, GPR_TIMESPAN));
	grpc_completion_queue *queue = grpc_completion_queue_create_for_next(NULL);
	bool waits = true;
	bool late = false;
	while (waits && !late) {
		grpc_connectivity_state state =
			grpc_channel_check_connectivity_state(channel->channel, 1);
		waits = state == GRPC_CHANNEL_IDLE || state == GRPC_CHANNEL_CONNECTING;
		if (!waits)
			break;
		grpc_channel_watch_connectivity_state(
			channel->channel, state, deadline, queue, queue);
		grpc_event event = grpc_completion_queue_next(
			queue, gpr_inf_future(GPR_CLOCK_MONOTONIC), NULL);
		late = event.type != GRPC_OP_COMPLETE || !event.success;
	}
	grpc_completion_queue_shutdown(queue);
	core_poll(queue);
	grpc_completion_queue_destroy(queue);
	return !waits;
}

enum status rpc_channel_reach(struct rpc_channel *channel, int64_t timeout_ms, struct error *err)
{
	if (waits_for(channel, timeout_ms))
		return STATUS_OK;
	if (stranger_listens(channel))
		return fail(err, STATUS_UNAVAILABLE,
			"what listens at '%s' did not say a word within %.3g s: a tenond there is "
			"stopped or very busy",
			channel->address, (double)timeout_ms / 1000);
	return fail(err, STATUS_UNAVAILABLE,
		"nobody took the connection to '%s' within %.3g s: is the address right, and is no "
		"firewall in between?",
		channel->address, (double)timeout_ms / 1000);
}
