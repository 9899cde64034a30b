#include "catalog/dropped.h"
#include "service/allow.h"

/* The Catalog service's dropped tables and databases. */

static enum status undrop_table(struct request *request, struct catalog_txn *txn, struct error *err)
{
	const Tenon__V1__UndropTableRequest *in = request->in;
	Tenon__V1__UndropTableResponse *out =
		ANSWER(Tenon__V1__UndropTableResponse, TENON__V1__UNDROP_TABLE_RESPONSE__INIT);
	return table_undrop(txn, text_of(in->database), text_of(in->name), in->drop_id,
		text_of(in->new_name), request->arena, &out->table, err);
}

static enum status undrop_database(
	struct request *request, struct catalog_txn *txn, struct error *err)
{
	const Tenon__V1__UndropDatabaseRequest *in = request->in;
	Tenon__V1__UndropDatabaseResponse *out = ANSWER(
		Tenon__V1__UndropDatabaseResponse, TENON__V1__UNDROP_DATABASE_RESPONSE__INIT);
	return database_undrop(txn, text_of(in->name), in->drop_id, text_of(in->new_name),
		request->arena, &out->database, &out->tables, err);
}

static enum status list_dropped(struct request *request, struct catalog_txn *txn, struct error *err)
{
	const Tenon__V1__ListDroppedRequest *in = request->in;
	Tenon__V1__ListDroppedResponse *out =
		ANSWER(Tenon__V1__ListDroppedResponse, TENON__V1__LIST_DROPPED_RESPONSE__INIT);
	struct text next = TEXT("");
	TRY(dropped_list(txn, text_of(in->database), text_of(in->page_token),
		page_rows(in->page_size), request->arena, &out->dropped, &out->n_dropped, &next,
		err));
	out->next_page_token = wire_text(request->arena, next);
	return STATUS_OK;
}

static const struct method rows[] = {
	{"UndropTable", NEED_WRITE, .write = undrop_table},
	{"UndropDatabase", NEED_WRITE, .write = undrop_database},
	{"ListDropped", NEED_KNOWN, .read = list_dropped, .allow = allow_seen},
};

const struct methods dropped_methods = METHODS(rows);
