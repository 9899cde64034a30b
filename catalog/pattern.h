#pragma once

#include "base/text.h"

#include <stdbool.h>

/* Hive's patterns of names: '*' stands for any bytes, '|' separates alternatives of
 * which one must match the whole name; ASCII letters without regard to case. The
 * empty pattern matches everything. Time is at most pattern times name. */
bool pattern_matches(struct text pattern, struct text name);
