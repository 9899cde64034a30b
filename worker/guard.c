#include "worker/guard.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#define GIB (UINT64_C(1) << 30)

void guard_process(void)
{
	const struct rlimit none = {0, 0};
	(void)setrlimit(RLIMIT_CORE, &none);
}

void guard_parent(void)
{
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
}

uint64_t guard_usual_memory(void)
{
	long pages = sysconf(_SC_PHYS_PAGES);
	long page = sysconf(_SC_PAGESIZE);
	return pages > 0 && page > 0 ? (uint64_t)pages * (uint64_t)page / 2 : GIB;
}

/* Sanitizers reserve terabytes of address space. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define IS_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define IS_SANITIZED 1
#endif
#endif

void guard_memory(uint64_t memory_bytes)
{
#ifdef IS_SANITIZED
	(void)memory_bytes;
#else
	uint64_t bytes = memory_bytes ? memory_bytes : guard_usual_memory();
	struct rlimit limit;
	if (bytes > UINT64_MAX / 8 || getrlimit(RLIMIT_AS, &limit) != 0)
		return;
	rlim_t wanted = 4 * bytes + 16 * GIB;
	if (limit.rlim_max != RLIM_INFINITY && wanted > limit.rlim_max)
		wanted = limit.rlim_max;
	limit.rlim_cur = wanted;
	(void)setrlimit(RLIMIT_AS, &limit);
#endif
}
