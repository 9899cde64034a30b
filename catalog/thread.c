#include "catalog/thread.h"

#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>

enum { LOWER = 10, LOWEST = 19 };

void thread_writes(const char *name)
{
	(void)pthread_setname_np(pthread_self(), name);
	/* On Linux it is the thread's own: setpriority(2), "C library/kernel differences". */
	int now = getpriority(PRIO_PROCESS, (id_t)gettid());
	(void)setpriority(
		PRIO_PROCESS, (id_t)gettid(), now + LOWER < LOWEST ? now + LOWER : LOWEST);
}
