#pragma once

#include "base/text.h"

/* Chance, and what is kept of it. A secret of 256 random bits needs no slow hash: there is
 * nothing to guess from a dictionary, so SHA-256 keeps it, and every call can afford that. */
enum { SECRET_BYTES = 32, SECRET_HASH_BYTES = 32 };

/* Of the kernel; ends the process when it gives none. */
void secret_chance(unsigned char *bytes, size_t count);
void secret_hash(struct text secret, unsigned char hash[static SECRET_HASH_BYTES]);
void secret_hex(const unsigned char *bytes, size_t count, char *text); /* and a NUL */
void secret_forget(void *bytes, size_t count); /* overwritten, whatever the compiler thinks */
