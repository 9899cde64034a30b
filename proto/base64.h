#pragma once

#include "base/arena.h"
#include "base/buffer.h"

#include <stdint.h>

/* RFC 4648 section 4, with padding. */
void base64_add(struct buffer *out, const uint8_t *bytes, size_t length);
/* False when `text` is not base64. */
bool base64_read(struct text text, struct arena *arena, uint8_t **bytes_out, size_t *length_out);
