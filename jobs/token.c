#include "jobs/token.h"

#include "secrets/secret.h"

#include <stdio.h>

static void hash_token(struct text token, char hash[static TOKEN_HASH_BYTES])
{
	unsigned char digest[SECRET_HASH_BYTES];
	secret_hash(token, digest);
	secret_hex(digest, sizeof digest, hash);
}

void token_new(
	const char *run_id, char token[static TOKEN_TEXT_BYTES], char hash[static TOKEN_HASH_BYTES])
{
	unsigned char secret[SECRET_BYTES];
	char digits[2 * SECRET_BYTES + 1];
	secret_chance(secret, sizeof secret);
	secret_hex(secret, sizeof secret, digits);
	(void)snprintf(token, TOKEN_TEXT_BYTES, "%s.%s", run_id, digits);
	hash_token(text_of(token), hash);
	secret_forget(secret, sizeof secret);
	secret_forget(digits, sizeof digits);
}

struct text token_run(struct text token)
{
	size_t dot = text_find(token, '.');
	if (dot == token.length || token.length - dot - 1 != 2 * SECRET_BYTES)
		return (struct text){"", 0};
	return text_until(token, dot);
}

bool token_matches(struct text token, const char *hash)
{
	char own[TOKEN_HASH_BYTES];
	hash_token(token, own);
	return strlen(hash) == TOKEN_HASH_BYTES - 1 &&
	       secret_equal(own, hash, TOKEN_HASH_BYTES - 1);
}
