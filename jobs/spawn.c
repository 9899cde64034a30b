#include "jobs/spawn.h"

#include "base/arena.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static bool is_ours(const char *variable)
{
	/* Nor does it get a token that somebody left in the daemon's environment. */
	static const char *const names[] = {"TENON_RUN_ID=", "TENON_RUN_TOKEN=", "TENON_ADDRESS=",
		"TENON_TOKEN=", "TENON_TOKEN_FILE="};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		if (text_starts(text_of(variable), text_of(names[i])))
			return true;
	}
	return false;
}

static char **worker_environment(const struct worker_command *command, struct arena *arena)
{
	size_t count = 0;
	while (environ[count])
		count++;
	char **list = arena_array(arena, count + 4, sizeof *list);
	size_t kept = 0;
	for (size_t i = 0; i < count; i++) {
		if (!is_ours(environ[i]))
			list[kept++] = environ[i];
	}
	list[kept++] = arena_printf(arena, "TENON_RUN_ID=%s", command->run_id);
	list[kept++] = arena_printf(arena, "TENON_RUN_TOKEN=%s", command->token);
	list[kept++] = arena_printf(arena, "TENON_ADDRESS=%s", command->address);
	return list;
}

/* The daemon blocks SIGTERM and ignores SIGPIPE, and both would be inherited. */
static void reset_signals(posix_spawnattr_t *attributes)
{
	sigset_t none;
	sigset_t all;
	(void)sigemptyset(&none);
	(void)sigfillset(&all);
	(void)posix_spawnattr_setsigmask(attributes, &none);
	(void)posix_spawnattr_setsigdefault(attributes, &all);
	(void)posix_spawnattr_setpgroup(attributes, 0);
	(void)posix_spawnattr_setflags(
		attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
}

static int spawn(const struct worker_command *command, int log, pid_t *pid_out)
{
	OWNED(arena) arena = arena_new();
	char *const arguments[] = {arena_text(arena, text_of(command->program)),
		arena_printf(arena, "run"), arena_text(arena, text_of(command->run_id)), NULL};
	posix_spawnattr_t attributes;
	posix_spawn_file_actions_t files;
	(void)posix_spawnattr_init(&attributes);
	(void)posix_spawn_file_actions_init(&files);
	reset_signals(&attributes);
	(void)posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	(void)posix_spawn_file_actions_adddup2(&files, log, STDOUT_FILENO);
	(void)posix_spawn_file_actions_adddup2(&files, log, STDERR_FILENO);
	/* LMDB's data file is not close-on-exec by itself. */
	(void)posix_spawn_file_actions_addclosefrom_np(&files, STDERR_FILENO + 1);
	int failed = posix_spawn(pid_out, command->program, &files, &attributes, arguments,
		worker_environment(command, arena));
	(void)posix_spawn_file_actions_destroy(&files);
	(void)posix_spawnattr_destroy(&attributes);
	return failed;
}

enum status worker_spawn(
	const struct worker_command *command, struct worker_process *process_out, struct error *err)
{
	int log = open(command->log_path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (log < 0)
		return fail(err, STATUS_INTERNAL, "log '%s' cannot be opened: %s",
			command->log_path, strerrordesc_np(errno));
	pid_t pid = 0;
	int failed = spawn(command, log, &pid);
	(void)close(log);
	if (failed)
		return fail(err, STATUS_FAILED_PRECONDITION,
			"worker '%s' cannot be started: %s; tell tenond where it is with --worker",
			command->program, strerrordesc_np(failed));
	/* Nobody waits for it before us, so the pid cannot have been reused. */
	int pidfd = pidfd_open(pid, 0);
	if (pidfd < 0) {
		failed = errno;
		(void)kill(-pid, SIGKILL);
		(void)waitpid(pid, NULL, 0);
		return fail(err, STATUS_RESOURCE_EXHAUSTED, "worker %d cannot be watched: %s",
			(int)pid, strerrordesc_np(failed));
	}
	*process_out = (struct worker_process){pid, pidfd};
	return STATUS_OK;
}
