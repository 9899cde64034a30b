#include "secrets/secret.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

/* Fetched once: a fetch by name takes longer than the hash of a token. */
static EVP_MD *sha256;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void fetch(void)
{
	sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
}

/* Up to 256 bytes come whole once the kernel's pool is ready (getrandom(2)). */
void secret_chance(unsigned char *bytes, size_t count)
{
	while (getrandom(bytes, count, 0) != (ssize_t)count) {
		if (errno != EINTR) {
			(void)fprintf(stderr, "the kernel gives no random bytes\n");
			abort();
		}
	}
}

void secret_hash(struct text secret, unsigned char hash[static SECRET_HASH_BYTES])
{
	unsigned length = 0;
	(void)pthread_once(&once, fetch);
	if (!sha256 || !EVP_Digest(secret.at, secret.length, hash, &length, sha256, NULL) ||
		length != SECRET_HASH_BYTES) {
		(void)fprintf(stderr, "SHA-256 is not available\n");
		abort();
	}
}

void secret_hex(const unsigned char *bytes, size_t count, char *text)
{
	static const char digits[] = "0123456789abcdef";
	for (size_t i = 0; i < count; i++) {
		text[2 * i] = digits[bytes[i] >> 4];
		text[2 * i + 1] = digits[bytes[i] & 15];
	}
	text[2 * count] = 0;
}

void secret_forget(void *bytes, size_t count)
{
	OPENSSL_cleanse(bytes, count);
}

bool secret_equal(const void *a, const void *b, size_t count)
{
	return CRYPTO_memcmp(a, b, count) == 0;
}
