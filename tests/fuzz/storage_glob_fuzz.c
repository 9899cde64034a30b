#include "base/text.h"
#include "storage/glob.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

/* The first line is the pattern, the rest the path: refused, or one answer. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct error err;
	struct text text = {(const char *)bytes, length};
	size_t line = text_find(text, '\n');
	struct text pattern = text_until(text, line);
	if (glob_check(pattern, &err) == STATUS_OK)
		(void)glob_matches(pattern, text_from(text, line + 1));
	return 0;
}
