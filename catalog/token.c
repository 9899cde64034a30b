#include "catalog/token.h"

#include "catalog/store.h"
#include "catalog/txn.h"
#include "secrets/seal.h"

/* Kind and context as one text: the kind is a byte, so no two pairs are the same. */
static struct text context_of(enum token_kind kind, struct text context, struct arena *arena)
{
	char *bytes = arena_alloc(arena, 1 + context.length);
	bytes[0] = (char)kind;
	if (context.length)
		memcpy(bytes + 1, context.at, context.length);
	return (struct text){bytes, 1 + context.length};
}

static struct text secret_of(struct catalog_txn *txn)
{
	return (struct text){txn->catalog->secret, TOKEN_SECRET_BYTES};
}

struct text token_seal(struct catalog_txn *txn, enum token_kind kind, struct text context,
	struct text key, struct arena *arena)
{
	static const char digits[] = "0123456789abcdef";
	/* The kind stands before the key, so that there is always something to seal. */
	struct text sealed = seal(secret_of(txn), context_of(kind, context, arena),
		context_of(kind, key, arena), arena);
	char *hex = arena_alloc(arena, 2 * sealed.length + 1);
	for (size_t i = 0; i < sealed.length; i++) {
		hex[2 * i] = digits[(unsigned char)sealed.at[i] >> 4];
		hex[2 * i + 1] = digits[sealed.at[i] & 15];
	}
	return (struct text){hex, 2 * sealed.length};
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
	if (token.length == 0) {
		*key_out = (struct text){"", 0};
		return STATUS_OK;
	}
	size_t length = token.length / 2;
	struct text opened;
	char *bytes = arena_alloc(arena, length <= SEAL_BYTES + 1 + KEY_BYTES_MAX ? length : 1);
	if (token.length % 2 || length > SEAL_BYTES + 1 + KEY_BYTES_MAX || !unhex(token, bytes) ||
		!seal_open(secret_of(txn), context_of(kind, context, arena),
			(struct text){bytes, length}, arena, &opened))
		return fail(err, STATUS_INVALID_ARGUMENT,
			"page token is not of this listing: start without one");
	*key_out = text_from(opened, 1);
	return STATUS_OK;
}
