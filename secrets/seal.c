#include "secrets/seal.h"

#include "secrets/secret.h"

#include <openssl/evp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

/* Fetched once: a fetch by name takes longer than the sealing. */
static EVP_CIPHER *siv;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void fetch(void)
{
	siv = EVP_CIPHER_fetch(NULL, "AES-128-SIV", NULL);
}

/* OpenSSL fails here only without memory or without the cipher. */
static void must(bool done)
{
	if (done)
		return;
	(void)fprintf(stderr, "AES-SIV is not available\n");
	abort();
}

/* Keyed and bound to the context; `mark` is what an opening must meet. */
static EVP_CIPHER_CTX *begin(struct text secret, struct text context, char *mark)
{
	unsigned char key[SECRET_HASH_BYTES]; /* two of 128 bits */
	int ignored;
	(void)pthread_once(&once, fetch);
	secret_hash(secret, key);
	EVP_CIPHER_CTX *state = EVP_CIPHER_CTX_new();
	must(siv && state && EVP_CipherInit_ex(state, siv, NULL, key, NULL, mark == NULL));
	secret_forget(key, sizeof key);
	if (mark)
		must(EVP_CIPHER_CTX_ctrl(state, EVP_CTRL_AEAD_SET_TAG, SEAL_BYTES, mark) > 0);
	if (context.length)
		must(EVP_CipherUpdate(state, NULL, &ignored, (const unsigned char *)context.at,
			     (int)context.length) > 0);
	return state;
}

struct text seal(struct text secret, struct text context, struct text text, struct arena *arena)
{
	char *bytes = arena_alloc(arena, SEAL_BYTES + text.length);
	int written;
	EVP_CIPHER_CTX *state = begin(secret, context, NULL);
	must(EVP_CipherUpdate(state, (unsigned char *)bytes + SEAL_BYTES, &written,
		     (const unsigned char *)text.at, (int)text.length) > 0);
	must(EVP_CipherFinal_ex(state, (unsigned char *)bytes, &written) > 0);
	must(EVP_CIPHER_CTX_ctrl(state, EVP_CTRL_AEAD_GET_TAG, SEAL_BYTES, bytes) > 0);
	EVP_CIPHER_CTX_free(state);
	return (struct text){bytes, SEAL_BYTES + text.length};
}

bool seal_open(struct text secret, struct text context, struct text sealed, struct arena *arena,
	struct text *text_out)
{
	if (sealed.length <= SEAL_BYTES)
		return false;
	size_t length = sealed.length - SEAL_BYTES;
	char *bytes = arena_alloc(arena, length);
	char mark[SEAL_BYTES];
	int written = 0;
	memcpy(mark, sealed.at, SEAL_BYTES);
	EVP_CIPHER_CTX *state = begin(secret, context, mark);
	bool ours = EVP_CipherUpdate(state, (unsigned char *)bytes, &written,
			    (const unsigned char *)sealed.at + SEAL_BYTES, (int)length) > 0;
	EVP_CIPHER_CTX_free(state);
	if (ours)
		*text_out = (struct text){bytes, length};
	return ours;
}
