#pragma once

#include "clients/cli/cli.h"
#include "clients/cli/progress.h"
#include "imports/fit.h"
#include "imports/item.h"
#include "imports/notes.h"

/* What was read of another catalog's files, brought into this one: items go in, calls
 * go out. Partitions go in batches. What is there already stays unless it is to be
 * replaced, so that an import that ended half way is simply run again. */
enum load_outcome {
	LOAD_CREATED,
	LOAD_REPLACED,
	LOAD_UNCHANGED, /* it is there, as the file says; only known when replacing */
	LOAD_EXISTS, /* it is there, and was left alone */
	LOAD_FAILED,
	LOAD_OUTCOMES_,
};

struct load_options {
	bool plan; /* change nothing */
	bool replace;
	bool keep_going; /* after what cannot be read, too */
	const char *database; /* NULL: as the file says */
	const struct fit_move *moves;
	size_t moves_count;
};

struct load_row { /* a database, table or function */
	enum import_kind kind;
	const char *name;
	enum load_outcome outcome;
	bool implied; /* a database that no file describes */
	uint64_t partitions[LOAD_OUTCOMES_];
};

struct load_failure {
	enum import_kind kind;
	const char *name; /* empty: it could not be read so far */
	const char *file;
	size_t line, column;
	uint64_t count; /* of partitions in one batch */
	struct error why;
};

struct load {
	struct cli *cli;
	struct load_options options;
	const char *file; /* the one that is read */
	struct arena *arena; /* of what is on its way; empty after every flush */
	struct import_notes notes;
	uint64_t counts[IMPORT_KINDS_][LOAD_OUTCOMES_];
	struct load_row *rows; /* the first LIMIT_IMPORT_ROWS */
	size_t rows_count, rows_room;
	uint32_t *rows_found; /* by their names' hash: a row's place + 1, or 0 */
	uint64_t rows_others;
	struct load_failure *failures; /* the first LIMIT_IMPORT_FAILURES */
	size_t failures_count, failures_room;
	uint64_t failures_others;
	struct progress progress;
	uint64_t progress_ns;
	uint64_t bytes_done, bytes_total; /* of files whose length is known */

	/* Partitions of one table that wait. */
	const char *batch_database, *batch_table;
	struct load_part {
		Tenon__V1__Partition *partition;
		size_t line, column;
	} * batch;
	size_t batch_count;

	/* The partition keys of the table called `keys_of`, for files that name them. */
	struct arena *keys_arena;
	const char *keys_of;
	char **keys;
	size_t keys_count; /* 0: there is no such table yet */
};

void load_init(struct load *load, struct cli *cli, const struct load_options *options);
void load_done(struct load *load);

/* One item that was read into load->arena, which may be empty afterwards. Its own
 * failure is counted and listed; fails when there is no point in going on. */
enum status load_item(struct load *load, struct import_item *item, struct error *err) MUST_USE;
/* What waits is sent; at the end of every file. */
enum status load_flush(struct load *load, struct error *err) MUST_USE;

/* How it went: for people, or as one JSON document. `finished`: to its end. */
void load_render(const struct load *load, bool finished);
void load_json(const struct load *load, const char *source, bool finished);
