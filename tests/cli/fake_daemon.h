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
void fake_daemon_forget(struct fake_daemon *fake); /* all answers and questions */

/* What it was asked so far: "sent GetTable {json}" lines. */
struct text fake_daemon_asked(struct fake_daemon *fake);
