#pragma once

#include "base/arena.h"
#include "base/buffer.h"

/* A server with the daemon's services that answers what it was told to, and
 * remembers what it was asked. One at a time. */
struct fake_daemon;

struct fake_daemon *fake_daemon_start(void); /* ends the process when it cannot */
void fake_daemon_stop(struct fake_daemon *fake);
const char *fake_daemon_address(const struct fake_daemon *fake);

/* "GetTable {json}": the next answer of that method; of a stream, its next
 * message. "GetTable NOT_FOUND why": its failure. */
void fake_daemon_answer(struct fake_daemon *fake, struct text method, struct text json);
void fake_daemon_fail(
	struct fake_daemon *fake, struct text method, struct text status, struct text why);
/* WatchRun gives no more messages until CancelRun is asked, when `wakes`; then it
 * goes on with its answers. */
void fake_daemon_park(struct fake_daemon *fake, bool wakes);
void fake_daemon_forget(struct fake_daemon *fake); /* all answers and questions */

/* What it was asked so far: "sent GetTable {json}" lines; whole only while nobody
 * asks. */
struct text fake_daemon_asked(struct fake_daemon *fake);
/* Waits until `method` was asked; false after ten seconds. */
bool fake_daemon_await(struct fake_daemon *fake, const char *method);
