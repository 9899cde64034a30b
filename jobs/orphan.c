#include "base/clock.h"
#include "jobs/supervisor.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { COMMAND_BYTES = 8192, WAIT_MS = 2000, PAUSE_MS = 5 };

/* A run's id is in its worker's arguments and nowhere else, so a pid that was
 * given to another process since cannot be taken for it. */
static bool runs_it(uint32_t pid, struct text run_id)
{
	char path[64];
	(void)snprintf(path, sizeof path, "/proc/%u/cmdline", pid);
	FILE *file = fopen(path, "re");
	if (!file)
		return false;
	char arguments[COMMAND_BYTES];
	size_t length = fread(arguments, 1, sizeof arguments, file);
	(void)fclose(file);
	return memmem(arguments, length, run_id.at, run_id.length) != NULL;
}

void supervisor_end_orphan(const Tenon__V1__Run *run)
{
	struct text id = text_of(run->id);
	if (run->worker_pid == 0 || run->worker_pid > INT32_MAX || id.length == 0)
		return;
	for (int waited = 0; waited < WAIT_MS && runs_it(run->worker_pid, id); waited += PAUSE_MS) {
		(void)kill(-(pid_t)run->worker_pid, SIGKILL);
		(void)nanosleep(&(struct timespec){0, PAUSE_MS * 1000000L}, NULL);
	}
}
