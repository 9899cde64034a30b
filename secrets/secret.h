#pragma once

#include "base/text.h"

#include <stdbool.h>

/* Chance, and what is kept of it. A secret of 256 random bits needs no slow hash: there is
 * nothing to guess from a dictionary, so SHA-256 keeps it, and every call can afford that. */
enum { SECRET_BYTES = 32, SECRET_HASH_BYTES = 32 };

/* Of the kernel; ends the process when it gives none. */
void secret_chance(unsigned char *bytes, size_t count);
void secret_hash(struct text secret, unsigned char hash[static SECRET_HASH_BYTES]);
void secret_hex(const unsigned char *bytes, size_t count, char *text); /* and a NUL */
void secret_forget(void *bytes, size_t count); /* overwritten, whatever the compiler thinks */
bool secret_equal(const void *a, const void *b, size_t count); /* in a time that says nothing */
