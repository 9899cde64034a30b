#include "catalog/store.h"
#include "catalog/token.h"
#include "catalog/txn.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A token that opens is one that sealing its key gives; and every key comes back. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct catalog catalog = {.secret = "sixteen secrets"};
	struct catalog_txn txn = {.catalog = &catalog};
	struct error err;
	struct text bytes = {(const char *)data, size};
	struct text key;
	OWNED(arena) arena = arena_new();
	if (token_open(&txn, TOKEN_TABLES, TEXT("db"), bytes, arena, &key, &err) == STATUS_OK &&
		size > 0 &&
		!text_equal(token_seal(&txn, TOKEN_TABLES, TEXT("db"), key, arena), bytes))
		abort();
	if (size > KEY_BYTES_MAX)
		return 0; /* no key is longer */
	struct text token = token_seal(&txn, TOKEN_TABLES, TEXT("db"), bytes, arena);
	if (token_open(&txn, TOKEN_TABLES, TEXT("db"), token, arena, &key, &err) != STATUS_OK ||
		!text_equal(key, bytes))
		abort();
	if (token_open(&txn, TOKEN_TABLES, TEXT("d"), token, arena, &key, &err) == STATUS_OK)
		abort();
	return 0;
}
