#pragma once

#include "formats/json_scan.h"

#include "base/limits.h"

/* Keys as they are met again and again: records mostly write the same keys in the
 * same order and with the same spaces, so each object predicts its next key and
 * compares bytes, from the key's quote to its value, instead of looking it up. */
struct json_key {
	struct text raw; /* as written: `"a": `, without escapes; empty: none known */
	uint64_t start, mask; /* its first 8 bytes */
	uint64_t last, second, third; /* its last 8 bytes, those after the first, before the last */
};

enum { JSON_KEY_BYTES = LIMIT_NAME_BYTES + 16 }; /* the longest that is predicted */

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
	struct json_key key = {
		.raw = raw, .start = json_key_bytes(start), .mask = json_key_bytes(mask)};
	if (raw.length > 8)
		key.last = json_key_bytes(raw.at + raw.length - 8);
	if (raw.length > 16) {
		key.second = json_key_bytes(raw.at + 8);
		key.third = json_key_bytes(raw.at + raw.length - 16);
	}
	return key;
}

/* Does this key stand at `at`? */
static inline bool json_key_is(const struct json_key *key, const char *at)
{
	size_t length = key->raw.length;
	if ((json_key_bytes(at) & key->mask) != key->start)
		return false;
	if (length <= 8)
		return length != 0;
	/* strncmp stops at the block's sentinel; others might read past the padding. */
	if (length > 32)
		return strncmp(at + 8, key->raw.at + 8, length - 8) == 0;
	if (json_key_bytes(at + length - 8) != key->last)
		return false;
	return length <= 16 || (json_key_bytes(at + 8) == key->second &&
				       json_key_bytes(at + length - 16) == key->third);
}

/* `at` stands behind a key; returns where its value starts, or NULL. */
static inline char *json_key_colon(char *at, struct json_fault *fault)
{
	at = json_space(at);
	if (*at != ':')
		return json_fail(fault, at, "':' is missing after a key");
	return json_space(at + 1);
}

/* How `key`, whose value starts at `value`, was written; empty when that is not to
 * be predicted. */
static inline struct text json_key_raw(const struct json_string *key, const char *value)
{
	size_t length = (size_t)(value - key->at) + 1;
	return key->escaped || length > JSON_KEY_BYTES ? (struct text){"", 0}
						       : (struct text){key->at - 1, length};
}

/* The column that a key names: unescaped, ASCII letters folded, "_" when it is
 * empty. False when it is longer than LIMIT_NAME_BYTES as written. */
bool json_key_fold(const struct json_string *key, char name[static LIMIT_NAME_BYTES + 1],
	struct text *name_out);
