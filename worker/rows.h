#pragma once

#include "base/arena.h"
#include "base/buffer.h"
#include "engine/engine.h"

#include <stdbool.h>
#include <stdint.h>

/* A query's rows as text, written as they come. One format is one file and one row
 * of the table in rows.c. */
struct rows {
	struct arena *arena;
	struct buffer line; /* what a batch has added; written and cleared after each */
	const struct rows_format *format;
	size_t columns;
	bool has_begun;
	uint64_t count;
	size_t *widths; /* of the table format */
	size_t width; /* of the terminal that the table is to fit; 0: nothing is cut */
	bool ascii; /* and that has no "…" */
	size_t shown; /* columns that there is room for, the first ones */
	bool *is_number; /* per column: aligned right; JSON without quotes */
	bool *is_json; /* per column: nested values, which are JSON already */
};

struct rows_format {
	const char *name;
	void (*begin)(struct rows *rows, struct engine_result *result, size_t batch);
	void (*row)(struct rows *rows, struct engine_result *result, size_t row);
	void (*end)(struct rows *rows); /* also when there was no row */
};

extern const struct rows_format rows_table, rows_json, rows_jsonl, rows_csv;

/* NULL when no format has this name. */
const struct rows_format *rows_format_named(const char *name);

void rows_init(struct rows *rows, const struct rows_format *format, struct arena *arena);
void rows_done(struct rows *rows);
/* Add a batch to `line`. */
void rows_batch(struct rows *rows, struct engine_result *result, size_t batch);
void rows_end(struct rows *rows);
