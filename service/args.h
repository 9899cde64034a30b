#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "tenon/v1/worker.pb-c.h"

/* A run's arguments: the job's defaults, each replaced by the run's own of the same
 * name. RESOURCE_EXHAUSTED past what a run may hold. */
enum status args_merge(const Tenon__V1__Job *job, const Tenon__V1__StartJobRunRequest *request,
	struct arena *arena, Tenon__V1__Run *run_out, struct error *err) MUST_USE;
/* The same arguments as a task carries them. */
void args_to_task(const Tenon__V1__Run *run, struct arena *arena, Tenon__V1__JobTask *task_out);
