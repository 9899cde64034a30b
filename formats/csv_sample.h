#pragma once

#include "base/arena.h"
#include "formats/format.h"

/* The first records of a file cut into cells, for guessing: plain and slow, by the
 * same rules as csv_parse, but for any number of fields. */
struct csv_cell {
	struct text text; /* what stands between the quotes, pairs not resolved */
	bool quoted;
};

struct csv_record {
	const struct csv_cell *cells;
	size_t count;
	size_t start, end; /* offsets; `end` is behind the newline */
	size_t line; /* lines before it */
	bool bad;
};

struct csv_sample {
	struct csv_record *records;
	size_t count;
};

/* At most `records_max` records of `text`; the last one is left out when it may be
 * cut off (!whole). Only delimiter, quote, escape, comment and skip of `dialect` count. */
void csv_sample_read(struct arena *arena, struct text text, bool whole,
	const struct dialect *dialect, size_t records_max, struct csv_sample *sample_out);
