#pragma once

#include "base/arena.h"
#include "base/error.h"

#include <stdint.h>

/* What a run's worker wrote: FOLDER/<run id>.log, appended by the worker alone. */
const char *run_log_path(struct arena *arena, const char *folder, const char *run_id);

/* Up to `length` bytes from `offset`; 0 at its present end, or when there is none yet. */
size_t run_log_read(const char *path, uint64_t offset, char *bytes, size_t length);

/* Its last line that says something, at most 200 bytes; empty when there is none. */
struct text run_log_last_line(struct arena *arena, const char *path);
