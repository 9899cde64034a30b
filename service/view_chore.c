#include "service/view_chore.h"

#include "base/log.h"
#include "service/daemon.h"

#include <inttypes.h>

enum { LOOK_MS = 30000 };

int64_t view_chore(struct daemon *daemon)
{
	const uint64_t second_ns = UINT64_C(1000000000);
	uint64_t age_ns = catalog_oldest_view_ns(daemon->catalog);
	if (age_ns > LOOK_MS * UINT64_C(1000000))
		log_line(LOG_WARN,
			"a view of the catalog is open for %" PRIu64
			" s: what is deleted meanwhile is not yet free",
			age_ns / second_ns);
	return LOOK_MS;
}
