#include "base/varint.h"
#include "catalog/tables.h"
#include "catalog/version_keep.h"
#include "service/allow.h"
#include "service/schema_reference.h"
#include "service/serve.h"

/* The Catalog service's tables. */

enum { TABLE_TAG = 1 << 3 | 2 /* field 1, with a length */, TABLE_FIELD = TABLE_TAG >> 3 };

/* The answer's field 1 is the table as it was written: its record is put into the answer as
 * a field that protobuf-c does not know, and so packs as it is. One whose columns are those
 * of a schema has them filled in, and is packed as usual. */
static enum status answer_written(struct request *request, struct catalog_txn *txn,
	ProtobufCMessage *answer, Tenon__V1__Table **table, struct error *err)
{
	struct arena *arena = request->arena;
	struct text stored;
	if ((*table)->storage && (*table)->storage->schema)
		return table_with_schema(txn, arena, *table, err);
	TRY(table_bytes_by_id(txn, (*table)->id, &stored, err));
	char *bytes = arena_alloc(arena, VARINT_BYTES_MAX + stored.length);
	size_t length = varint_put(bytes, stored.length);
	memcpy(bytes + length, stored.at, stored.length);
	ProtobufCMessageUnknownField *field = arena_alloc(arena, sizeof *field);
	*field = (ProtobufCMessageUnknownField){.tag = TABLE_FIELD,
		.wire_type = PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED,
		.len = length + stored.length,
		.data = (uint8_t *)bytes};
	answer->unknown_fields = field;
	answer->n_unknown_fields = 1;
	*table = NULL;
	return STATUS_OK;
}

static enum status create_table(struct request *request, struct catalog_txn *txn, struct error *err)
{
	const Tenon__V1__CreateTableRequest *in = request->in;
	Tenon__V1__CreateTableResponse *out =
		ANSWER(Tenon__V1__CreateTableResponse, TENON__V1__CREATE_TABLE_RESPONSE__INIT);
	Tenon__V1__Table *table;
	TRY(require(in->table, "table", err));
	TRY(table_without_schema(txn, request->arena, in->table, &table, err));
	TRY(table_create(txn, table, request->arena, &out->table, err));
	return answer_written(request, txn, &out->base, &out->table, err);
}

static enum status update_table(struct request *request, struct catalog_txn *txn, struct error *err)
{
	const Tenon__V1__UpdateTableRequest *in = request->in;
	Tenon__V1__UpdateTableResponse *out =
		ANSWER(Tenon__V1__UpdateTableResponse, TENON__V1__UPDATE_TABLE_RESPONSE__INIT);
	Tenon__V1__Table *table;
	TRY(require(in->table, "table", err));
	TRY(table_without_schema(txn, request->arena, in->table, &table, err));
	request_reason(request, txn, in->reason);
	bool changed = false;
	enum status status = table_update(txn, table, in->check_version ? &in->version : NULL,
		request->arena, &out->table, &changed, err);
	out->changed = changed;
	if (status == STATUS_OK && changed && in->skip_archive)
		TRY(version_skip(txn, out->table, err));
	if (status == STATUS_NOT_FOUND && in->create_if_missing) {
		out->changed = true;
		out->created = true;
		status = table_create(txn, table, request->arena, &out->table, err);
	}
	TRY(status);
	return answer_written(request, txn, &out->base, &out->table, err);
}

static enum status get_table_unpacked(
	struct request *request, struct catalog_txn *txn, struct error *err)
{
	const Tenon__V1__GetTableRequest *in = request->in;
	Tenon__V1__GetTableResponse *out =
		ANSWER(Tenon__V1__GetTableResponse, TENON__V1__GET_TABLE_RESPONSE__INIT);
	if (in->as_of_time_us)
		TRY(table_get_as_of(txn, text_of(in->database), text_of(in->name),
			in->as_of_time_us, request->arena, &out->table, err));
	else
		TRY(table_get(txn, text_of(in->database), text_of(in->name), request->arena,
			&out->table, err));
	return table_with_schema(txn, request->arena, out->table, err);
}

/* The stored bytes are field 1 of the answer as they are: a tag, their length, and
 * nothing is unpacked. */
static void get_table(struct request *request)
{
	const Tenon__V1__GetTableRequest *in = request->in;
	struct error err;
	OWNED(catalog_txn) txn = NULL;
	struct text stored;
	enum status status = catalog_read(request->daemon->catalog, &txn, &err);
	if (status == STATUS_OK && in->as_of_time_us) {
		status = get_table_unpacked(request, txn, &err);
		catalog_txn_free(TAKE(txn));
		request_end(request, status, &err);
		return;
	}
	if (status == STATUS_OK)
		status = table_get_bytes(
			txn, text_of(in->database), text_of(in->name), &stored, &err);
	if (status == STATUS_OK && table_names_schema(stored)) {
		status = get_table_unpacked(request, txn, &err);
		catalog_txn_free(TAKE(txn));
		request_end(request, status, &err);
		return;
	}
	if (status != STATUS_OK) {
		request_end(request, status, &err);
		return;
	}
	request_note(request, STATUS_OK, NULL);
	char head[1 + VARINT_BYTES_MAX] = {TABLE_TAG};
	size_t length = 1 + varint_put(head + 1, stored.length);
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
	for (size_t i = 0; i < out->n_tables && !in->names_only; i++)
		TRY(table_with_schema(txn, request->arena, out->tables[i], err));
	out->next_page_token = wire_text(request->arena, next);
	return STATUS_OK;
}

static enum status delete_table(struct request *request, struct catalog_txn *txn, struct error *err)
{
	const Tenon__V1__DeleteTableRequest *in = request->in;
	(void)ANSWER(Tenon__V1__DeleteTableResponse, TENON__V1__DELETE_TABLE_RESPONSE__INIT);
	return table_delete(txn, text_of(in->database), text_of(in->name), err);
}

/* Each of them goes or stays alone. */
static enum status delete_tables(
	struct request *request, struct catalog_txn *txn, struct error *err)
{
	enum { TABLES_MAX = 100 }; /* as catalog.proto says */
	const Tenon__V1__DeleteTablesRequest *in = request->in;
	Tenon__V1__DeleteTablesResponse *out =
		ANSWER(Tenon__V1__DeleteTablesResponse, TENON__V1__DELETE_TABLES_RESPONSE__INIT);
	Tenon__V1__Database *database;
	TRY(batch_check(in->n_names, TABLES_MAX, "tables", err));
	TRY(database_get(txn, text_of(in->database), request->arena, &database, err));
	out->errors = arena_array(request->arena, in->n_names, sizeof *out->errors);
	for (size_t i = 0; i < in->n_names; i++) {
		enum status status =
			table_delete(txn, text_of(in->database), text_of(in->names[i]), err);
		if (fails_the_call(status))
			return status;
		if (status != STATUS_OK)
			out->errors[out->n_errors++] = item_error(request->arena, i, err);
	}
	return STATUS_OK;
}

static enum status rename_table(struct request *request, struct catalog_txn *txn, struct error *err)
{
	const Tenon__V1__RenameTableRequest *in = request->in;
	Tenon__V1__RenameTableResponse *out =
		ANSWER(Tenon__V1__RenameTableResponse, TENON__V1__RENAME_TABLE_RESPONSE__INIT);
	Tenon__V1__Table *table;
	TRY(table_get(txn, text_of(in->database), text_of(in->name), request->arena, &table, err));
	const char *database = in->new_database[0] ? in->new_database : table->database;
	const char *name = in->new_name[0] ? in->new_name : table->name;
	TRY(table_rename(txn, table->id, text_of(database), text_of(name), err));
	return table_by_id(txn, table->id, request->arena, &out->table, err);
}

/* Whoever names a schema for a table's columns must be allowed to read it. */
static enum status allow_definition(
	struct request *request, const Tenon__V1__Table *table, struct error *err)
{
	const Tenon__V1__SchemaReference *schema =
		table && table->storage ? table->storage->schema : NULL;
	TRY(request_may_all(request, RIGHT_WRITE, err));
	if (!schema)
		return STATUS_OK;
	struct place place = place_of_schema(text_of(schema->registry), text_of(schema->schema),
		schema->version_id[0], request->arena);
	return request_may(request, RIGHT_READ, &place, err);
}

static enum status allow_create(struct request *request, struct error *err)
{
	const Tenon__V1__CreateTableRequest *in = request->in;
	return allow_definition(request, in->table, err);
}

static enum status allow_update(struct request *request, struct error *err)
{
	const Tenon__V1__UpdateTableRequest *in = request->in;
	return allow_definition(request, in->table, err);
}

static const struct method rows[] = {
	{"CreateTable", NEED_WRITE, .write = create_table, .allow = allow_create},
	{"UpdateTable", NEED_WRITE, .write = update_table, .allow = allow_update},
	{"GetTable", NEED_READ, .serve = get_table},
	{"ListTables", NEED_KNOWN, .read = list_tables, .allow = allow_seen},
	{"RenameTable", NEED_WRITE, .write = rename_table},
	{"DeleteTable", NEED_WRITE, .write = delete_table},
	{"DeleteTables", NEED_WRITE, .write = delete_tables},
};

const struct methods table_methods = METHODS(rows);
