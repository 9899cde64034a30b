#include "base/log.h"
#include "base/standard.h"
#include "catalog/backup.h"
#include "service/daemon.h"
#include "service/folder.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
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
	const char *folder = arena_printf(arena, "%s/catalog", options->data);
	size_t there = folder_there(options->data);
	if (access(folder, F_OK) == 0)
		return fail(err, STATUS_FAILED_PRECONDITION,
			"'%s' holds a catalog already: move it away, or restore with another "
			"--data",
			options->data);
	enum status status = folder_make(options->data, err);
	if (status == STATUS_OK)
		status = catalog_restore(options->restore, folder, err);
	if (status != STATUS_OK)
		folder_unmake(options->data, there);
	TRY(status);
	(void)printf("restored '%s' into '%s'\n", options->restore, options->data);
	return STATUS_OK;
}

/* In a child: LMDB believes what stands in a file's pages, and dies of pages that lead
 * astray. The parent's exit code; -1 in the child, which goes on. */
static int restore_watched(struct arena *arena, const struct options *options)
{
	int how;
	size_t there = folder_there(options->data);
	pid_t child = fork();
	if (child == 0)
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (child <= 0)
		return -1;
	while (waitpid(child, &how, 0) < 0) {
		if (errno != EINTR)
			return EXIT_FAILED;
	}
	if (WIFEXITED(how))
		return WEXITSTATUS(how);
	catalog_restore_discard(arena_printf(arena, "%s/catalog", options->data));
	folder_unmake(options->data, there);
	(void)fprintf(stderr,
		"tenond: '%s' is damaged: what read it died of it (%s); restore another backup\n",
		options->restore, strsignal(WTERMSIG(how)));
	return EXIT_FAILED;
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
	int code = options.restore ? restore_watched(arena, &options) : -1;
	if (code >= 0)
		return code;
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
