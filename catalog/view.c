#include "catalog/view.h"

#include <inttypes.h>

/* Beyond what the store may grow: what is written between two looks at it. */
enum { SPARE_BYTES = 16 * 1024 * 1024 };

static enum status measure(
	struct catalog *catalog, uint64_t *used_out, uint64_t *map_out, struct error *err)
{
	MDB_envinfo info;
	MDB_stat stat;
	TRY(lmdb_status(mdb_env_info(catalog->env, &info), err, "measure the map"));
	TRY(lmdb_status(mdb_env_stat(catalog->env, &stat), err, "read the page size"));
	*used_out = (info.me_last_pgno + 1) * (uint64_t)stat.ms_psize;
	*map_out = info.me_mapsize;
	return STATUS_OK;
}

/* On the writer, where alone the map may grow: it does when a write says it is full. */
static enum status room_make(struct catalog_txn *txn, void *state, struct error *err)
{
	(void)state;
	uint64_t used;
	uint64_t map;
	TRY(measure(txn->catalog, &used, &map, err));
	uint64_t growth = txn->catalog->view_growth_bytes;
	txn->map_full = map < used + growth + growth / 4 + SPARE_BYTES;
	return txn->map_full ? fail(err, STATUS_RESOURCE_EXHAUSTED, "the map has no room")
			     : STATUS_OK;
}

enum status view_begin(struct catalog *catalog, struct view *view, struct error *err)
{
	uint64_t map;
	TRY(catalog_write_now(catalog, room_make, NULL, err));
	view->catalog = catalog;
	/* The map must not move while it is looked at: elsewhere a transaction sees to that. */
	(void)pthread_rwlock_rdlock(&catalog->map_lock);
	enum status status = measure(catalog, &view->bytes, &map, err);
	(void)pthread_rwlock_unlock(&catalog->map_lock);
	return status;
}

enum status view_check(const struct view *view, struct error *err)
{
	uint64_t used;
	uint64_t map;
	TRY(measure(view->catalog, &used, &map, err));
	if (used <= view->bytes + view->catalog->view_growth_bytes)
		return STATUS_OK;
	return fail(err, STATUS_ABORTED,
		"the catalog grew by %" PRIu64 " MB while it was read: try again when less is "
		"written",
		(used - view->bytes) >> 20);
}
