#include "secrets/digest.h"

#include "base/memory.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>

struct digest {
	EVP_MD_CTX *context;
};

/* OpenSSL fails here only without memory or without SHA-256. */
static void must(int done)
{
	if (done == 1)
		return;
	(void)fprintf(stderr, "SHA-256 is not available\n");
	abort();
}

struct digest *digest_new(void)
{
	struct digest *digest = memory_new(sizeof *digest);
	digest->context = EVP_MD_CTX_new();
	must(digest->context != NULL);
	must(EVP_DigestInit_ex(digest->context, EVP_sha256(), NULL));
	return digest;
}

void digest_free(struct digest *digest)
{
	if (!digest)
		return;
	EVP_MD_CTX_free(digest->context);
	free(digest);
}

void digest_add(struct digest *digest, struct text bytes)
{
	must(EVP_DigestUpdate(digest->context, bytes.at, bytes.length));
}

static void hex_of(const unsigned char *bytes, size_t length, char text[static DIGEST_TEXT_BYTES])
{
	for (size_t i = 0; i < length && 2 * i + 2 < DIGEST_TEXT_BYTES; i++)
		(void)snprintf(text + 2 * i, 3, "%02x", bytes[i]);
}

void digest_end(struct digest *digest, char text[static DIGEST_TEXT_BYTES])
{
	unsigned char bytes[EVP_MAX_MD_SIZE];
	unsigned length = 0;
	must(EVP_DigestFinal_ex(digest->context, bytes, &length));
	hex_of(bytes, length, text);
}

void digest_hmac(struct text key, struct text text, char hex[static DIGEST_TEXT_BYTES])
{
	unsigned char bytes[EVP_MAX_MD_SIZE];
	size_t length = 0;
	must(EVP_Q_mac(NULL, "HMAC", NULL, "SHA256", NULL, key.at, key.length,
		     (const unsigned char *)text.at, text.length, bytes, sizeof bytes,
		     &length) != NULL);
	hex_of(bytes, length, hex);
}
