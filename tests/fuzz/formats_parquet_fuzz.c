#include "base/buffer.h"
#include "formats/parquet.h"
#include "schema/notation.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct error err;
	OWNED(arena) arena = arena_new();
	struct parquet_footer footer;
	const struct type *row = NULL;
	struct text text = {(const char *)bytes, length};
	if (parquet_footer_parse(text, arena, &footer, &err) == STATUS_OK &&
		parquet_row(arena, &footer, &row, &err) == STATUS_OK) {
		struct buffer SCOPED_BUFFER out;
		buffer_init(&out, 1 << 20);
		type_print(row, &out);
	}
	if (arena_bytes(arena) > (1 << 20) + 4096 * length)
		abort();
	return 0;
}
