#pragma once

#include "imports/item.h"
#include "imports/notes.h"
#include "tests/unit.h"

/* The files of tests/cases/imports: what each says, item by item, as lines "path =
 * value" without what is not set, then what was noted. NAME.expected holds them;
 * UPDATE=1 rewrites it. */
struct case_reader {
	const char *pattern; /* of the files */
	/* All of `file` into `take`, then the failure that ended it, if any. */
	enum status (*read)(struct text file, size_t piece, struct import_notes *notes,
		void (*take)(void *state, const struct import_item *item), void *state,
		struct arena *arena, struct error *err);
};
void read_cases(const struct case_reader *reader);

/* A file in memory that is read in pieces of so many bytes. */
struct memory_source {
	struct text rest;
	size_t piece;
};
enum status memory_read(void *state, char *at, size_t size, size_t *got_out, struct error *err);
