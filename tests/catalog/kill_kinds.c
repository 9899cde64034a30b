#include "tests/catalog/kill_make.h"

#include <inttypes.h>

extern const struct kill_family kill_resources;
extern const struct kill_family kill_tables;
extern const struct kill_family kill_access;
extern const struct kill_family kill_registry;

static const struct kill_family *const families[] = {
	&kill_resources, &kill_tables, &kill_access, &kill_registry};

enum { FAMILIES = sizeof families / sizeof *families };

size_t kill_kind_count(void)
{
	size_t count = 0;
	for (size_t i = 0; i < FAMILIES; i++)
		count += families[i]->count;
	return count;
}

const struct kill_kind *kill_kind_of(uint64_t writer)
{
	size_t at = writer % kill_kind_count();
	size_t i = 0;
	for (; at >= families[i]->count; i++)
		at -= families[i]->count;
	return &families[i]->kinds[at];
}

static struct kill_cell cell_of(struct arena *arena, uint64_t writer)
{
	return (struct kill_cell){
		.database = arena_printf(arena, "d%" PRIu64, writer),
		.name = arena_printf(arena, "w%" PRIu64, writer),
		.writer = writer,
	};
}

enum status kill_write(struct catalog_txn *txn, uint64_t writer, uint64_t step, struct error *err)
{
	OWNED(arena) arena = arena_new();
	struct kill_cell cell = cell_of(arena, writer);
	if (step == 1)
		return kill_database(txn, cell.database, 1, arena, err);
	return kill_kind_of(writer)->write(txn, &cell, step - 1, arena, err);
}

bool kill_is_at(struct catalog_txn *txn, uint64_t writer, uint64_t step)
{
	OWNED(arena) arena = arena_new();
	struct kill_cell cell = cell_of(arena, writer);
	struct error err;
	Tenon__V1__Table *table;
	bool made = kill_find(txn, cell.database, "t", arena, &table, &err);
	if (step == 0)
		return !made;
	return made && kill_kind_of(writer)->is_at(txn, &cell, step - 1, arena, &err);
}
