#pragma once

#include "base/arena.h"

/* Partition folders key=value, as Hive writes them: bytes that would not do in a
 * path are %XX. */
struct text folder_value_encode(struct arena *arena, struct text value);
/* The value of a written key=value folder (what follows '='). A '%' without two
 * hex digits stands for itself. */
struct text folder_value_decode(struct arena *arena, struct text written);
