#include "base/log.h"
#include "base/standard.h"
#include "service/daemon.h"

#include <signal.h>
#include <stdio.h>

#define VERSION "0.1.0"

enum { EXIT_OK, EXIT_FAILED, EXIT_USAGE };

/* gRPC and the catalog start threads: what is blocked now stays blocked in them,
 * and main alone waits for it. */
static void block_signals(void)
{
	sigset_t blocked;
	(void)sigemptyset(&blocked);
	(void)sigaddset(&blocked, SIGTERM);
	(void)sigaddset(&blocked, SIGINT);
	(void)pthread_sigmask(SIG_BLOCK, &blocked, NULL);
	(void)signal(SIGPIPE, SIG_IGN);
}

int main(int argc, char **argv)
{
	standard_files_hold();
	OWNED(arena) arena = arena_new();
	struct options options;
	struct error err;
	if (options_read(arena, argc, argv, &options, &err) != STATUS_OK) {
		(void)fprintf(stderr, "tenond: %s\n", err.message);
		return EXIT_USAGE;
	}
	if (options.help || options.version) {
		(void)fputs(options.help ? options_help : "tenond " VERSION "\n", stdout);
		return EXIT_OK;
	}
	block_signals();
	log_start("tenond", options.log_level);
	if (daemon_run(&options, &err) != STATUS_OK) {
		(void)fprintf(stderr, "tenond: %s\n", err.message);
		return EXIT_FAILED;
	}
	return EXIT_OK;
}
