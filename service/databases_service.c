#include "catalog/tables.h"
#include "service/allow.h"

/* The Catalog service's databases. */

static enum status create_database(
	struct request *request, struct catalog_txn *txn, struct error *err)
{
	const Tenon__V1__CreateDatabaseRequest *in = request->in;
	Tenon__V1__CreateDatabaseResponse *out = ANSWER(
		Tenon__V1__CreateDatabaseResponse, TENON__V1__CREATE_DATABASE_RESPONSE__INIT);
	TRY(require(in->database, "database", err));
	return database_put(
		txn, in->database, in->if_not_exists, request->arena, &out->database, err);
}

static enum status get_database(struct request *request, struct catalog_txn *txn, struct error *err)
{
	const Tenon__V1__GetDatabaseRequest *in = request->in;
	Tenon__V1__GetDatabaseResponse *out =
		ANSWER(Tenon__V1__GetDatabaseResponse, TENON__V1__GET_DATABASE_RESPONSE__INIT);
	return database_get(txn, text_of(in->name), request->arena, &out->database, err);
}

static enum status list_databases(
	struct request *request, struct catalog_txn *txn, struct error *err)
{
	const Tenon__V1__ListDatabasesRequest *in = request->in;
	Tenon__V1__ListDatabasesResponse *out =
		ANSWER(Tenon__V1__ListDatabasesResponse, TENON__V1__LIST_DATABASES_RESPONSE__INIT);
	struct text next = TEXT("");
	TRY(database_list(txn, text_of(in->page_token), page_rows(in->page_size), request->arena,
		&out->databases, &out->n_databases, &next, err));
	out->next_page_token = wire_text(request->arena, next);
	return STATUS_OK;
}

static enum status delete_database(
	struct request *request, struct catalog_txn *txn, struct error *err)
{
	const Tenon__V1__DeleteDatabaseRequest *in = request->in;
	(void)ANSWER(Tenon__V1__DeleteDatabaseResponse, TENON__V1__DELETE_DATABASE_RESPONSE__INIT);
	return database_delete(txn, text_of(in->name), in->cascade, err);
}

static enum status update_database(
	struct request *request, struct catalog_txn *txn, struct error *err)
{
	const Tenon__V1__UpdateDatabaseRequest *in = request->in;
	Tenon__V1__UpdateDatabaseResponse *out = ANSWER(
		Tenon__V1__UpdateDatabaseResponse, TENON__V1__UPDATE_DATABASE_RESPONSE__INIT);
	TRY(require(in->database, "database", err));
	return database_update(
		txn, text_of(in->name), in->database, request->arena, &out->database, err);
}

static const struct method rows[] = {
	{"UpdateDatabase", NEED_WRITE, .write = update_database},
	{"CreateDatabase", NEED_WRITE, .write = create_database},
	{"GetDatabase", NEED_READ, .read = get_database, .allow = allow_seen},
	{"ListDatabases", NEED_KNOWN, .read = list_databases},
	{"DeleteDatabase", NEED_WRITE, .write = delete_database},
};

const struct methods database_methods = METHODS(rows);
