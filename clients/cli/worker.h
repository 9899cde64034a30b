#pragma once

#include "clients/cli/cli.h"

/* Runs tenon-worker: $TENON_WORKER, else the one beside this program, else PATH's.
 * Its errors go to this program's. With `out`, its standard output is taken, at
 * most LIMIT_MESSAGE_BYTES; without, it prints by itself. The worker says what
 * went wrong, so when it ends with a code of its own, cli->failed is set and that
 * is all; a worker that was killed is an error here. `arguments` ends with NULL. */
enum status worker_run(struct cli *cli, const char *const *arguments, struct buffer *out,
	struct error *err) MUST_USE;
