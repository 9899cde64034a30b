#pragma once

#include "base/text.h"

#include <stdbool.h>

/* A run's token: "<run id>.<64 hex digits of chance>". The worker gets it in its
 * environment; the catalog keeps only the SHA-256 of it, so that who reads the
 * store cannot speak for a run. */
enum { TOKEN_TEXT_BYTES = 26 + 64 + 1, TOKEN_HASH_BYTES = 65 };

void token_new(const char *run_id, char token[static TOKEN_TEXT_BYTES],
	char hash[static TOKEN_HASH_BYTES]);
/* The run it speaks for, borrowed; empty when the token is not of that form. */
struct text token_run(struct text token);
/* Compares in constant time. `hash` as token_new gave it; anything else is false. */
bool token_matches(struct text token, const char *hash);
