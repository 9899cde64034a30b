#include "catalog/conflicts.h"
#include "service/allow.h"
#include "service/serve.h"

/* Conflicts of the Catalog service. */

static enum status list(struct request *request, struct catalog_txn *txn, struct error *err)
{
	const Tenon__V1__ListConflictsRequest *in = request->in;
	Tenon__V1__ListConflictsResponse *out =
		ANSWER(Tenon__V1__ListConflictsResponse, TENON__V1__LIST_CONFLICTS_RESPONSE__INIT);
	struct text next = TEXT("");
	TRY(conflicts_list(txn, in, page_rows(in->page_size), request->arena, &out->conflicts,
		&out->n_conflicts, &next, err));
	out->next_page_token = wire_text(request->arena, next);
	return STATUS_OK;
}

static enum status resolve(struct request *request, struct catalog_txn *txn, struct error *err)
{
	const Tenon__V1__ResolveConflictRequest *in = request->in;
	Tenon__V1__ResolveConflictResponse *out = ANSWER(
		Tenon__V1__ResolveConflictResponse, TENON__V1__RESOLVE_CONFLICT_RESPONSE__INIT);
	request_reason(request, txn, in->reason);
	return conflict_resolve(txn, in, request->arena, &out->table, &out->resolved, err);
}

static const struct method rows[] = {
	{"ListConflicts", NEED_KNOWN, .read = list, .allow = allow_seen},
	{"ResolveConflict", NEED_WRITE, .write = resolve},
};

const struct methods conflict_methods = METHODS(rows);
