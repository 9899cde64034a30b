#include "service/index_chore.h"

#include "base/log.h"
#include "catalog/partition_indexes.h"
#include "service/daemon.h"

enum { RESTS_MS = 60000 };

int64_t index_chore(struct daemon *daemon)
{
	struct error err;
	bool more = false;
	if (partition_indexes_work(daemon->catalog, &more, &err) == STATUS_OK)
		return more ? 0 : RESTS_MS;
	log_line(LOG_WARN, "partition indexes are not filled: %s", err.message);
	return RESTS_MS;
}
