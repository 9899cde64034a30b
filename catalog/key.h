#pragma once

#include "base/buffer.h"

#include <stdint.h>

/* Keys are built in buffers: SCOPED_BUFFER, key_init, then parts in order. */
void key_init(struct buffer *key);
void key_add_u64(struct buffer *key, uint64_t number); /* big endian: sorts as numbers do */
void key_add_part(struct buffer *key, struct text part); /* and a NUL: no part may hold one */

uint64_t key_u64(const char bytes[static 8]);
struct text key_u64_text(uint64_t number, char bytes[static 8]);
