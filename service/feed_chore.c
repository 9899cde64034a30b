#include "service/feed_chore.h"

#include "base/log.h"
#include "catalog/feed_trim.h"
#include "service/daemon.h"

enum { HANDFUL = 1000, REST_MS = 60000 };

static enum status look(struct daemon *daemon, bool *long_out, struct error *err)
{
	OWNED(catalog_txn) txn = NULL;
	TRY(catalog_read(daemon->catalog, &txn, err));
	return feed_is_long(txn, &daemon->options->feed_keep, long_out, err);
}

struct trimming {
	const struct feed_keep *keep;
	size_t removed;
};

static enum status trim(struct catalog_txn *txn, void *state, struct error *err)
{
	struct trimming *trimming = state;
	return feed_trim(txn, trimming->keep, HANDFUL, &trimming->removed, err);
}

int64_t feed_chore(struct daemon *daemon)
{
	struct error err;
	bool is_long = false;
	struct trimming trimming = {.keep = &daemon->options->feed_keep};
	enum status status = look(daemon, &is_long, &err);
	if (status == STATUS_OK && is_long)
		status = catalog_write_now(daemon->catalog, trim, &trimming, &err);
	if (status != STATUS_OK)
		log_line(LOG_WARN, "the change feed could not be shortened: %s", err.message);
	return status == STATUS_OK && trimming.removed == HANDFUL ? 0 : REST_MS;
}
