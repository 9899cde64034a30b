#pragma once

/* The calling thread is one of those that write: its name, and a place behind the others when
 * every core is busy, so that a flood of writes does not slow down who reads. It still
 * has a tenth of what they have each. Threads that it starts are behind, too: it answers
 * nobody itself. */
void thread_writes(const char *name);
