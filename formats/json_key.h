#pragma once

#include "formats/json_scan.h"

#include "base/limits.h"

/* Keys as they are met again and again: records mostly write the same keys in the
 * same order, so each object predicts its next key and compares bytes instead of
 * looking it up. */
struct json_key {
	struct text raw; /* as written, without escapes; empty: none known */
	uint64_t start, mask; /* its first 8 bytes, compared at once */
	uint64_t last; /* its last 8 bytes, when it has more */
};

static inline uint64_t json_key_bytes(const char *at)
{
	uint64_t bytes = 0;
	memcpy(&bytes, at, sizeof bytes);
	return bytes;
}

/* `raw` is borrowed. */
static inline struct json_key json_key_of(struct text raw)
{
	char start[8] = {0};
	char mask[8] = {0};
	size_t length = raw.length < sizeof start ? raw.length : sizeof start;
	if (length)
		memcpy(start, raw.at, length);
	memset(mask, 0xff, length);
	uint64_t last = raw.length > 8 ? json_key_bytes(raw.at + raw.length - 8) : 0;
	return (struct json_key){raw, json_key_bytes(start), json_key_bytes(mask), last};
}

/* Does this key stand at `at`, behind its opening quote? */
static inline bool json_key_is(const struct json_key *key, const char *at)
{
	size_t length = key->raw.length;
	if ((json_key_bytes(at) & key->mask) != key->start || length == 0)
		return false;
	if (length <= 8)
		return at[length] == '"';
	/* strncmp stops at the block's sentinel; others might read past the padding. */
	if (length > 48)
		return strncmp(at + 8, key->raw.at + 8, length - 8) == 0 && at[length] == '"';
	return json_key_bytes(at + length - 8) == key->last && at[length] == '"' &&
	       (length <= 16 || memcmp(at + 8, key->raw.at + 8, length - 16) == 0);
}

/* The column that a key names: unescaped, ASCII letters folded, "_" when it is
 * empty. False when it is longer than LIMIT_NAME_BYTES as written. */
bool json_key_fold(const struct json_string *key, char name[static LIMIT_NAME_BYTES + 1],
	struct text *name_out);
