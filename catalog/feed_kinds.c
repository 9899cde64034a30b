#include "catalog/feed_kinds.h"

#include "base/nearest.h"

#include <string.h>

static const char *const kinds[] = {
	"conflict_deleted",
	"conflict_put",
	"connection_deleted",
	"connection_put",
	"database_created",
	"database_deleted",
	"database_undropped",
	"database_updated",
	"function_deleted",
	"function_put",
	"grant_deleted",
	"grant_put",
	"job_deleted",
	"job_put",
	"partition_index_deleted",
	"partition_index_put",
	"partitions_changed",
	"registry_deleted",
	"registry_put",
	"retention_put",
	"schema_deleted",
	"schema_put",
	"schema_version_deleted",
	"schema_version_put",
	"statistics_deleted",
	"statistics_put",
	"table_created",
	"table_deleted",
	"table_renamed",
	"table_undropped",
	"table_updated",
	"tags_deleted",
	"tags_put",
	"token_deleted",
	"token_put",
	"version_pinned",
	"version_unpinned",
	"versions_deleted",
	"webhook_deleted",
	"webhook_put",
};

enum { KINDS = sizeof kinds / sizeof *kinds };

bool feed_kind_is_one(const char *kind)
{
	for (size_t i = 0; i < KINDS; i++) {
		if (strcmp(kinds[i], kind) == 0)
			return true;
	}
	return false;
}

enum status feed_kind_check(const char *kind, struct error *err)
{
	if (feed_kind_is_one(kind))
		return STATUS_OK;
	const char *close = nearest(text_of(kind), kinds, KINDS);
	return fail(err, STATUS_INVALID_ARGUMENT, "'%.64s' is no kind of change%s%s%s", kind,
		close ? "; did you mean '" : ": give one like 'table_updated' or 'job_put'",
		close ? close : "", close ? "'?" : "");
}
