#include "base/hash.h"

#include <stdio.h>
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

const char *hash_text(struct hash hash, char text[static HASH_TEXT_BYTES])
{
	(void)snprintf(text, HASH_TEXT_BYTES, "%016llx%016llx", (unsigned long long)hash.high,
		(unsigned long long)hash.low);
	return text;
}
