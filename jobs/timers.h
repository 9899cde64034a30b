#pragma once

#include <stddef.h>
#include <stdint.h>

/* What is to happen later, few at a time: timeouts and graces of running workers,
 * repeated attempts. One thread. */
struct timer {
	uint64_t due_ns; /* monotonic */
	void (*fire)(void *state, void *subject);
	void *state;
	void *subject;
};

struct timers {
	struct timer *at;
	size_t count;
	size_t capacity;
};

void timers_done(struct timers *timers);
void timers_add(struct timers *timers, const struct timer *timer);
/* Takes out every timer of this subject. */
void timers_drop(struct timers *timers, const void *subject);
/* Fires what is due; a timer that fires may add others. */
void timers_fire(struct timers *timers, uint64_t now_ns);
uint64_t timers_next_ns(const struct timers *timers); /* 0: none */
