#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "catalog/catalog.h"
#include "jobs/live.h"
#include "jobs/supervisor.h"
#include "service/access.h"
#include "service/auditing.h"
#include "service/chores.h"
#include "service/options.h"
#include "service/pool.h"
#include "service/watch.h"
#include "service/webhooks.h"

#include <stdatomic.h>

/* What the handlers share. Made by daemon_run in dependency order, ended in the
 * reverse of it. */
struct daemon {
	const struct options *options;
	struct arena *arena; /* of the process */
	const char *log_folder;
	const char *spill_folder;
	const char *stage_folder; /* service/sweep.h */
	const char *parts_folder; /* service/parts.h */
	struct catalog *catalog;
	struct live *live;
	struct pool *pool;
	struct watches *watches; /* who follows which run or log */
	struct supervisor *supervisor;
	struct chores *chores;
	struct rpc_server *server; /* while it serves */
	int64_t certificate_warned_us; /* of its end; the chores' thread */
	struct importing *importing; /* what Operations.Import has so far */
	struct access *access; /* who may do what */
	struct auditing *auditing;
	unsigned access_steps; /* of its chore; the chores' thread */
	struct webhooks *webhooks;
	int64_t start_time_us;
	/* One of each at a time. */
	atomic_bool copying;
	atomic_bool checking;
};

/* Serves until SIGTERM or SIGINT, then drains. Both must be blocked already. */
enum status daemon_run(const struct options *options, struct error *err) MUST_USE;
