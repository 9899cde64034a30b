#include "tests/catalog/kill_make.h"

#include "catalog/partitions.h"

#include <inttypes.h>

char *kill_number(struct arena *arena, uint64_t number)
{
	return arena_printf(arena, "%" PRIu64, number);
}

bool kill_says(const char *text, uint64_t step)
{
	char expected[24];
	(void)snprintf(expected, sizeof expected, "%" PRIu64, step);
	return strcmp(text, expected) == 0;
}

Tenon__V1__Column *kill_column(struct arena *arena, const char *name, const char *type)
{
	Tenon__V1__Column *column = arena_alloc(arena, sizeof *column);
	tenon__v1__column__init(column);
	column->name = arena_text(arena, text_of(name));
	column->type = arena_text(arena, text_of(type));
	return column;
}

Tenon__V1__Table *kill_table(
	struct arena *arena, const char *database, const char *name, uint64_t step, bool wide)
{
	Tenon__V1__Table *table = arena_alloc(arena, sizeof *table);
	tenon__v1__table__init(table);
	table->database = arena_text(arena, text_of(database));
	table->name = arena_text(arena, text_of(name));
	table->description = arena_printf(arena, "step%" PRIu64 "of%s", step, database);
	table->storage = arena_alloc(arena, sizeof *table->storage);
	tenon__v1__storage_descriptor__init(table->storage);
	table->storage->location = arena_printf(arena, "/lake/%s/%s", database, name);
	table->storage->columns = arena_array(arena, 3, sizeof *table->storage->columns);
	table->storage->columns[0] = kill_column(arena, "a", "int");
	table->storage->columns[1] = kill_column(arena, "b", "string");
	table->storage->columns[2] = kill_column(arena, "c", "int");
	table->storage->n_columns = wide ? 3 : 2;
	table->partition_keys = arena_array(arena, 1, sizeof *table->partition_keys);
	table->partition_keys[0] = kill_column(arena, "k", "int");
	table->n_partition_keys = 1;
	return table;
}

enum status kill_database(struct catalog_txn *txn, const char *name, uint64_t step,
	struct arena *arena, struct error *err)
{
	Tenon__V1__Database database = TENON__V1__DATABASE__INIT;
	Tenon__V1__Database *made;
	Tenon__V1__Table *table;
	database.name = arena_text(arena, text_of(name));
	database.description = kill_number(arena, step);
	TRY(database_put(txn, &database, false, arena, &made, err));
	return table_create(txn, kill_table(arena, name, "t", 0, false), arena, &table, err);
}

bool kill_find(struct catalog_txn *txn, const char *database, const char *name, struct arena *arena,
	Tenon__V1__Table **table_out, struct error *err)
{
	return table_get(txn, text_of(database), text_of(name), arena, table_out, err) == STATUS_OK;
}

Tenon__V1__Partition *kill_partition(struct arena *arena, uint64_t key, uint64_t step)
{
	Tenon__V1__Partition *partition = arena_alloc(arena, sizeof *partition);
	tenon__v1__partition__init(partition);
	partition->values = arena_array(arena, 1, sizeof *partition->values);
	partition->values[0] = kill_number(arena, key);
	partition->n_values = 1;
	partition->storage = arena_alloc(arena, sizeof *partition->storage);
	tenon__v1__storage_descriptor__init(partition->storage);
	partition->storage->location = kill_number(arena, step);
	return partition;
}

enum status kill_fill(struct catalog_txn *txn, const char *database, const char *name,
	uint64_t step, struct arena *arena, struct error *err)
{
	bool created;
	for (uint64_t key = 0; key < KILL_BATCH; key++)
		TRY(partition_create(txn, text_of(database), text_of(name),
			kill_partition(arena, key, step), false, &created, err));
	return STATUS_OK;
}

bool kill_is_filled(struct catalog_txn *txn, const char *database, const char *name, uint64_t step,
	struct arena *arena)
{
	Tenon__V1__Partition **all;
	struct error err;
	struct text next;
	size_t count;
	if (partition_list(txn, text_of(database), text_of(name), TEXT(""), TEXT(""), 100, arena,
		    &all, &count, &next, &err) != STATUS_OK)
		return false;
	bool right = count == KILL_BATCH;
	for (size_t i = 0; i < count; i++)
		right = right && all[i]->storage && kill_says(all[i]->storage->location, step);
	return right;
}
