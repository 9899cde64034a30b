#pragma once

#include "base/owned.h"
#include "base/text.h"

/* SHA-256 of bytes that come piece by piece. */
struct digest;

enum { DIGEST_TEXT_BYTES = 65 };

struct digest *digest_new(void);
void digest_free(struct digest *digest); /* NULL is fine */
OWNABLE(digest);
void digest_add(struct digest *digest, struct text bytes);
/* In hex. Nothing may be added afterwards. */
void digest_end(struct digest *digest, char text[static DIGEST_TEXT_BYTES]);

/* HMAC-SHA-256 (RFC 2104) of a text, in hex. */
void digest_hmac(struct text key, struct text text, char hex[static DIGEST_TEXT_BYTES]);
