#include "formats/format.h"
#include "formats/recognised.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct text text = {(const char *)bytes, length};
	const struct object object = {.path = TEXT("/x"), .bytes = length};
	const struct format *format = NULL;
	for (int whole = 0; whole < 2; whole++) {
		double certainty = format_of_heads(&object, text, text, whole, &format);
		if (certainty < 0 || certainty > 1 || (certainty > 0) != (format != NULL))
			abort();
	}
	(void)recognised_compression(text);
	return 0;
}
