#pragma once

#include "service/daemon.h"

/* What the daemon before this one left open, made right before calls are served:
 *
 *   QUEUED      queued again
 *   RUNNING     its worker, if it still runs, is ended; FAILED; its stage swept
 *   COMMITTING  carried forward
 */
enum status recover_runs(struct daemon *daemon, struct error *err) MUST_USE;
