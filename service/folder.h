#pragma once

#include "base/error.h"

/* Folders of the daemon's own data. */
enum status folder_make(const char *path, struct error *err) MUST_USE; /* with parents, 0700 */
/* With all in it, following no link; a missing one is fine. Best effort. */
void folder_remove(const char *path);
