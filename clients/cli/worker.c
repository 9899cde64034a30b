#include "clients/cli/worker.h"

#include "base/limits.h"
#include "clients/cli/interrupt.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static const char *worker_program(struct arena *arena)
{
	const char *told = getenv("TENON_WORKER");
	if (told && told[0])
		return told;
	char here[LIMIT_PATH_BYTES];
	ssize_t length = readlink("/proc/self/exe", here, sizeof here);
	if (length > 0) {
		struct text folder = {here, (size_t)length};
		folder = text_until(folder, text_find_last(folder, '/'));
		const char *beside = arena_printf(arena, "%.*s/tenon-worker", TEXT_ARG(folder));
		if (access(beside, X_OK) == 0)
			return beside;
	}
	return "tenon-worker";
}

/* Signals as a program expects to find them, whatever this one did to its own. */
static enum status spawn(struct cli *cli, char *const *words, int out_fd, int err_fd,
	pid_t *child_out, struct error *err)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t none;
	sigset_t usual;
	(void)sigemptyset(&none);
	(void)sigemptyset(&usual);
	(void)sigaddset(&usual, SIGINT);
	(void)sigaddset(&usual, SIGTERM);
	(void)sigaddset(&usual, SIGPIPE);
	(void)posix_spawn_file_actions_init(&actions);
	(void)posix_spawnattr_init(&attributes);
	if (out_fd >= 0)
		(void)posix_spawn_file_actions_adddup2(&actions, out_fd, STDOUT_FILENO);
	if (err_fd >= 0)
		(void)posix_spawn_file_actions_adddup2(&actions, err_fd, STDERR_FILENO);
	(void)posix_spawnattr_setsigmask(&attributes, &none);
	(void)posix_spawnattr_setsigdefault(&attributes, &usual);
	(void)posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	cli_flush(cli);
	int failed = posix_spawnp(child_out, words[0], &actions, &attributes, words, environ);
	(void)posix_spawn_file_actions_destroy(&actions);
	(void)posix_spawnattr_destroy(&attributes);
	if (failed)
		return fail(err, STATUS_FAILED_PRECONDITION,
			"'%s' cannot be started: %s; install it beside tenon, or set TENON_WORKER",
			words[0], strerror(failed));
	interrupt_child(*child_out);
	return STATUS_OK;
}

static void take_output(int fd, struct buffer *out)
{
	char piece[65536];
	for (;;) {
		ssize_t got = read(fd, piece, sizeof piece);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return;
		buffer_add(out, piece, (size_t)got);
	}
}

static enum status reap(struct cli *cli, const char *program, pid_t child, struct error *err)
{
	int how = 0;
	while (waitpid(child, &how, 0) < 0 && errno == EINTR)
		;
	interrupt_child(0);
	if (WIFSIGNALED(how) && (WTERMSIG(how) == SIGINT || WTERMSIG(how) == SIGTERM))
		return fail(err, STATUS_CANCELLED, "cancelled");
	if (WIFSIGNALED(how))
		return fail(err, STATUS_INTERNAL,
			"'%s' was ended by signal %d (%s): this is a defect, or memory ran out",
			program, WTERMSIG(how), strsignal(WTERMSIG(how)));
	if (WEXITSTATUS(how) != 0)
		cli->failed = true;
	return STATUS_OK;
}

/* What it says on standard error as this program says it; the last line is kept. */
static void pass_on(struct cli *cli, FILE *from, const char **last_out)
{
	static const struct text theirs = {"tenon-worker: ", sizeof "tenon-worker: " - 1};
	char *line = NULL;
	size_t room = 0;
	ssize_t length;
	while ((length = getline(&line, &room, from)) > 0) {
		struct text text = {line, (size_t)length};
		bool is_said = text_starts(text, theirs);
		if (is_said)
			text = text_from(text, theirs.length);
		(void)fprintf(cli->err, "%s%.*s", is_said ? "tenon: " : "", TEXT_ARG(text));
		(void)fflush(cli->err);
		if (is_said)
			*last_out = arena_text(cli->arena, text_trimmed(text));
	}
	free(line);
}

static char **words_of(struct cli *cli, const char *const *arguments)
{
	size_t count = 0;
	while (arguments[count])
		count++;
	char **words = arena_array(cli->arena, count + 2, sizeof *words);
	words[0] = arena_text(cli->arena, text_of(worker_program(cli->arena)));
	for (size_t i = 0; i < count; i++)
		words[i + 1] = arena_text(cli->arena, text_of(arguments[i]));
	return words;
}

static enum status pipe_open(int ends[static 2], struct error *err)
{
	if (pipe2(ends, O_CLOEXEC) != 0)
		return fail(err, STATUS_INTERNAL, "no pipe: %s", strerror(errno));
	return STATUS_OK;
}

enum status worker_run(
	struct cli *cli, const char *const *arguments, struct buffer *out, struct error *err)
{
	char **words = words_of(cli, arguments);
	int ends[2];
	pid_t child = 0;
	interrupt_start();
	TRY(pipe_open(ends, err));
	enum status status = spawn(cli, words, ends[1], -1, &child, err);
	(void)close(ends[1]);
	if (status == STATUS_OK) {
		take_output(ends[0], out);
		status = reap(cli, words[0], child, err);
	}
	(void)close(ends[0]);
	return status;
}

enum status worker_print(
	struct cli *cli, const char *const *arguments, const char **last_out, struct error *err)
{
	char **words = words_of(cli, arguments);
	int ends[2];
	pid_t child = 0;
	interrupt_start();
	TRY(pipe_open(ends, err));
	FILE *said = fdopen(ends[0], "r");
	if (!said)
		abort();
	enum status status = spawn(cli, words, -1, ends[1], &child, err);
	(void)close(ends[1]);
	if (status == STATUS_OK) {
		pass_on(cli, said, last_out);
		status = reap(cli, words[0], child, err);
	}
	(void)fclose(said);
	return status;
}
