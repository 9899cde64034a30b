#include "tests/formats/csv_rows.h"

#include <stdlib.h>

/* Any bytes as CSV: inferring and reading agree, whatever the size of the blocks. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

struct outcome {
	uint64_t rows, bad, columns;
	struct rows read;
};

static struct outcome outcome(struct text bytes, size_t block_bytes)
{
	OWNED(arena) arena = arena_new();
	struct csv_input input = {.memory = bytes, .block_bytes = block_bytes};
	struct inferred inferred = {0};
	struct outcome out = {0};
	struct error err;
	if (csv_infer(&input, 1, NULL, arena, &inferred, &err) != STATUS_OK)
		return out;
	out.rows = inferred.rows;
	out.bad = inferred.bad_records;
	out.columns = inferred.row->count;
	size_t projected = out.columns < ROWS_COLUMNS_MAX ? out.columns : ROWS_COLUMNS_MAX;
	if (rows_read(&input, &inferred.dialect, inferred.row, projected, &out.read, &err) !=
			STATUS_OK ||
		out.read.count != out.rows || out.read.bad_records != out.bad)
		abort();
	return out;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	/* A copy with its own end, so that reading past it is seen. */
	char *copy = memory_new(length + 1);
	if (length)
		memcpy(copy, bytes, length);
	static const size_t sizes[] = {3, 64};
	struct outcome expected = outcome((struct text){copy, length}, 0);
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		struct outcome got = outcome((struct text){copy, length}, sizes[i]);
		if (memcmp(&got, &expected, sizeof got) != 0)
			abort();
	}
	free(copy);
	return 0;
}
