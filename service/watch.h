#pragma once

#include "base/owned.h"
#include "rpc/call.h"

#include <stdatomic.h>
#include <stdbool.h>

/* Streams that wait for a run to change, its log to grow or a commit. A stream that has
 * nothing to say parks; what changes a run wakes it. Any thread. */
struct watches;

enum { WATCH_ID_BYTES = 26 };

struct watch {
	struct watch *next;
	struct rpc_call *call;
	char run_id[WATCH_ID_BYTES];
	bool of_log;
	bool of_feed; /* woken by every commit */
	atomic_bool news; /* since the stream last looked */
};

struct watches *watches_new(void);
void watches_free(struct watches *watches);
OWNABLE(watches);

/* From here until watches_remove the watch's call is woken. It starts with news. */
void watches_add(struct watches *watches, struct watch *watch);
void watches_remove(struct watches *watches, struct watch *watch);
void watches_wake_run(struct watches *watches, const char *run_id);
void watches_wake_logs(struct watches *watches);
void watches_wake_feeds(struct watches *watches);
bool watches_has_logs(struct watches *watches);
/* The daemon ends: every stream is to end too, now and from now on. */
void watches_stop(struct watches *watches);
bool watches_stopped(const struct watches *watches);
