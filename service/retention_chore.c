#include "service/retention_chore.h"

#include "base/log.h"
#include "catalog/version_keep.h"
#include "service/daemon.h"

enum { HANDFUL = 500, REST_MS = 60000 };

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
