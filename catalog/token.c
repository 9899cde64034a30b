#include "catalog/token.h"

#include "base/hash.h"
#include "catalog/key.h"
#include "catalog/store.h"
#include "catalog/txn.h"

enum { SEAL_BYTES = 8, HEAD_BYTES = 1 + SEAL_BYTES };

static uint64_t seal_of(struct catalog_txn *txn, enum token_kind kind, struct text context,
	struct text key, struct arena *arena)
{
	size_t length = TOKEN_SECRET_BYTES + 1 + 8 + context.length + key.length;
	char *bytes = arena_alloc(arena, length);
	char *at = mempcpy(bytes, txn->catalog->secret, TOKEN_SECRET_BYTES);
	*at++ = (char)kind;
	char context_length[8];
	(void)key_u64_text(context.length, context_length);
	at = mempcpy(at, context_length, sizeof context_length);
	if (context.length)
		at = mempcpy(at, context.at, context.length);
	if (key.length)
		(void)mempcpy(at, key.at, key.length);
	return hash_of_64((struct text){bytes, length});
}

struct text token_seal(struct catalog_txn *txn, enum token_kind kind, struct text context,
	struct text key, struct arena *arena)
{
	static const char digits[] = "0123456789abcdef";
	size_t length = HEAD_BYTES + key.length;
	char *bytes = arena_alloc(arena, length);
	bytes[0] = (char)kind;
	(void)key_u64_text(seal_of(txn, kind, context, key, arena), bytes + 1);
	if (key.length)
		memcpy(bytes + HEAD_BYTES, key.at, key.length);
	char *hex = arena_alloc(arena, 2 * length + 1);
	for (size_t i = 0; i < length; i++) {
		hex[2 * i] = digits[(unsigned char)bytes[i] >> 4];
		hex[2 * i + 1] = digits[bytes[i] & 15];
	}
	return (struct text){hex, 2 * length};
}

static int digit_of(char byte)
{
	if (byte >= '0' && byte <= '9')
		return byte - '0';
	return byte >= 'a' && byte <= 'f' ? byte - 'a' + 10 : -1;
}

static bool unhex(struct text hex, char *bytes)
{
	for (size_t i = 0; i < hex.length; i += 2) {
		int high = digit_of(hex.at[i]);
		int low = digit_of(hex.at[i + 1]);
		if (high < 0 || low < 0)
			return false;
		bytes[i / 2] = (char)(high << 4 | low);
	}
	return true;
}

enum status token_open(struct catalog_txn *txn, enum token_kind kind, struct text context,
	struct text token, struct arena *arena, struct text *key_out, struct error *err)
{
	static const char foreign[] = "page token is not of this listing: start without one";
	if (token.length == 0) {
		*key_out = (struct text){"", 0};
		return STATUS_OK;
	}
	size_t length = token.length / 2;
	if (token.length % 2 || length < HEAD_BYTES || length > HEAD_BYTES + KEY_BYTES_MAX)
		return fail(err, STATUS_INVALID_ARGUMENT, "%s", foreign);
	char *bytes = arena_alloc(arena, length);
	if (!unhex(token, bytes) || bytes[0] != (char)kind)
		return fail(err, STATUS_INVALID_ARGUMENT, "%s", foreign);
	struct text key = {bytes + HEAD_BYTES, length - HEAD_BYTES};
	if (key_u64(bytes + 1) != seal_of(txn, kind, context, key, arena))
		return fail(err, STATUS_INVALID_ARGUMENT, "%s", foreign);
	*key_out = key;
	return STATUS_OK;
}
