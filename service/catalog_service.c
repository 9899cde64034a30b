#include "catalog/partitions.h"
#include "catalog/tables.h"
#include "service/serve.h"

/* The Catalog service: checks what the wire brings, calls the catalog room, fills
 * the answer. Each method is one row at the end. */

static const struct author local = {"local", ""};

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

static enum status create_table(struct request *request, struct catalog_txn *txn, struct error *err)
{
	const Tenon__V1__CreateTableRequest *in = request->in;
	Tenon__V1__CreateTableResponse *out =
		ANSWER(Tenon__V1__CreateTableResponse, TENON__V1__CREATE_TABLE_RESPONSE__INIT);
	TRY(require(in->table, "table", err));
	return table_create(txn, in->table, &local, request->arena, &out->table, err);
}

static enum status update_table(struct request *request, struct catalog_txn *txn, struct error *err)
{
	const Tenon__V1__UpdateTableRequest *in = request->in;
	Tenon__V1__UpdateTableResponse *out =
		ANSWER(Tenon__V1__UpdateTableResponse, TENON__V1__UPDATE_TABLE_RESPONSE__INIT);
	TRY(require(in->table, "table", err));
	struct author author = {local.name, in->reason};
	bool changed = false;
	enum status status = table_update(txn, in->table, in->check_version ? &in->version : NULL,
		&author, request->arena, &out->table, &changed, err);
	out->changed = changed;
	if (status != STATUS_NOT_FOUND || !in->create_if_missing)
		return status;
	out->changed = true;
	out->created = true;
	return table_create(txn, in->table, &author, request->arena, &out->table, err);
}

static size_t put_varint(char *at, uint64_t value)
{
	size_t length = 0;
	for (; value > 0x7f; value >>= 7)
		at[length++] = (char)(value | 0x80);
	at[length++] = (char)value;
	return length;
}

/* The stored bytes are field 1 of the answer as they are: a tag, their length, and
 * nothing is unpacked. */
static void get_table(struct request *request)
{
	enum { VARINT_MAX = 10, TABLE_TAG = 1 << 3 | 2 };
	const Tenon__V1__GetTableRequest *in = request->in;
	struct error err;
	OWNED(catalog_txn) txn = NULL;
	struct text stored;
	enum status status = catalog_read(request->daemon->catalog, &txn, &err);
	if (status == STATUS_OK)
		status = table_get_bytes(
			txn, text_of(in->database), text_of(in->name), &stored, &err);
	if (status != STATUS_OK) {
		request_end(request, status, &err);
		return;
	}
	char head[1 + VARINT_MAX] = {TABLE_TAG};
	size_t length = 1 + put_varint(head + 1, stored.length);
	rpc_reply_bytes(request->call, (struct text){head, length}, stored);
}

static enum status list_tables(struct request *request, struct catalog_txn *txn, struct error *err)
{
	const Tenon__V1__ListTablesRequest *in = request->in;
	Tenon__V1__ListTablesResponse *out =
		ANSWER(Tenon__V1__ListTablesResponse, TENON__V1__LIST_TABLES_RESPONSE__INIT);
	struct text next = TEXT("");
	TRY(table_list(txn, text_of(in->database), text_of(in->page_token),
		page_rows(in->page_size), in->names_only, request->arena, &out->tables,
		&out->n_tables, &next, err));
	out->next_page_token = wire_text(request->arena, next);
	return STATUS_OK;
}

static enum status delete_table(struct request *request, struct catalog_txn *txn, struct error *err)
{
	const Tenon__V1__DeleteTableRequest *in = request->in;
	(void)ANSWER(Tenon__V1__DeleteTableResponse, TENON__V1__DELETE_TABLE_RESPONSE__INIT);
	return table_delete(txn, text_of(in->database), text_of(in->name), err);
}

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

/* ---- partitions: each item succeeds or fails alone ---- */

static enum status check_batch(size_t count, struct error *err)
{
	if (count > LIMIT_PAGE)
		return fail(err, STATUS_RESOURCE_EXHAUSTED,
			"%zu partitions in one request, and %d is the most; send them in parts",
			count, LIMIT_PAGE);
	return STATUS_OK;
}

/* Whether the whole call fails with an item: what is not the item's own fault. */
static bool fails_the_call(enum status status)
{
	return status == STATUS_INTERNAL || status == STATUS_DATA_LOSS ||
	       status == STATUS_UNAVAILABLE;
}

static Tenon__V1__ItemError *item_error(struct arena *arena, size_t index, const struct error *item)
{
	Tenon__V1__ItemError *error = arena_alloc(arena, sizeof *error);
	*error = (Tenon__V1__ItemError)TENON__V1__ITEM_ERROR__INIT;
	error->index = (uint32_t)index;
	error->code = (int32_t)item->status;
	error->message = arena_text(arena, text_of(item->message));
	return error;
}

static enum status create_partitions(
	struct request *request, struct catalog_txn *txn, struct error *err)
{
	const Tenon__V1__CreatePartitionsRequest *in = request->in;
	Tenon__V1__CreatePartitionsResponse *out = ANSWER(
		Tenon__V1__CreatePartitionsResponse, TENON__V1__CREATE_PARTITIONS_RESPONSE__INIT);
	Tenon__V1__Table *table;
	TRY(check_batch(in->n_partitions, err));
	TRY(table_get(txn, text_of(in->database), text_of(in->table), request->arena, &table, err));
	out->errors = arena_array(request->arena, in->n_partitions, sizeof *out->errors);
	for (size_t i = 0; i < in->n_partitions; i++) {
		bool created;
		enum status status = partition_create(txn, text_of(in->database),
			text_of(in->table), in->partitions[i], in->if_not_exists, &created, err);
		if (fails_the_call(status))
			return status;
		if (status != STATUS_OK)
			out->errors[out->n_errors++] = item_error(request->arena, i, err);
	}
	return STATUS_OK;
}

static enum status get_partition(
	struct request *request, struct catalog_txn *txn, struct error *err)
{
	const Tenon__V1__GetPartitionRequest *in = request->in;
	Tenon__V1__GetPartitionResponse *out =
		ANSWER(Tenon__V1__GetPartitionResponse, TENON__V1__GET_PARTITION_RESPONSE__INIT);
	return partition_get(txn, text_of(in->database), text_of(in->table), in->values,
		in->n_values, request->arena, &out->partition, err);
}

static enum status list_partitions(
	struct request *request, struct catalog_txn *txn, struct error *err)
{
	const Tenon__V1__ListPartitionsRequest *in = request->in;
	Tenon__V1__ListPartitionsResponse *out = ANSWER(
		Tenon__V1__ListPartitionsResponse, TENON__V1__LIST_PARTITIONS_RESPONSE__INIT);
	struct text next = TEXT("");
	TRY(partition_list(txn, text_of(in->database), text_of(in->table), text_of(in->expression),
		text_of(in->page_token), page_rows(in->page_size), request->arena, &out->partitions,
		&out->n_partitions, &next, err));
	out->next_page_token = wire_text(request->arena, next);
	return STATUS_OK;
}

static enum status delete_partitions(
	struct request *request, struct catalog_txn *txn, struct error *err)
{
	const Tenon__V1__DeletePartitionsRequest *in = request->in;
	Tenon__V1__DeletePartitionsResponse *out = ANSWER(
		Tenon__V1__DeletePartitionsResponse, TENON__V1__DELETE_PARTITIONS_RESPONSE__INIT);
	Tenon__V1__Table *table;
	TRY(check_batch(in->n_partitions, err));
	TRY(table_get(txn, text_of(in->database), text_of(in->table), request->arena, &table, err));
	out->errors = arena_array(request->arena, in->n_partitions, sizeof *out->errors);
	for (size_t i = 0; i < in->n_partitions; i++) {
		enum status status =
			partition_delete(txn, text_of(in->database), text_of(in->table),
				in->partitions[i]->values, in->partitions[i]->n_values, err);
		if (fails_the_call(status))
			return status;
		if (status != STATUS_OK)
			out->errors[out->n_errors++] = item_error(request->arena, i, err);
	}
	return STATUS_OK;
}

static const struct method methods[] = {
	{"CreateDatabase", .write = create_database},
	{"GetDatabase", .read = get_database},
	{"ListDatabases", .read = list_databases},
	{"DeleteDatabase", .write = delete_database},
	{"CreateTable", .write = create_table},
	{"UpdateTable", .write = update_table},
	{"GetTable", .serve = get_table},
	{"ListTables", .read = list_tables},
	{"DeleteTable", .write = delete_table},
	{"ListTableVersions", .read = list_versions},
	{"GetTableVersion", .read = get_version},
	{"DiffTableVersions", .read = diff_versions},
	{"CreatePartitions", .write = create_partitions},
	{"GetPartition", .read = get_partition},
	{"ListPartitions", .read = list_partitions},
	{"DeletePartitions", .write = delete_partitions},
};

void catalog_service_init(struct service *service, struct daemon *daemon)
{
	service_init(service, &tenon__v1__catalog__descriptor, methods,
		sizeof methods / sizeof *methods, daemon);
}
