#include "catalog/search.h"
#include "service/serve.h"

/* The Catalog service's search. It may look at tens of thousands of tables, which is
 * too long for a poller. */
static enum status search_tables(struct request *request, struct error *err)
{
	const Tenon__V1__SearchTablesRequest *in = request->in;
	Tenon__V1__SearchTablesResponse *out =
		ANSWER(Tenon__V1__SearchTablesResponse, TENON__V1__SEARCH_TABLES_RESPONSE__INIT);
	OWNED(catalog_txn) txn = NULL;
	TRY(request_read(request, &txn, err));
	return table_search(txn, in, page_rows(in->page_size), request->arena, out, err);
}

static const struct method rows[] = {
	{"SearchTables", NEED_KNOWN, .slow = search_tables},
};

const struct methods search_methods = METHODS(rows);
