#pragma once

#include "tests/unit.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* catalog_kill_writer beside this program, its standard output in a pipe. */
struct helper {
	pid_t pid;
	int out;
};

static inline void helper_start(
	struct helper *helper, const char *folder, const char *what, const char *first)
{
	char program[1024];
	ssize_t length = readlink("/proc/self/exe", program, sizeof program - 32);
	assert_true(length > 0);
	program[length] = 0;
	strcpy(strrchr(program, '/'), "/catalog_kill_writer");
	int ends[2];
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	posix_spawn_file_actions_t actions;
	assert_int_equal(posix_spawn_file_actions_init(&actions), 0);
	assert_int_equal(posix_spawn_file_actions_adddup2(&actions, ends[1], 1), 0);
	char *const words[] = {program, (char *)(uintptr_t)folder, (char *)(uintptr_t)what,
		(char *)(uintptr_t)first, NULL};
	extern char **environ;
	assert_int_equal(posix_spawn(&helper->pid, program, &actions, NULL, words, environ), 0);
	(void)posix_spawn_file_actions_destroy(&actions);
	(void)close(ends[1]);
	helper->out = ends[0];
}

/* One number of its output; false at the end. */
static inline bool helper_read(struct helper *helper, uint64_t *value)
{
	size_t have = 0;
	while (have < sizeof *value) {
		ssize_t got = read(helper->out, (char *)value + have, sizeof *value - have);
		if (got <= 0)
			return false;
		have += (size_t)got;
	}
	return true;
}

static inline void helper_kill(struct helper *helper)
{
	(void)kill(helper->pid, SIGKILL);
}

static inline void helper_end(struct helper *helper)
{
	int status;
	assert_int_equal(waitpid(helper->pid, &status, 0), helper->pid);
	assert_true(WIFSIGNALED(status));
	(void)close(helper->out);
}
