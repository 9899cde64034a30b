#include "schema/join.h"
#include "schema/notation.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

/* Type text that parses prints and parses back equal, and joins with itself. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	OWNED(arena) arena = arena_new();
	struct error err;
	const struct type *type;
	const struct type *again;
	struct text text = {(const char *)bytes, length};
	if (type_parse(arena, text, &type, &err) != STATUS_OK)
		return 0;
	const char *printed = type_text_exact(arena, type);
	if (strlen(printed) > LIMIT_TYPE_TEXT_BYTES || memchr(bytes, 0, length))
		return 0;
	if (type_parse(arena, text_of(printed), &again, &err) != STATUS_OK ||
		!type_equal(type, again) ||
		!type_equal(type_join(arena, type, type_copy(arena, again)), type))
		abort();
	return 0;
}
