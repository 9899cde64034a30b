#include "rpc/core.h"

#include <grpc/support/log.h>
#include <grpc/support/time.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#if defined(__SANITIZE_THREAD__)
#define THREAD_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define THREAD_SANITIZER 1
#endif
#endif

#ifdef THREAD_SANITIZER
void __tsan_acquire(void *address);
void __tsan_release(void *address);
#endif

void core_tag_starts(struct tag *tag)
{
#ifdef THREAD_SANITIZER
	__tsan_release(tag);
#else
	(void)tag;
#endif
}

void core_tag_completes(struct tag *tag)
{
#ifdef THREAD_SANITIZER
	__tsan_acquire(tag);
#else
	(void)tag;
#endif
}

static void drop_log(gpr_log_func_args *args)
{
	(void)args;
}

void core_start(void)
{
	/* What matters comes back as a status. GRPC_VERBOSITY brings gRPC's own log
	 * back for whoever looks into gRPC itself. */
	if (!getenv("GRPC_VERBOSITY")) /* NOLINT(concurrency-mt-unsafe): nothing here sets it */
		gpr_set_log_function(drop_log);
	sigset_t all;
	sigset_t before;
	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	grpc_init();
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
}

void core_stop(void)
{
	grpc_shutdown_blocking();
}

void core_batch(grpc_call *call, const grpc_op *ops, size_t count, struct tag *tag)
{
	core_tag_starts(tag);
	grpc_call_error error = grpc_call_start_batch(call, ops, count, tag, NULL);
	if (error != GRPC_CALL_OK) {
		(void)fprintf(
			stderr, "rpc: a batch was refused: %s\n", grpc_call_error_to_string(error));
		abort();
	}
}

void core_poll(grpc_completion_queue *queue)
{
	for (;;) {
		grpc_event event = grpc_completion_queue_next(
			queue, gpr_inf_future(GPR_CLOCK_MONOTONIC), NULL);
		if (event.type == GRPC_QUEUE_SHUTDOWN)
			return;
		if (event.type != GRPC_OP_COMPLETE)
			continue;
		struct tag *tag = event.tag;
		core_tag_completes(tag);
		tag->done(tag, event.success != 0);
	}
}

enum status core_status(grpc_status_code code)
{
	return code >= GRPC_STATUS_OK && code <= GRPC_STATUS_UNAUTHENTICATED ? (enum status)code
									     : STATUS_UNKNOWN;
}
