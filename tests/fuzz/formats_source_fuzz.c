#include "formats/source.h"

#include <stdlib.h>

/* Any bytes as a stored object: decoded in small and large steps alike. The first
 * byte chooses the encoding. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

enum { DECODED_MAX = 1 << 20 };

static size_t decode(struct text bytes, const char *encoding, size_t step, char *to, bool *whole)
{
	struct error err;
	OWNED(source) source = NULL;
	size_t length = 0;
	*whole = false;
	if (source_open_memory(bytes, &source, &err) != STATUS_OK ||
		(encoding && source_set_encoding(source, encoding, &err) != STATUS_OK))
		return 0;
	while (length < DECODED_MAX) {
		size_t read = 0;
		size_t room = DECODED_MAX - length < step ? DECODED_MAX - length : step;
		if (source_read(source, to + length, room, &read, &err) != STATUS_OK)
			return length;
		if (read == 0) {
			*whole = true;
			break;
		}
		length += read;
	}
	return length;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	static const char *const encodings[] = {NULL, "utf-8", "utf-16le", "utf-16be", "latin-1"};
	static char large[DECODED_MAX];
	static char small[DECODED_MAX];
	if (length == 0)
		return 0;
	const char *encoding = encodings[bytes[0] % 5];
	struct text stored = {(const char *)bytes + 1, length - 1};
	bool whole_large;
	bool whole_small;
	size_t by_large = decode(stored, encoding, DECODED_MAX, large, &whole_large);
	size_t by_small = decode(stored, encoding, 5, small, &whole_small);
	if (whole_large != whole_small)
		abort();
	if (whole_large && (by_large != by_small || memcmp(large, small, by_large) != 0))
		abort();
	return 0;
}
