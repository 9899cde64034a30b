#pragma once

#include "base/error.h"

#include <stddef.h>

/* Small files whose content is not to lie around: keys, tokens, certificates. */

/* All of the file with a NUL behind it. NOT_FOUND, PERMISSION_DENIED, ... by the system's
 * reason, RESOURCE_EXHAUSTED past `most` bytes, INVALID_ARGUMENT when it is a folder or
 * holds a NUL; `what` names it in the error ("the key"). Release with secret_free. */
enum status secret_read(const char *what, const char *path, size_t most, char **secret_out,
	struct error *err) MUST_USE;
void secret_free(char *secret); /* overwritten first; NULL is fine */
