#include "tests/catalog/fixture.h"

#include "base/clock.h"

/* Random operations on the catalog and on a model that is a few arrays: they give
 * the same statuses, and everything that can be read is the same, also after a
 * reopen. MODEL_SEED repeats a run, MODEL_STEPS makes it longer. */
enum { DATABASES = 3, NAMES = 4, SHAPES = 5, VALUES = 12 };

static const char *const database_names[DATABASES] = {"a", "ab", "b"};
static const char *const table_names[NAMES] = {"t", "t1", "u", "zz"};
static const char *const shapes[SHAPES] = {
	"a int | k int",
	"a bigint | k int",
	"a int, b string | k int",
	"b string | k int",
	"a int, b array<struct<x:int>> | k int",
};
/* In their order as int keys. */
static const char *const values[VALUES] = {"__HIVE_DEFAULT_PARTITION__", "-7", "0", "00", "1", "2",
	"3", "10", "11", "100", "1000", "2147483647"};

struct model_table {
	bool exists;
	uint64_t id;
	uint64_t version;
	int shape;
	int versions[4000]; /* the shape at each version */
	bool partitions[VALUES];
};

struct model {
	bool databases[DATABASES];
	struct model_table tables[DATABASES][NAMES];
	unsigned seed;
	int step;
};

static int chance(struct model *model, int below)
{
	model->seed = model->seed * 1103515245u + 12345u;
	return (int)((model->seed >> 16) % (unsigned)below);
}

static void same_table(struct fixture *f, struct catalog_txn *txn, const struct model_table *model,
	const char *database, const char *name)
{
	Tenon__V1__Table *table;
	enum status status =
		table_get(txn, text_of(database), text_of(name), f->arena, &table, &f->err);
	assert_int_equal(status, model->exists ? STATUS_OK : STATUS_NOT_FOUND);
	if (!model->exists)
		return;
	assert_int_equal(table->id, model->id);
	assert_int_equal(table->version, model->version);
	Tenon__V1__Table *made = table_made(f->arena, database, name, shapes[model->shape]);
	assert_int_equal(table->storage->n_columns, made->storage->n_columns);
	for (size_t i = 0; i < table->storage->n_columns; i++) {
		assert_string_equal(
			table->storage->columns[i]->type, made->storage->columns[i]->type);
	}
	Tenon__V1__Partition **partitions;
	size_t count;
	struct text next;
	assert_ok(partition_list(txn, text_of(database), text_of(name), TEXT(""), TEXT(""), 0,
			  f->arena, &partitions, &count, &next, &f->err),
		&f->err);
	size_t at = 0;
	for (int i = 0; i < VALUES; i++) {
		if (!model->partitions[i])
			continue;
		assert_true(at < count);
		assert_string_equal(partitions[at++]->values[0], values[i]);
	}
	assert_int_equal(at, count);
	assert_int_equal(table->partition_count, count);
	uint64_t version = model->version;
	Tenon__V1__TableVersion **versions;
	assert_ok(version_list(txn, text_of(database), text_of(name), TEXT(""), 3, true, f->arena,
			  &versions, &count, &next, &f->err),
		&f->err);
	assert_int_equal(count, version + 1 < 3 ? version + 1 : 3);
	for (size_t i = 0; i < count; i++) {
		assert_int_equal(versions[i]->version, version - i);
		made = table_made(f->arena, database, name, shapes[model->versions[version - i]]);
		assert_int_equal(versions[i]->table->storage->n_columns, made->storage->n_columns);
		assert_string_equal(versions[i]->table->storage->columns[0]->type,
			made->storage->columns[0]->type);
	}
}

static void same_everything(struct fixture *f, const struct model *model)
{
	OWNED(catalog_txn) txn = NULL;
	assert_ok(catalog_read(f->catalog, &txn, &f->err), &f->err);
	Tenon__V1__Database **databases;
	Tenon__V1__Table **tables;
	size_t count;
	size_t at = 0;
	struct text next;
	assert_ok(database_list(txn, TEXT(""), 0, f->arena, &databases, &count, &next, &f->err),
		&f->err);
	for (int d = 0; d < DATABASES; d++) {
		if (!model->databases[d])
			continue;
		size_t expected = 0;
		for (int n = 0; n < NAMES; n++)
			expected += model->tables[d][n].exists;
		assert_true(at < count);
		assert_string_equal(databases[at]->name, database_names[d]);
		assert_int_equal(databases[at++]->table_count, expected);
		size_t listed;
		assert_ok(table_list(txn, text_of(database_names[d]), TEXT(""), 0, true, f->arena,
				  &tables, &listed, &next, &f->err),
			&f->err);
		assert_int_equal(listed, expected);
	}
	assert_int_equal(at, count);
	for (int d = 0; d < DATABASES; d++) {
		for (int n = 0; n < NAMES; n++)
			same_table(f, txn, &model->tables[d][n], database_names[d], table_names[n]);
	}
}

static void change_database(struct fixture *f, struct model *model, int d)
{
	bool there = model->databases[d];
	if (chance(model, 4)) {
		assert_int_equal(make_database(f, database_names[d]),
			there ? STATUS_ALREADY_EXISTS : STATUS_OK);
		model->databases[d] = true;
		return;
	}
	bool cascade = chance(model, 2);
	bool full = false;
	for (int n = 0; n < NAMES; n++)
		full = full || model->tables[d][n].exists;
	enum status expected = !there		  ? STATUS_NOT_FOUND
			       : full && !cascade ? STATUS_FAILED_PRECONDITION
						  : STATUS_OK;
	assert_int_equal(
		DO(f, .what = TASK_DATABASE_DELETE, .name = database_names[d], .flag = cascade),
		expected);
	if (expected != STATUS_OK)
		return;
	model->databases[d] = false;
	memset(model->tables[d], 0, sizeof model->tables[d]);
}

static void create(struct fixture *f, struct model *model, int d, int n)
{
	struct model_table *table = &model->tables[d][n];
	int shape = chance(model, SHAPES);
	enum status status = make_table(f, database_names[d], table_names[n], shapes[shape]);
	enum status expected = !model->databases[d] ? STATUS_NOT_FOUND
			       : table->exists	    ? STATUS_ALREADY_EXISTS
						    : STATUS_OK;
	assert_int_equal(status, expected);
	if (status != STATUS_OK)
		return;
	*table = (struct model_table){.exists = true, .shape = shape};
	table->id = get_table(f, database_names[d], table_names[n])->id;
	table->versions[0] = shape;
}

static void update(struct fixture *f, struct model *model, int d, int n)
{
	struct model_table *table = &model->tables[d][n];
	int shape = chance(model, SHAPES);
	Tenon__V1__Table *made =
		table_made(f->arena, database_names[d], table_names[n], shapes[shape]);
	/* A rename leaves the location behind; the model's tables keep theirs apart. */
	made->storage->location = arena_text(f->arena, TEXT(""));
	uint64_t version = table->version + (uint64_t)chance(model, 3);
	bool check = chance(model, 2);
	struct task task = {
		.what = TASK_TABLE_UPDATE, .message = made, .version = check ? &version : NULL};
	enum status status = task_run(f, &task);
	enum status expected = !table->exists			    ? STATUS_NOT_FOUND
			       : check && version != table->version ? STATUS_ABORTED
								    : STATUS_OK;
	assert_int_equal(status, expected);
	if (status != STATUS_OK || !task.changed) {
		assert_true(status != STATUS_OK || shape == table->shape);
		return;
	}
	assert_true(table->version < 3999);
	table->shape = shape;
	table->versions[++table->version] = shape;
}

static void move(struct fixture *f, struct model *model, int d, int n)
{
	int to_d = chance(model, DATABASES);
	int to_n = chance(model, NAMES);
	struct model_table *from = &model->tables[d][n];
	struct model_table *to = &model->tables[to_d][to_n];
	if (!from->exists)
		return;
	enum status expected = !model->databases[to_d]	  ? STATUS_NOT_FOUND
			       : to->exists && to != from ? STATUS_ALREADY_EXISTS
							  : STATUS_OK;
	assert_int_equal(DO(f, .what = TASK_TABLE_RENAME, .id = from->id,
				 .database = database_names[to_d], .name = table_names[to_n]),
		expected);
	if (expected != STATUS_OK || to == from)
		return;
	*to = *from;
	*from = (struct model_table){0};
}

static void drop(struct fixture *f, struct model *model, int d, int n)
{
	struct model_table *table = &model->tables[d][n];
	assert_int_equal(DO(f, .what = TASK_TABLE_DELETE, .database = database_names[d],
				 .name = table_names[n]),
		table->exists ? STATUS_OK : STATUS_NOT_FOUND);
	*table = (struct model_table){0};
}

static void partition(struct fixture *f, struct model *model, int d, int n)
{
	struct model_table *table = &model->tables[d][n];
	int v = chance(model, VALUES);
	bool *there = &table->partitions[v];
	if (chance(model, 3)) {
		assert_int_equal(
			make_partition(f, database_names[d], table_names[n], &values[v], 1),
			!table->exists ? STATUS_NOT_FOUND
			: *there       ? STATUS_ALREADY_EXISTS
				       : STATUS_OK);
		*there = table->exists;
	} else {
		assert_int_equal(DO(f, .what = TASK_PARTITION_DELETE, .database = database_names[d],
					 .name = table_names[n], .values = &values[v], .count = 1),
			table->exists && *there ? STATUS_OK : STATUS_NOT_FOUND);
		*there = false;
	}
}

static void random_operations_do_what_a_model_does(void **state)
{
	(void)state;
	static void (*const operations[])(struct fixture *, struct model *, int, int) = {create,
		create, create, update, update, update, move, drop, partition, partition, partition,
		partition, partition};
	struct fixture f;
	struct model *model = calloc(1, sizeof *model);
	uint64_t steps = 4000;
	uint64_t seed = (uint64_t)clock_now_us();
	if (getenv("MODEL_STEPS"))
		assert_true(text_uint64(text_of(getenv("MODEL_STEPS")), &steps));
	if (getenv("MODEL_SEED"))
		assert_true(text_uint64(text_of(getenv("MODEL_SEED")), &seed));
	model->seed = (unsigned)seed;
	print_message("MODEL_SEED=%u\n", model->seed);
	fixture_open(&f, 64 * 1024);
	for (uint64_t step = 0; step < steps; step++) {
		int d = chance(model, DATABASES);
		int n = chance(model, NAMES);
		if (chance(model, 25) == 0)
			change_database(&f, model, d);
		else
			operations[chance(model, sizeof operations / sizeof *operations)](
				&f, model, d, n);
		if (chance(model, 500) == 0)
			fixture_reopen(&f);
		if (chance(model, 50) == 0) {
			same_everything(&f, model);
			arena_reset(f.arena);
		}
	}
	fixture_reopen(&f);
	same_everything(&f, model);
	free(model);
	fixture_close(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_operations_do_what_a_model_does),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
