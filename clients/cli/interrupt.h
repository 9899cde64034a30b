#pragma once

#include <stdbool.h>
#include <sys/types.h>

/* Ctrl-C and termination, taken by one thread by sigwaitinfo instead of a handler,
 * so that what it calls may lock and allocate. Without anybody to ask, the
 * program ends as the signal's default would. */
void interrupt_start(void); /* before other threads; again is fine */

/* What to do from now on: called on that thread, once per signal, with how many
 * came since; NULL: end the program. `state` must outlive the next call of this,
 * which waits for one that runs. */
void interrupt_ask(void (*asked)(unsigned count, void *state), void *state);

/* A file that is not whole yet: when the program ends here, it goes too. `path` must
 * outlive the next call of this; NULL: no such file. */
void interrupt_unlinks(const char *path);

/* A child that shares the terminal gets Ctrl-C by itself; signals sent to this
 * program alone are passed on. 0: no child. */
void interrupt_child(pid_t child);
