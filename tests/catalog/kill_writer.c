/* catalog_kill_writer FOLDER hold          opens it, says so, waits to be killed
 * catalog_kill_writer FOLDER write STEPS   64 writers, each on its own cell of
 *   kill_kinds.h, for ever, from the steps in the file STEPS on (8 bytes each), and the
 *   chores of kill_chores.h. What is durable goes to standard output: 16 bytes, writer
 *   and step.
 * catalog_kill_writer FOLDER hurry STEPS   the same without waiting for the disk
 * catalog_kill_writer FOLDER import LINES  imports the file LINES, says so (8 bytes) when it
 *   is durable, waits to be killed
 *
 * Before every fifth step a writer makes that step and lets it fail: it must never be
 * seen. Every seventh is in a transaction of its own. */
#include "tests/catalog/kill_chores.h"
#include "tests/catalog/kill_kinds.h"

#include "catalog/import.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct catalog *catalog;

struct writer_step {
	uint64_t writer;
	uint64_t step;
	bool fails;
};

static enum status apply(struct catalog_txn *txn, void *state, struct error *err)
{
	const struct writer_step *at = state;
	TRY(kill_write(txn, at->writer, at->step, err));
	return at->fails ? fail(err, STATUS_ABORTED, "told to fail") : STATUS_OK;
}

static void write_or_exit(struct writer_step *at, bool fails)
{
	struct error err;
	at->fails = fails;
	enum status status = at->step % 7 ? catalog_write_now(catalog, apply, at, &err)
					  : catalog_write_alone(catalog, apply, at, &err);
	if (status == (fails ? STATUS_ABORTED : STATUS_OK))
		return;
	(void)fprintf(stderr, "%s, step %llu: %s: %s\n", kill_kind_of(at->writer)->name,
		(unsigned long long)at->step, status_name(status), err.message);
	_exit(3);
}

static void *write_on(void *state)
{
	struct writer_step *at = state;
	for (;; at->step++) {
		const uint64_t said[2] = {at->writer, at->step};
		if (at->step % 5 == 4)
			write_or_exit(at, true);
		write_or_exit(at, false);
		/* So few bytes go to a pipe whole or not at all. */
		if (write(STDOUT_FILENO, said, sizeof said) != sizeof said)
			_exit(4);
	}
	return NULL;
}

static void *work_on(void *state)
{
	struct error err;
	bool more = true;
	for (;;) {
		if (kill_chores(catalog, &more, &err) != STATUS_OK) {
			(void)fprintf(stderr, "chores: %s\n", err.message);
			_exit(5);
		}
		if (!more)
			(void)usleep(1000);
	}
	return state;
}

static int write_all(const char *steps)
{
	static struct writer_step at[KILL_WRITERS];
	uint64_t from[KILL_WRITERS];
	pthread_t thread = 0;
	FILE *file = fopen(steps, "re");
	if (!file || fread(from, sizeof *from, KILL_WRITERS, file) != KILL_WRITERS)
		return 2;
	(void)fclose(file);
	for (uint64_t i = 0; i < KILL_WRITERS; i++) {
		at[i] = (struct writer_step){i, from[i] + 1, false};
		if (pthread_create(&thread, NULL, write_on, &at[i]) != 0)
			return 1;
	}
	if (pthread_create(&thread, NULL, work_on, NULL) != 0)
		return 1;
	return pthread_join(thread, NULL);
}

/* Says that it is done, and waits to be killed. */
static int say_and_wait(void)
{
	static const uint64_t done = 1;
	if (write(STDOUT_FILENO, &done, sizeof done) != sizeof done)
		return 4;
	for (;;)
		(void)pause();
}

static enum status import_file(const char *path, struct error *err)
{
	OWNED(import) import = NULL;
	char *line = NULL;
	size_t capacity = 0;
	FILE *file = fopen(path, "re");
	if (!file)
		return fail(err, STATUS_NOT_FOUND, "open '%s'", path);
	enum status status = import_new(catalog, &import, err);
	while (status == STATUS_OK) {
		ssize_t length = getline(&line, &capacity, file);
		if (length < 0)
			break;
		status = import_lines(import, (struct text){line, (size_t)length}, err);
	}
	free(line);
	(void)fclose(file);
	return status == STATUS_OK ? import_finish(import, err) : status;
}

static int import_all(const char *path)
{
	struct error err;
	if (import_file(path, &err) == STATUS_OK)
		return say_and_wait();
	(void)fprintf(stderr, "import: %s\n", err.message);
	return 3;
}

int main(int count, char **words)
{
	struct error err;
	if (count < 3)
		return 2;
	struct catalog_options options = {.folder = words[1], .map_bytes = 1024 * 1024};
	options.no_sync = strcmp(words[2], "hurry") == 0;
	/* Some change their base all the time, some write one journal. */
	options.journal_bytes = getpid() % 3 ? 64 * 1024 : 0;
	if (catalog_open(&options, &catalog, &err) != STATUS_OK) {
		(void)fprintf(stderr, "%s\n", err.message);
		return 1;
	}
	if (strcmp(words[2], "hold") == 0)
		return say_and_wait();
	if (count < 4)
		return 2;
	return strcmp(words[2], "import") == 0 ? import_all(words[3]) : write_all(words[3]);
}
