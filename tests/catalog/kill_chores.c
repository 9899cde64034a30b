#include "tests/catalog/kill_chores.h"

#include "base/clock.h"
#include "catalog/dropped.h"
#include "catalog/feed_trim.h"
#include "catalog/partition_indexes.h"
#include "catalog/tokens.h"
#include "catalog/version_keep.h"

/* Few enough that each takes several writes. */
enum { VERSIONS = 3, PURGED = 30, TOKENS = 2, CHANGES = 50, CHANGES_KEPT = 300, DROPPED_S = 1 };

/* What was dropped is kept for a second, once for all. */
static enum status keep_briefly(struct catalog_txn *txn, struct error *err)
{
	OWNED(arena) arena = arena_new();
	Tenon__V1__Retention retention = TENON__V1__RETENTION__INIT;
	Tenon__V1__Retention *now;
	bool own;
	TRY(retention_get(txn, TEXT(""), TEXT(""), arena, &now, &own, err));
	if (now->dropped_s == DROPPED_S)
		return STATUS_OK;
	retention.dropped_s = DROPPED_S;
	return retention_put(txn, TEXT(""), TEXT(""), &retention, arena, err);
}

struct round {
	struct retention_due due;
	bool more;
};

static enum status apply(struct catalog_txn *txn, void *state, struct error *err)
{
	static const struct feed_keep keep = {.changes = CHANGES_KEPT};
	struct round *round = state;
	struct retention_due due = round->due;
	size_t versions = 0;
	size_t tokens;
	size_t changes;
	bool purge;
	TRY(keep_briefly(txn, err));
	if (due.table)
		TRY(retention_remove(txn, &due, VERSIONS, &versions, err));
	TRY(dropped_purge(txn, PURGED, &purge, err));
	TRY(bearer_purge(txn, clock_now_us(), TOKENS, &tokens, err));
	TRY(feed_trim(txn, &keep, CHANGES, &changes, err));
	round->more = versions || purge || tokens || changes == CHANGES;
	return STATUS_OK;
}

static enum status look(struct catalog *catalog, struct retention_walk *walk,
	struct retention_due *due_out, struct error *err)
{
	OWNED(catalog_txn) txn = NULL;
	TRY(catalog_read(catalog, &txn, err));
	return retention_look(txn, walk, due_out, err);
}

enum status kill_chores(struct catalog *catalog, bool *more_out, struct error *err)
{
	static struct retention_walk walk;
	struct round round = {.more = false};
	bool indexes;
	if (walk.ended)
		walk = (struct retention_walk){0};
	TRY(look(catalog, &walk, &round.due, err));
	TRY(catalog_write_now(catalog, apply, &round, err));
	TRY(partition_indexes_work(catalog, &indexes, err));
	*more_out = round.more || indexes || !walk.ended;
	return STATUS_OK;
}
