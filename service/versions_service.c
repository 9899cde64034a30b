#include "catalog/tables.h"
#include "catalog/version_keep.h"
#include "service/allow.h"
#include "service/serve.h"

/* The Catalog service's table versions. */

static enum status list_versions(
	struct request *request, struct catalog_txn *txn, struct error *err)
{
	const Tenon__V1__ListTableVersionsRequest *in = request->in;
	Tenon__V1__ListTableVersionsResponse *out = ANSWER(Tenon__V1__ListTableVersionsResponse,
		TENON__V1__LIST_TABLE_VERSIONS_RESPONSE__INIT);
	struct text next = TEXT("");
	unsigned with = (in->with_tables ? VERSIONS_WITH_TABLES : VERSIONS_BARE) |
			(in->with_fields ? VERSIONS_WITH_FIELDS : VERSIONS_BARE);
	TRY(version_list(txn, text_of(in->database), text_of(in->name), text_of(in->page_token),
		page_rows(in->page_size), with, request->arena, &out->versions, &out->n_versions,
		&next, err));
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
		in->with_measures, request->arena, &out, err));
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

static enum status pin(struct request *request, struct catalog_txn *txn, struct error *err)
{
	const Tenon__V1__PinTableVersionRequest *in = request->in;
	Tenon__V1__PinTableVersionResponse *out = ANSWER(
		Tenon__V1__PinTableVersionResponse, TENON__V1__PIN_TABLE_VERSION_RESPONSE__INIT);
	if (in->unpin)
		return version_unpin(txn, text_of(in->database), text_of(in->name), in->version,
			request->arena, &out->version, err);
	return version_pin(txn, text_of(in->database), text_of(in->name), in->version,
		text_of(in->label), request->arena, &out->version, err);
}

/* Each of them goes or stays alone. */
static enum status delete_versions(
	struct request *request, struct catalog_txn *txn, struct error *err)
{
	enum { VERSIONS_MAX = 100 }; /* as catalog.proto says */
	const Tenon__V1__DeleteTableVersionsRequest *in = request->in;
	Tenon__V1__DeleteTableVersionsResponse *out = ANSWER(Tenon__V1__DeleteTableVersionsResponse,
		TENON__V1__DELETE_TABLE_VERSIONS_RESPONSE__INIT);
	struct text bytes;
	TRY(batch_check(in->n_versions, VERSIONS_MAX, "versions", err));
	TRY(table_get_bytes(txn, text_of(in->database), text_of(in->name), &bytes, err));
	out->errors = arena_array(request->arena, in->n_versions, sizeof *out->errors);
	for (size_t i = 0; i < in->n_versions; i++) {
		enum status status = version_delete(
			txn, text_of(in->database), text_of(in->name), in->versions[i], err);
		if (fails_the_call(status))
			return status;
		if (status != STATUS_OK)
			out->errors[out->n_errors++] = item_error(request->arena, i, err);
	}
	return STATUS_OK;
}

static enum status get_retention(
	struct request *request, struct catalog_txn *txn, struct error *err)
{
	const Tenon__V1__GetRetentionRequest *in = request->in;
	Tenon__V1__GetRetentionResponse *out =
		ANSWER(Tenon__V1__GetRetentionResponse, TENON__V1__GET_RETENTION_RESPONSE__INIT);
	bool own = false;
	TRY(retention_get(txn, text_of(in->database), text_of(in->name), request->arena,
		&out->retention, &own, err));
	out->own = own;
	return STATUS_OK;
}

static enum status put_retention(
	struct request *request, struct catalog_txn *txn, struct error *err)
{
	const Tenon__V1__PutRetentionRequest *in = request->in;
	Tenon__V1__PutRetentionResponse *out =
		ANSWER(Tenon__V1__PutRetentionResponse, TENON__V1__PUT_RETENTION_RESPONSE__INIT);
	bool own = false;
	TRY(retention_put(
		txn, text_of(in->database), text_of(in->name), in->retention, request->arena, err));
	return retention_get(txn, text_of(in->database), text_of(in->name), request->arena,
		&out->retention, &own, err);
}

static void wake_chores(struct request *request)
{
	if (request->daemon->chores)
		chores_wake(request->daemon->chores);
}

static const struct method rows[] = {
	{"ListTableVersions", NEED_READ, .read = list_versions},
	{"GetTableVersion", NEED_READ, .read = get_version},
	{"DiffTableVersions", NEED_READ, .read = diff_versions},
	{"RollbackTable", NEED_WRITE, .write = rollback},
	{"PinTableVersion", NEED_WRITE, .write = pin},
	{"DeleteTableVersions", NEED_WRITE, .write = delete_versions},
	{"GetRetention", NEED_READ, .read = get_retention, .allow = allow_seen},
	{"PutRetention", NEED_ADMIN, .write = put_retention, .after = wake_chores},
};

const struct methods version_methods = METHODS(rows);
