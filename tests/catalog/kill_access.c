#include "tests/catalog/kill_make.h"

#include "catalog/audit.h"
#include "catalog/grants.h"
#include "catalog/tokens.h"

#include <inttypes.h>

/* ---- grants: made, widened, taken away ---- */

static enum status grant_write(struct catalog_txn *txn, const struct kill_cell *cell, uint64_t step,
	struct arena *arena, struct error *err)
{
	Tenon__V1__Action action =
		step % 3 == 1 ? TENON__V1__ACTION__ACTION_READ : TENON__V1__ACTION__ACTION_WRITE;
	Tenon__V1__Grant grant = TENON__V1__GRANT__INIT;
	Tenon__V1__Grant *now;
	uint64_t made = step % 3 ? step - step % 3 : step - 3;
	grant.principal = arena_text(arena, text_of(cell->name));
	grant.database = arena_text(arena, text_of(cell->database));
	grant.table = kill_number(arena, made);
	grant.actions = &action;
	grant.n_actions = step % 3 ? 1 : 0;
	return step % 3 ? grant_put(txn, &grant, arena, &now, err) : grant_delete(txn, &grant, err);
}

static bool grant_is_at(struct catalog_txn *txn, const struct kill_cell *cell, uint64_t step,
	struct arena *arena, struct error *err)
{
	Tenon__V1__Grant **all;
	struct text next;
	size_t count;
	if (grant_list(txn, text_of(cell->name), TEXT(""), 10, arena, &all, &count, &next, err) !=
		STATUS_OK)
		return false;
	return step % 3 == 0 ? count == 0
			     : count == 1 && all[0]->n_actions == step % 3 &&
				       kill_says(all[0]->table, step - step % 3);
}

/* ---- tokens: made, used, revoked; another one after that ---- */

static uint64_t token_id(const struct kill_cell *cell, uint64_t step)
{
	return (cell->writer + 1) << 32 | (step + 2) / 3;
}

static enum status token_write(struct catalog_txn *txn, const struct kill_cell *cell, uint64_t step,
	struct arena *arena, struct error *err)
{
	static const unsigned char hash[BEARER_HASH_BYTES] = "the same for all";
	struct bearer_use use = {token_id(cell, step), (int64_t)step};
	Tenon__V1__Token token = TENON__V1__TOKEN__INIT;
	Tenon__V1__Token *now;
	token.id = arena_printf(arena, "%016" PRIx64, use.id);
	switch (step % 3) {
	case 1:
		token.principal = arena_text(arena, text_of(cell->name));
		return bearer_put(txn, &token, hash, arena, &now, err);
	case 2:
		return bearer_used(txn, &use, 1, err);
	default:
		return bearer_revoke(txn, text_of(token.id), TEXT(""), err);
	}
}

/* Those that were revoked stay until the chores forget them. */
static bool token_is_at(struct catalog_txn *txn, const struct kill_cell *cell, uint64_t step,
	struct arena *arena, struct error *err)
{
	const char *id = arena_printf(arena, "%016" PRIx64, token_id(cell, step));
	Tenon__V1__Token **all;
	struct text next;
	size_t count;
	size_t good = 0;
	if (bearer_list(txn, text_of(cell->name), TEXT(""), 100, arena, &all, &count, &next, err) !=
		STATUS_OK)
		return false;
	for (size_t i = 0; i < count; i++) {
		if (all[i]->revoked)
			continue;
		if (strcmp(all[i]->id, id) != 0 ||
			all[i]->last_used_time_us != (step % 3 == 2 ? (int64_t)step : 0))
			return false;
		good++;
	}
	return good == (step % 3 ? 1 : 0);
}

/* ---- the audit log: one entry more with each step ---- */

static enum status audit_write(struct catalog_txn *txn, const struct kill_cell *cell, uint64_t step,
	struct arena *arena, struct error *err)
{
	Tenon__V1__AuditEntry entry = TENON__V1__AUDIT_ENTRY__INIT;
	entry.principal = arena_text(arena, text_of(cell->name));
	entry.kind = arena_text(arena, TEXT("write"));
	entry.resource = kill_number(arena, step);
	return audit_append(txn, &entry, err);
}

static bool audit_is_at(struct catalog_txn *txn, const struct kill_cell *cell, uint64_t step,
	struct arena *arena, struct error *err)
{
	Tenon__V1__ListAuditRequest request = TENON__V1__LIST_AUDIT_REQUEST__INIT;
	Tenon__V1__ListAuditResponse now = TENON__V1__LIST_AUDIT_RESPONSE__INIT;
	request.principal = arena_text(arena, text_of(cell->name));
	request.page_token = arena_text(arena, TEXT(""));
	do {
		if (audit_list(txn, &request, 1000, arena, &now, err) != STATUS_OK)
			return false;
		request.page_token = now.next_page_token;
	} while (now.n_entries == 0 && *now.next_page_token);
	if (now.n_entries != step)
		return false;
	bool right = true;
	for (size_t i = 0; i < now.n_entries; i++)
		right = right && kill_says(now.entries[i]->resource, step - i);
	return right;
}

static const struct kill_kind rows[] = {
	{"grant", grant_write, grant_is_at},
	{"token", token_write, token_is_at},
	{"audit", audit_write, audit_is_at},
};

const struct kill_family kill_access = KILL_FAMILY(rows);
