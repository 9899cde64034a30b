#pragma once

#include "base/error.h"

#include <stddef.h>

/* Folders of the daemon's own data. */
enum status folder_make(const char *path, struct error *err) MUST_USE; /* with parents, 0700 */
/* How much of `path`, from its beginning, is there; and back to that: what was made
 * behind it, as far as it is empty. */
size_t folder_there(const char *path);
void folder_unmake(const char *path, size_t there);
/* With all in it, following no link; a missing one is fine. Best effort. */
void folder_remove(const char *path);
