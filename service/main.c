#include "base/log.h"
#include "base/standard.h"
#include "catalog/backup.h"
#include "service/daemon.h"
#include "service/folder.h"

#include <signal.h>
#include <stdio.h>
#include <unistd.h>

enum { EXIT_OK, EXIT_FAILED, EXIT_USAGE };

/* gRPC and the catalog start threads: what is blocked now stays blocked in them,
 * and main alone waits for it. */
static void block_signals(const struct options *options)
{
	sigset_t blocked;
	(void)sigemptyset(&blocked);
	(void)sigaddset(&blocked, SIGTERM);
	(void)sigaddset(&blocked, SIGINT);
	if (options->tls_certificate)
		(void)sigaddset(&blocked, SIGHUP);
	(void)pthread_sigmask(SIG_BLOCK, &blocked, NULL);
	(void)signal(SIGPIPE, SIG_IGN);
}

static enum status restore(struct arena *arena, const struct options *options, struct error *err)
{
	bool was_there = access(options->data, F_OK) == 0;
	TRY(folder_make(options->data, err));
	enum status status = catalog_restore(
		options->restore, arena_printf(arena, "%s/catalog", options->data), err);
	/* It goes only when it is empty. */
	if (status != STATUS_OK && !was_there)
		(void)rmdir(options->data);
	TRY(status);
	(void)printf("restored '%s' into '%s'\n", options->restore, options->data);
	return STATUS_OK;
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
		(void)fputs(options.help ? options_help : "tenond " TENOND_VERSION "\n", stdout);
		return EXIT_OK;
	}
	block_signals(&options);
	log_start("tenond", options.log_level);
	enum status status =
		options.restore ? restore(arena, &options, &err) : daemon_run(&options, &err);
	if (status != STATUS_OK) {
		(void)fprintf(stderr, "tenond: %s\n", err.message);
		return EXIT_FAILED;
	}
	return EXIT_OK;
}
