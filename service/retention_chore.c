#include "service/retention_chore.h"

#include "base/log.h"
#include "catalog/dropped.h"
#include "catalog/version_keep.h"
#include "service/daemon.h"

enum { HANDFUL = 500, PURGED = 2000, REST_MS = 60000 };

struct removing {
	struct retention_due due; /* left alone: the write may be made again */
	struct retention_due then;
	size_t removed;
};

static enum status look(struct daemon *daemon, struct retention_walk *walk,
	struct retention_due *due_out, struct error *err)
{
	OWNED(catalog_txn) txn = NULL;
	TRY(catalog_read(daemon->catalog, &txn, err));
	return retention_look(txn, walk, due_out, err);
}

static enum status remove_some(struct catalog_txn *txn, void *state, struct error *err)
{
	static const struct author author = {"retention", ""};
	struct removing *removing = state;
	catalog_act_as(txn, &author);
	removing->then = removing->due;
	return retention_remove(txn, &removing->then, HANDFUL, &removing->removed, err);
}

/* One step: another look, or one write of what the last look found. */
static enum status step(struct daemon *daemon, struct retention_walk *walk,
	struct retention_due *due, struct error *err)
{
	struct removing removing = {.due = *due};
	if (due->table == 0)
		return look(daemon, walk, due, err);
	TRY(catalog_write_now(daemon->catalog, remove_some, &removing, err));
	*due = removing.then;
	return STATUS_OK;
}

int64_t retention_chore(struct daemon *daemon)
{
	static struct retention_walk walk; /* of the chores' thread alone */
	static struct retention_due due;
	struct error err;
	if (step(daemon, &walk, &due, &err) != STATUS_OK) {
		log_line(LOG_WARN, "old versions could not be removed: %s", err.message);
		due = (struct retention_due){0};
		walk = (struct retention_walk){0};
		return REST_MS;
	}
	if (due.table || !walk.ended)
		return 0;
	bool again = walk.cut;
	walk = (struct retention_walk){0};
	return again ? 0 : REST_MS;
}

static enum status look_for_dropped(struct daemon *daemon, bool *due_out, struct error *err)
{
	OWNED(catalog_txn) txn = NULL;
	TRY(catalog_read(daemon->catalog, &txn, err));
	return dropped_due(txn, due_out, err);
}

static enum status purge_some(struct catalog_txn *txn, void *state, struct error *err)
{
	static const struct author author = {"retention", ""};
	catalog_act_as(txn, &author);
	return dropped_purge(txn, PURGED, state, err);
}

int64_t dropped_chore(struct daemon *daemon)
{
	struct error err;
	bool more = false;
	enum status status = look_for_dropped(daemon, &more, &err);
	if (status == STATUS_OK && more)
		status = catalog_write_now(daemon->catalog, purge_some, &more, &err);
	if (status == STATUS_OK)
		return more ? 0 : REST_MS;
	log_line(LOG_WARN, "what was dropped could not be purged: %s", err.message);
	return REST_MS;
}
