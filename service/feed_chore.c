#include "service/feed_chore.h"

#include "base/log.h"
#include "catalog/feed_trim.h"
#include "catalog/version_keep.h"
#include "service/daemon.h"

enum { HANDFUL = 1000, REST_MS = 60000 };

/* What tenond was told, and what of it was set otherwise since. */
static enum status look(
	struct daemon *daemon, struct feed_keep *keep, bool *long_out, struct error *err)
{
	OWNED(arena) arena = arena_new();
	OWNED(catalog_txn) txn = NULL;
	Tenon__V1__Retention *retention;
	bool own;
	TRY(catalog_read(daemon->catalog, &txn, err));
	TRY(retention_get(txn, TEXT(""), TEXT(""), arena, &retention, &own, err));
	*keep = daemon->options->feed_keep;
	keep->age_s = retention_age_s(retention->feed_s, keep->age_s);
	return feed_is_long(txn, keep, long_out, err);
}

struct trimming {
	struct feed_keep keep;
	size_t removed;
};

static enum status trim(struct catalog_txn *txn, void *state, struct error *err)
{
	struct trimming *trimming = state;
	return feed_trim(txn, &trimming->keep, HANDFUL, &trimming->removed, err);
}

int64_t feed_chore(struct daemon *daemon)
{
	struct error err;
	bool is_long = false;
	struct trimming trimming = {.removed = 0};
	enum status status = look(daemon, &trimming.keep, &is_long, &err);
	if (status == STATUS_OK && is_long)
		status = catalog_write_now(daemon->catalog, trim, &trimming, &err);
	if (status != STATUS_OK)
		log_line(LOG_WARN, "the change feed could not be shortened: %s", err.message);
	return status == STATUS_OK && trimming.removed == HANDFUL ? 0 : REST_MS;
}
