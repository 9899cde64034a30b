#include "catalog/words.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

/* A query is refused, or gives phrases of folded words, each found where it was said. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	OWNED(arena) arena = arena_new();
	struct error err;
	struct text text = {(const char *)bytes, length};
	struct phrase *phrases;
	size_t count;
	if (phrases_read(arena, text, &phrases, &count, &err) != STATUS_OK)
		return 0;
	for (size_t i = 0; i < count; i++) {
		if (phrases[i].count == 0 || !phrase_in(&phrases[i], text))
			abort();
		for (size_t w = 0; w < phrases[i].count; w++) {
			if (phrases[i].words[w].length > WORD_BYTES)
				abort();
		}
	}
	return 0;
}
