#pragma once

#include "base/error.h"

#include <sys/types.h>

/* Starting a worker process. Never fork(): after grpc_init the child could not
 * use what it inherited, and copying page tables of the mapped catalog is slow. */
struct worker_command {
	const char *program;
	const char *run_id;
	const char *token;
	const char *address; /* where the worker finds the daemon */
	const char *log_path; /* its standard output and error are appended here */
};

struct worker_process {
	pid_t pid; /* also its process group */
	int pidfd; /* readable when it has ended; the caller closes it */
};

/* Runs `PROGRAM run RUN_ID` with TENON_RUN_ID, TENON_RUN_TOKEN and TENON_ADDRESS
 * in its environment: its own process group, default signals, nothing blocked, no
 * file descriptor but /dev/null and its log. */
enum status worker_spawn(const struct worker_command *command, struct worker_process *process_out,
	struct error *err) MUST_USE;
