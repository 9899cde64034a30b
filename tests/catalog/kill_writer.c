/* catalog_kill_writer FOLDER hold          opens it, says so, waits to be killed
 * catalog_kill_writer FOLDER write STEPS   64 writers, each on its own cell of
 *   kill_kinds.h, for ever, from the steps in the file STEPS on (8 bytes each). What is
 *   durable goes to standard output: 16 bytes, writer and step.
 *
 * Before every fifth step a writer makes that step and lets it fail: it must never be
 * seen. */
#include "tests/catalog/kill_kinds.h"

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
	enum status status = catalog_write_now(catalog, apply, at, &err);
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
	return pthread_join(thread, NULL);
}

int main(int count, char **words)
{
	struct error err;
	if (count < 3)
		return 2;
	struct catalog_options options = {.folder = words[1], .map_bytes = 1024 * 1024};
	if (catalog_open(&options, &catalog, &err) != STATUS_OK) {
		(void)fprintf(stderr, "%s\n", err.message);
		return 1;
	}
	if (strcmp(words[2], "hold") == 0) {
		static const uint64_t ready;
		if (write(STDOUT_FILENO, &ready, sizeof ready) != sizeof ready)
			return 4;
		for (;;)
			(void)pause();
	}
	return count < 4 ? 2 : write_all(words[3]);
}
