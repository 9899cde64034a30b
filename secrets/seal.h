#pragma once

#include "base/arena.h"
#include "base/text.h"

#include <stdbool.h>

/* AES-SIV (RFC 5297): what is sealed can be neither read nor made nor changed without the
 * secret, and the same text seals to the same bytes. `context` is not in the result; it
 * must be the same when it is opened. */
enum { SEAL_BYTES = 16 }; /* that a sealed text is longer */

/* In the arena. `text` is not empty. */
struct text seal(struct text secret, struct text context, struct text text, struct arena *arena);
/* False when it was not sealed so. */
bool seal_open(struct text secret, struct text context, struct text sealed, struct arena *arena,
	struct text *text_out);
