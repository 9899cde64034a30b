#pragma once

#include "base/text.h"

/* The name that someone who wrote `word` probably meant: the one with the fewest
 * insertions, deletions, replacements and swaps of neighbours, without regard to
 * ASCII case; NULL when none is closer than a third of the word's length (at
 * least 1). Words and names past 64 bytes are not compared. */
const char *nearest(struct text word, const char *const *names, size_t count);
