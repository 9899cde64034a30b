#pragma once

#include <stdint.h>

/* What bounds a process that reads hostile bytes. */

/* No core files: they would hold the user's data and the run's token. */
void guard_process(void);
/* Die with the daemon (with the thread of it that started us). */
void guard_parent(void);
/* Bound the address space for work that may use `memory_bytes` (0: half of the
 * machine's). Address space is not memory: stacks, allocator arenas, mapped files
 * and the engine's reservations get generous room on top. */
void guard_memory(uint64_t memory_bytes);

uint64_t guard_usual_memory(void); /* half of the machine's */
