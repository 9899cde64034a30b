#include "service/access_chore.h"

#include "base/clock.h"
#include "base/log.h"
#include "catalog/version_keep.h"

enum { USES = 1000, TRIM_BATCH = 1000, PURGE_BATCH = 100, STEP_MS = 1000, IDLE_MS = 60000 };
enum { DAY_S = 24 * 60 * 60, DEAD_DAYS = 30 };

static int64_t ago_us(int64_t seconds)
{
	return clock_now_us() - seconds * INT64_C(1000000);
}

static void complain(enum status status, const char *what, const struct error *err)
{
	if (status != STATUS_OK)
		log_line(LOG_WARN, "%s: %s", what, err->message);
}

static void flush(struct daemon *daemon)
{
	struct error err;
	complain(auditing_flush(daemon->auditing, &err), "the audit log was not written", &err);
}

struct uses {
	struct bearer_use at[USES];
	size_t count;
};

static enum status write_uses(struct catalog_txn *txn, void *state, struct error *err)
{
	const struct uses *uses = state;
	return bearer_used(txn, uses->at, uses->count, err);
}

static void store_uses(struct daemon *daemon)
{
	struct error err;
	struct uses uses;
	uses.count = access_uses(daemon->access, uses.at, USES);
	if (uses.count)
		complain(catalog_write_now(daemon->catalog, write_uses, &uses, &err),
			"uses of tokens were not stored", &err);
}

struct removal {
	int64_t told_s; /* how long tenond was told to keep audit entries */
	int64_t before_us;
	size_t gone;
};

static enum status trim(struct catalog_txn *txn, void *state, struct error *err)
{
	OWNED(arena) arena = arena_new();
	struct removal *removal = state;
	Tenon__V1__Retention *retention;
	bool own;
	TRY(retention_get(txn, TEXT(""), TEXT(""), arena, &retention, &own, err));
	int64_t age_s = retention_age_s(retention->audit_s, removal->told_s);
	return audit_trim(txn, age_s ? ago_us(age_s) : 0, LIMIT_AUDIT_ENTRIES, TRIM_BATCH,
		&removal->gone, err);
}

static enum status purge(struct catalog_txn *txn, void *state, struct error *err)
{
	static const struct author author = {"tenond", "revoked or expired long ago"};
	struct removal *removal = state;
	catalog_act_as(txn, &author);
	return bearer_purge(txn, removal->before_us, PURGE_BATCH, &removal->gone, err);
}

/* True when there is more to remove. */
static bool remove_old(struct daemon *daemon)
{
	struct error err;
	struct removal entries = {.told_s = (int64_t)daemon->options->audit_days * DAY_S};
	struct removal tokens = {.before_us = ago_us((int64_t)DEAD_DAYS * DAY_S)};
	enum status status = catalog_write_now(daemon->catalog, trim, &entries, &err);
	complain(status, "the audit log was not shortened", &err);
	bool more = status == STATUS_OK && entries.gone == TRIM_BATCH;
	status = catalog_write_now(daemon->catalog, purge, &tokens, &err);
	complain(status, "dead tokens were not forgotten", &err);
	return more || (status == STATUS_OK && tokens.gone == PURGE_BATCH);
}

int64_t access_chore(struct daemon *daemon)
{
	enum { RARELY = 60 }; /* steps */
	bool enforced = access_enforced(daemon->access);
	bool audits = auditing_level(daemon->auditing) != AUDIT_NONE;
	if (enforced)
		access_wake_expired(daemon->access, clock_now_us());
	if (audits)
		flush(daemon);
	if (daemon->access_steps++ % RARELY == 0) {
		store_uses(daemon);
		if (remove_old(daemon))
			daemon->access_steps = 0;
	}
	return enforced || audits ? STEP_MS : IDLE_MS;
}

void access_finish(struct daemon *daemon)
{
	if (!daemon->catalog || !daemon->access || !daemon->auditing)
		return;
	flush(daemon);
	store_uses(daemon);
}
