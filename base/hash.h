#pragma once

#include "base/text.h"

#include <stdint.h>

/* 128-bit XXH3: names content (fingerprints, identities). Not for secrets. */
struct hash {
	uint64_t low;
	uint64_t high;
};

struct hash hash_of(struct text bytes);
uint64_t hash_of_64(struct text bytes);

enum { HASH_TEXT_BYTES = 33 };
const char *hash_text(struct hash hash, char text[static HASH_TEXT_BYTES]); /* 32 hex digits */
void hash_digits(uint64_t number, char digits[static 16]); /* of a half, or any number; no NUL */
