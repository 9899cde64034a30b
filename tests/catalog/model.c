#include "tests/catalog/model.h"

const char *const database_names[DATABASES] = {"a", "ab", "b"};
const char *const table_names[NAMES] = {"t", "t1", "u", "zz"};
/* In their order as int keys. */
const char *const values[VALUES] = {"__HIVE_DEFAULT_PARTITION__", "-7", "0", "00", "1", "2", "3",
	"10", "11", "100", "1000", "2147483647"};

static const struct {
	const char *columns;
	const char *a;
} shapes[SHAPES] = {
	{"a int | k int", "int"},
	{"a bigint | k int", "bigint"},
	{"a int, b string | k int", "int"},
	{"b string | k int", NULL},
	{"a int, b array<struct<x:int>> | k int", "int"},
};

int chance(struct model *model, int below)
{
	model->seed = model->seed * 1103515245u + 12345u;
	return (int)((model->seed >> 16) % (unsigned)below);
}

const char *shape_of_a(int shape)
{
	return shapes[shape].a;
}

Tenon__V1__Table *definition(struct fixture *f, const struct model_table *table,
	const struct model_version *version, int d, int n)
{
	/* Some of them are tables' names as well. */
	static const char *const said[MARKS] = {"", "u", "zz", "other"};
	Tenon__V1__Table *made = table_made(
		f->arena, database_names[d], table_names[n], shapes[version->shape].columns);
	made->description = arena_printf(f->arena, "mark%d %s", version->mark, said[version->mark]);
	made->storage->location =
		arena_text(f->arena, version->placed ? text_of(table->home) : TEXT(""));
	return made;
}

char *resource_of(struct fixture *f, int d, int n)
{
	if (n < 0)
		return arena_printf(f->arena, "database/%s", database_names[d]);
	return arena_printf(f->arena, "table/%s/%s", database_names[d], table_names[n]);
}

const char *label_text(int label)
{
	static const char *const texts[LABELS] = {"", "good", "better"};
	return texts[label];
}

const char *tag_text(struct fixture *f, int tag)
{
	return arena_printf(f->arena, "tagged%d", tag);
}
