#include "service/schema_reference.h"

#include "catalog/registries.h"
#include "proto/wire.h"

bool table_names_schema(struct text stored)
{
	enum { TABLE_STORAGE = 5, STORAGE_SCHEMA = 14 };
	struct text storage = wire_field(stored, TABLE_STORAGE);
	return storage.at && wire_field(storage, STORAGE_SCHEMA).at;
}

static const Tenon__V1__SchemaReference *reference_of(const Tenon__V1__Table *table)
{
	return table->storage ? table->storage->schema : NULL;
}

static enum status version_of(struct catalog_txn *txn, struct arena *arena,
	const Tenon__V1__SchemaReference *reference, Tenon__V1__SchemaVersion **version_out,
	struct error *err)
{
	if (reference->version_id[0])
		return schema_version_get_by_id(
			txn, text_of(reference->version_id), arena, version_out, err);
	return schema_version_get(txn, text_of(reference->registry), text_of(reference->schema),
		reference->version, arena, version_out, err);
}

enum status table_without_schema(struct catalog_txn *txn, struct arena *arena,
	Tenon__V1__Table *table, Tenon__V1__Table **stored_out, struct error *err)
{
	const Tenon__V1__SchemaReference *reference = reference_of(table);
	Tenon__V1__SchemaVersion *version;
	*stored_out = table;
	if (!reference)
		return STATUS_OK;
	if (version_of(txn, arena, reference, &version, err) != STATUS_OK)
		return fail_within(err, "the columns of table '%s'", table->name);
	if (version->status != TENON__V1__SCHEMA_VERSION_STATUS__SCHEMA_VERSION_STATUS_AVAILABLE)
		return fail(err, STATUS_FAILED_PRECONDITION,
			"version %u of schema '%s' was not accepted: name another",
			version->version, version->schema);
	Tenon__V1__Table *stored = arena_alloc(arena, sizeof *stored);
	Tenon__V1__StorageDescriptor *storage = arena_alloc(arena, sizeof *storage);
	*stored = *table;
	*storage = *table->storage;
	stored->storage = storage;
	storage->n_columns = 0;
	*stored_out = stored;
	return STATUS_OK;
}

enum status table_with_schema(
	struct catalog_txn *txn, struct arena *arena, Tenon__V1__Table *table, struct error *err)
{
	const Tenon__V1__SchemaReference *reference = reference_of(table);
	Tenon__V1__SchemaVersion *version;
	if (!reference)
		return STATUS_OK;
	enum status status = version_of(txn, arena, reference, &version, err);
	if (status == STATUS_NOT_FOUND)
		return STATUS_OK;
	if (status != STATUS_OK)
		return status;
	table->storage->columns = version->columns;
	table->storage->n_columns = version->n_columns;
	return STATUS_OK;
}
