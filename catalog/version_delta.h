#pragma once

#include "base/arena.h"
#include "base/error.h"

/* What bytes differ in from others, as copies of stretches and bytes between them:
 *
 *   length of the result, check (32 bits of its hash, little endian), steps to the end
 *   copy:   length * 2 + 1, where it starts less where the last copy ended (zigzag)
 *   bytes:  length * 2, then the bytes
 *
 * Numbers are base-128, lowest first. Time and memory are linear in both. */

/* The steps that make `to` out of `from`, in `arena`. */
struct text delta_make(struct arena *arena, struct text from, struct text to);

/* DATA_LOSS when `delta` is no such steps, or not from `from`. The result is in
 * `arena`, and at most LIMIT_MESSAGE_BYTES long. */
enum status delta_apply(struct arena *arena, struct text from, struct text delta,
	struct text *to_out, struct error *err) MUST_USE;
