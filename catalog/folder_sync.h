#pragma once

#include "base/attr.h"
#include "base/error.h"

/* What was made, renamed or removed in the folder is so after power was lost, too. */
enum status folder_sync(const char *folder, struct error *err) MUST_USE;
