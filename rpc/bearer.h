#pragma once

#include "base/error.h"
#include "base/text.h"

/* The secret of an "authorization" header's value, borrowed: the scheme "Bearer"
 * (any case), spaces, and a token of the letters that RFC 6750, section 2.1 allows,
 * at most LIMIT_BEARER_BYTES. UNAUTHENTICATED says what is wrong with it, and never
 * what it is: errors end in logs. */
enum status bearer_read(struct text header, struct text *secret_out, struct error *err) MUST_USE;
/* The same for a token alone, before it is sent: INVALID_ARGUMENT. */
enum status bearer_check(struct text secret, struct error *err) MUST_USE;
