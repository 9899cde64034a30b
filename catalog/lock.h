#pragma once

#include "base/attr.h"
#include "base/error.h"

/* One process at a time in a folder: an flock on `folder`/catalog.lock, which the
 * kernel drops however the process ends. The file holds the owner's pid.
 * FAILED_PRECONDITION names the pid; close the descriptor to let go. */
enum status lock_folder(const char *folder, int *fd_out, struct error *err) MUST_USE;
