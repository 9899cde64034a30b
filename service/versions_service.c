#include "catalog/tables.h"
#include "service/serve.h"

/* The Catalog service's table versions. */

static enum status list_versions(
	struct request *request, struct catalog_txn *txn, struct error *err)
{
	const Tenon__V1__ListTableVersionsRequest *in = request->in;
	Tenon__V1__ListTableVersionsResponse *out = ANSWER(Tenon__V1__ListTableVersionsResponse,
		TENON__V1__LIST_TABLE_VERSIONS_RESPONSE__INIT);
	struct text next = TEXT("");
	TRY(version_list(txn, text_of(in->database), text_of(in->name), text_of(in->page_token),
		page_rows(in->page_size), in->with_tables, request->arena, &out->versions,
		&out->n_versions, &next, err));
	out->next_page_token = wire_text(request->arena, next);
	return STATUS_OK;
}

static enum status get_version(struct request *request, struct catalog_txn *txn, struct error *err)
{
	const Tenon__V1__GetTableVersionRequest *in = request->in;
	Tenon__V1__GetTableVersionResponse *out = ANSWER(
		Tenon__V1__GetTableVersionResponse, TENON__V1__GET_TABLE_VERSION_RESPONSE__INIT);
	return version_get(txn, text_of(in->database), text_of(in->name), in->version,
		request->arena, &out->version, err);
}

static enum status diff_versions(
	struct request *request, struct catalog_txn *txn, struct error *err)
{
	const Tenon__V1__DiffTableVersionsRequest *in = request->in;
	Tenon__V1__DiffTableVersionsResponse *out = NULL;
	TRY(version_diff(txn, text_of(in->database), text_of(in->name), in->from, in->to,
		request->arena, &out, err));
	request->out = out;
	return STATUS_OK;
}

static enum status rollback(struct request *request, struct catalog_txn *txn, struct error *err)
{
	const Tenon__V1__RollbackTableRequest *in = request->in;
	Tenon__V1__RollbackTableResponse *out =
		ANSWER(Tenon__V1__RollbackTableResponse, TENON__V1__ROLLBACK_TABLE_RESPONSE__INIT);
	request_reason(request, txn, in->reason);
	bool changed = false;
	TRY(table_rollback(txn, text_of(in->database), text_of(in->name), in->to,
		in->check_version ? &in->version : NULL, request->arena, &out->table, &changed,
		err));
	out->changed = changed;
	return STATUS_OK;
}

static const struct method rows[] = {
	{"ListTableVersions", NEED_READ, .read = list_versions},
	{"GetTableVersion", NEED_READ, .read = get_version},
	{"DiffTableVersions", NEED_READ, .read = diff_versions},
	{"RollbackTable", NEED_WRITE, .write = rollback},
};

const struct methods version_methods = METHODS(rows);
