/* catalog_kill_writer FOLDER hold          opens it, says so, waits to be killed
 * catalog_kill_writer FOLDER write FIRST   writes numbers from FIRST on for ever,
 *   64 in flight; each number goes to standard output, 8 bytes, once it is durable.
 *
 * A number is three ledger entries in one write. Every fifth puts them and then
 * fails: it must never be seen. */
#include "catalog/ledger.h"

#include "base/memory.h"

#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { IN_FLIGHT = 64, PARTS = 3 };

struct number {
	struct catalog_write write;
	uint64_t value;
};

static sem_t free_slots;

static ssize_t write_out(uint64_t value)
{
	return write(STDOUT_FILENO, &value, sizeof value);
}

static enum status number_apply(
	struct catalog_txn *txn, struct catalog_write *write, struct error *err)
{
	const struct number *number = (const struct number *)write;
	for (int part = 0; part < PARTS; part++) {
		char path[64];
		char database[] = "kill";
		Tenon__V1__LedgerEntry entry = TENON__V1__LEDGER_ENTRY__INIT;
		(void)snprintf(
			path, sizeof path, "%016llx/%d", (unsigned long long)number->value, part);
		entry.path = path;
		entry.bytes = number->value;
		TRY(ledger_put(txn, text_of(database), &entry, err));
	}
	if (number->value % 5 == 4)
		return fail(err, STATUS_ABORTED, "told to fail");
	return STATUS_OK;
}

static void number_done(struct catalog_write *write, enum status status, const struct error *err)
{
	struct number *number = (struct number *)write;
	enum status expected = number->value % 5 == 4 ? STATUS_ABORTED : STATUS_OK;
	if (status != expected) {
		(void)fprintf(stderr, "%s: %s\n", status_name(status), err->message);
		_exit(3);
	}
	/* Eight bytes to a pipe go whole or not at all. */
	if (status == STATUS_OK && write_out(number->value) != sizeof number->value)
		_exit(4);
	free(number);
	(void)sem_post(&free_slots);
}

int main(int count, char **words)
{
	struct error err;
	struct catalog *catalog;
	if (count < 3)
		return 2;
	struct catalog_options options = {.folder = words[1], .map_bytes = 1024 * 1024};
	if (catalog_open(&options, &catalog, &err) != STATUS_OK) {
		(void)fprintf(stderr, "%s\n", err.message);
		return 1;
	}
	if (strcmp(words[2], "hold") == 0) {
		(void)write_out(0);
		for (;;)
			(void)pause();
	}
	uint64_t next = 0;
	if (count < 4 || text_uint64(text_of(words[3]), &next) != strlen(words[3]))
		return 2;
	(void)sem_init(&free_slots, 0, IN_FLIGHT);
	for (;;) {
		struct number *number = memory_new(sizeof *number);
		*number = (struct number){{.apply = number_apply, .done = number_done}, next++};
		(void)sem_wait(&free_slots);
		if (catalog_submit(catalog, &number->write, &err) != STATUS_OK)
			return 1;
	}
}
