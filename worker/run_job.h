#pragma once

#include "worker/reporter.h"
#include "worker/session.h"

/* One job run: etl_run() with the daemon as its host. */
enum status run_job(struct session *session, const Tenon__V1__JobTask *task,
	struct reporter *reporter, struct error *err) MUST_USE;
