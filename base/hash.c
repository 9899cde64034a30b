#include "base/hash.h"

#include <xxhash.h>

struct hash hash_of(struct text bytes)
{
	XXH128_hash_t hash = XXH3_128bits(bytes.at, bytes.length);
	return (struct hash){hash.low64, hash.high64};
}

uint64_t hash_of_64(struct text bytes)
{
	return XXH3_64bits(bytes.at, bytes.length);
}

void hash_digits(uint64_t number, char digits[static 16])
{
	for (size_t i = 16; i-- > 0; number >>= 4)
		digits[i] = "0123456789abcdef"[number & 15];
}

const char *hash_text(struct hash hash, char text[static HASH_TEXT_BYTES])
{
	hash_digits(hash.high, text);
	hash_digits(hash.low, text + 16);
	text[HASH_TEXT_BYTES - 1] = 0;
	return text;
}
