#include "catalog/export_line.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool print(const struct export_line *line, struct arena *arena, struct buffer *out)
{
	struct error err;
	buffer_init(out, SIZE_MAX);
	return export_record_print(line, true, arena, out, &err) == STATUS_OK;
}

/* A line that is taken is printed as one that is taken as the same. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	OWNED(arena) arena = arena_new();
	struct buffer SCOPED_BUFFER first = {0};
	struct buffer SCOPED_BUFFER second = {0};
	struct export_line line;
	struct export_line again;
	struct error err;
	if (export_line_parse((struct text){(const char *)data, size}, arena, &line, &err) !=
			STATUS_OK ||
		line.head || line.tail || !print(&line, arena, &first))
		return 0;
	if (export_line_parse(buffer_text(&first), arena, &again, &err) != STATUS_OK ||
		again.db != line.db || !text_equal(again.key, line.key) ||
		!print(&again, arena, &second) ||
		!text_equal(buffer_text(&first), buffer_text(&second)))
		abort();
	return 0;
}
