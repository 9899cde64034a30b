#pragma once

#include "base/arena.h"

#include <stdbool.h>
#include <stdint.h>

/* A whole number in two's complement, most significant byte first (java.math.BigInteger),
 * with its last `scale` digits behind the point: "-12.50". False for no bytes, more
 * than 32 of them, or a scale that is not 0..76. */
bool decimal_text(
	struct arena *arena, const uint8_t *bytes, size_t length, int64_t scale, char **text_out);
