#include "jobs/token.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

enum { SECRET_BYTES = 32, DIGEST_BYTES = 32 };

static void hex(const unsigned char *bytes, size_t count, char *text)
{
	for (size_t i = 0; i < count; i++)
		(void)snprintf(text + 2 * i, 3, "%02x", bytes[i]);
}

static void hash_token(struct text token, char hash[static TOKEN_HASH_BYTES])
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned length = 0;
	if (!EVP_Digest(token.at, token.length, digest, &length, EVP_sha256(), NULL) ||
		length != DIGEST_BYTES) {
		(void)fprintf(stderr, "SHA-256 is not available\n");
		abort();
	}
	hex(digest, DIGEST_BYTES, hash);
}

/* Up to 256 bytes come whole once the kernel's pool is ready (getrandom(2)). */
static void chance(unsigned char secret[static SECRET_BYTES])
{
	while (getrandom(secret, SECRET_BYTES, 0) != SECRET_BYTES) {
		if (errno != EINTR) {
			(void)fprintf(stderr, "the kernel gives no random bytes\n");
			abort();
		}
	}
}

void token_new(
	const char *run_id, char token[static TOKEN_TEXT_BYTES], char hash[static TOKEN_HASH_BYTES])
{
	unsigned char secret[SECRET_BYTES];
	chance(secret);
	char digits[2 * SECRET_BYTES + 1];
	hex(secret, SECRET_BYTES, digits);
	(void)snprintf(token, TOKEN_TEXT_BYTES, "%s.%s", run_id, digits);
	hash_token(text_of(token), hash);
	OPENSSL_cleanse(secret, sizeof secret);
	OPENSSL_cleanse(digits, sizeof digits);
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
	       CRYPTO_memcmp(own, hash, TOKEN_HASH_BYTES - 1) == 0;
}
