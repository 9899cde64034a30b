#include "jobs/timers.h"

#include "base/memory.h"

#include <stdlib.h>

void timers_done(struct timers *timers)
{
	free(timers->at);
	*timers = (struct timers){0};
}

void timers_add(struct timers *timers, const struct timer *timer)
{
	size_t grown = memory_grown(timers->capacity, timers->count + 1);
	if (grown != timers->capacity) {
		timers->at = memory_resize(timers->at, grown, sizeof *timers->at);
		timers->capacity = grown;
	}
	timers->at[timers->count++] = *timer;
}

void timers_drop(struct timers *timers, const void *subject)
{
	size_t kept = 0;
	for (size_t i = 0; i < timers->count; i++) {
		if (timers->at[i].subject != subject)
			timers->at[kept++] = timers->at[i];
	}
	timers->count = kept;
}

static size_t earliest(const struct timers *timers)
{
	size_t first = 0;
	for (size_t i = 1; i < timers->count; i++) {
		if (timers->at[i].due_ns < timers->at[first].due_ns)
			first = i;
	}
	return first;
}

void timers_fire(struct timers *timers, uint64_t now_ns)
{
	while (timers->count) {
		size_t first = earliest(timers);
		struct timer due = timers->at[first];
		if (due.due_ns > now_ns)
			return;
		timers->at[first] = timers->at[--timers->count];
		due.fire(due.state, due.subject);
	}
}

uint64_t timers_next_ns(const struct timers *timers)
{
	return timers->count ? timers->at[earliest(timers)].due_ns : 0;
}
