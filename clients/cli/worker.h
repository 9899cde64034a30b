#pragma once

#include "clients/cli/cli.h"

/* Runs tenon-worker: $TENON_WORKER, else the one beside this program, else PATH's. The
 * worker says what went wrong, so when it ends with a code of its own, cli->failed is set
 * and that is all; a worker that was killed is an error here. `arguments` ends with NULL. */

/* What it prints is taken, at most LIMIT_MESSAGE_BYTES; its errors go to this program's. */
enum status worker_run(struct cli *cli, const char *const *arguments, struct buffer *out,
	struct error *err) MUST_USE;
/* It prints by itself; its errors are passed on under this program's name, and the last of
 * them is kept, in the call's arena. */
enum status worker_print(struct cli *cli, const char *const *arguments, const char **last_out,
	struct error *err) MUST_USE;
