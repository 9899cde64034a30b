#pragma once

#include "base/text.h"

/* What libmagic says of an object's first bytes: a MIME type, static for the
 * life of the thread until its next call; "application/octet-stream" when
 * libmagic knows nothing or has no database. Evidence, never a decision: it takes
 * many CSV files for plain text. One handle per thread; looks at few bytes. */
const char *magic_mime(struct text head);
