#pragma once

#include "base/status.h"

#include <grpc/grpc.h>
#include <stdbool.h>
#include <stddef.h>

/* gRPC Core as this room uses it: quiet, and completion-queue tags as objects
 * that know what to do. Only for files of this room. */

/* Embedded in the object that waits for it. `ok` is false when the operation
 * could not be carried out (the peer has gone, the server shuts down). */
struct tag {
	void (*done)(struct tag *tag, bool ok);
};

/* The object of `type` whose `member` is the tag. */
#define TAGGED(tag, type, member) ((type *)(void *)((char *)(tag)-offsetof(type, member)))

/* gRPC's own threads start here with every signal blocked, so that signals go to
 * the program's threads. Counted: one stop per start. */
void core_start(void);
void core_stop(void); /* the last one waits until gRPC's threads have ended */

/* Start operations whose completion arrives at `tag`. With no operations the tag
 * is queued at once: a way onto a poller thread. */
void core_batch(grpc_call *call, const grpc_op *ops, size_t count, struct tag *tag);

/* ThreadSanitizer does not see that a tag's start happens before its completion
 * (gRPC is not instrumented): these two calls say so. */
void core_tag_starts(struct tag *tag);
void core_tag_completes(struct tag *tag);

/* Run tags until the queue was shut down and is empty. */
void core_poll(grpc_completion_queue *queue);

/* Status codes are the same numbers; codes from a newer peer become UNKNOWN. */
enum status core_status(grpc_status_code code);
