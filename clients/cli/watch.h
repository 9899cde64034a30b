#pragma once

#include "clients/cli/cli.h"
#include "tenon/v1/jobs.pb-c.h"

/* Waits until the run ends, showing how far it is; the run as it ended lives in
 * cli->arena. Ctrl-C asks the daemon to cancel it and waits on; a second one
 * leaves it to itself: CANCELLED. A daemon that restarts is met again. */
enum status watch_run(
	struct cli *cli, const char *run_id, Tenon__V1__Run **run_out, struct error *err) MUST_USE;
/* After it: OK when the run succeeded, else what became of it; with the reason,
 * unless it `was_drawn` already. */
enum status watch_verdict(const Tenon__V1__Run *run, bool was_drawn, struct error *err) MUST_USE;
