#pragma once

#include "base/error.h"
#include "base/owned.h"
#include "catalog/catalog.h"
#include "jobs/live.h"
#include "tenon/store/v1/records.pb-c.h"

#include <stdint.h>

/* Starts queued runs as workers, as many at a time as there is room for, watches
 * them, and writes how they ended when they could not say so themselves. One
 * thread, one epoll loop: pidfds, one timer, one wake-up. The catalog's record is
 * the truth; what is kept here is which process belongs to which run. */
struct supervisor;

/* Called on the supervisor's thread; they may not call supervisor_stop. */
struct supervisor_ops {
	/* The stored run differs from before. */
	void (*changed)(void *state, const char *run_id);
	/* Its worker is gone, or never was; the record as it stands now. */
	void (*ended)(void *state, const Tenon__Store__V1__RunRecord *record);
	/* Something is wrong and will be tried again; for the log. */
	void (*trouble)(void *state, const char *run_id, const struct error *err);
};

struct supervisor_options {
	struct catalog *catalog;
	struct live *live;
	const char *worker; /* the worker program */
	const char *log_folder;
	unsigned workers_max; /* at a time; the others wait QUEUED */
	unsigned grace_ms; /* between SIGTERM and SIGKILL */
	const struct supervisor_ops *ops;
	void *state; /* of the ops */
};

/* What the options point at is borrowed until it is freed. */
enum status supervisor_new(const struct supervisor_options *options,
	struct supervisor **supervisor_out, struct error *err) MUST_USE;
/* `address`: where workers find the daemon. Runs may be queued before this. */
enum status supervisor_start(
	struct supervisor *supervisor, const char *address, struct error *err) MUST_USE;

/* Any thread; they only ask. The run is QUEUED in the catalog already. */
void supervisor_queue(struct supervisor *supervisor, const char *run_id);
/* SIGTERM to a running worker, SIGKILL after the grace; nothing when it has none. */
void supervisor_cancel(struct supervisor *supervisor, const char *run_id);
/* Call `due` on the supervisor's thread after a while. `state` is malloc's memory:
 * it is freed when the supervisor is, if the time had not come. */
void supervisor_after(
	struct supervisor *supervisor, unsigned delay_ms, void (*due)(void *state), void *state);
/* Call `readable` on the supervisor's thread whenever `fd` can be read. */
enum status supervisor_watch(struct supervisor *supervisor, int fd, void (*readable)(void *state),
	void *state, struct error *err) MUST_USE;

/* Starts no more runs (they stay QUEUED), ends those that run (FAILED: the daemon
 * stopped), returns when the last worker is gone. Once. */
void supervisor_stop(struct supervisor *supervisor);
void supervisor_free(struct supervisor *supervisor); /* after stop, or never started */
OWNABLE(supervisor);

/* Ends a worker that a daemon before this one left behind: SIGKILL to its process
 * group if that pid still runs this very run. Waits a moment for it to go. */
void supervisor_end_orphan(const Tenon__V1__Run *run);
