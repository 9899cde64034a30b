#include "base/limits.h"
#include "catalog/version_delta.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

/* The first byte says where the input is cut. Steps that are read give no more than a
 * message; and of both parts one makes the other, whatever they are. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	if (length == 0)
		return 0;
	struct error err;
	OWNED(arena) arena = arena_new();
	struct text all = text_from((struct text){(const char *)bytes, length}, 1);
	struct text from = text_until(all, all.length * bytes[0] / 255);
	struct text rest = text_from(all, from.length);
	struct text back;
	if (delta_apply(arena, from, rest, &back, &err) == STATUS_OK &&
		back.length > LIMIT_MESSAGE_BYTES)
		abort();
	struct text delta = delta_make(arena, from, rest);
	if (delta_apply(arena, from, delta, &back, &err) != STATUS_OK || !text_equal(back, rest))
		abort();
	return 0;
}
