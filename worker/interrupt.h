#pragma once

#include <stdbool.h>

/* Being asked to stop. The first SIGINT or SIGTERM sets the flag, so that work can
 * end in order; a second SIGINT ends the process at once with code 130. */
void interrupt_start(void);
bool interrupt_asked(void);
const volatile bool *interrupt_flag(void); /* for calls that look themselves */

enum { EXIT_INTERRUPTED = 130 }; /* 128 + SIGINT, as shells say it */
