#include "tests/catalog/model.h"

#include "catalog/dropped.h"
#include "catalog/partition_indexes.h"
#include "catalog/statistics.h"
#include "catalog/tags.h"
#include "catalog/version_keep.h"

/* One write: what it is given, and what came of it. */
struct call {
	enum status (*apply)(struct catalog_txn *txn, struct call *call, struct error *err);
	struct fixture *f;
	int d, n;
	const char *new_name;
	Tenon__V1__Table *table;
	const uint64_t *expected_version;
	uint64_t number;
	int label;
	bool flag;
	bool changed;
	int items[5]; /* of a batch */
	enum status statuses[5];
};

static enum status call_apply(struct catalog_txn *txn, void *state, struct error *err)
{
	struct call *call = state;
	return call->apply(txn, call, err);
}

static enum status run(struct fixture *f, struct call *call)
{
	call->f = f;
	return catalog_write_now(f->catalog, call_apply, call, &f->err);
}

static struct text database_of(const struct call *call)
{
	return text_of(database_names[call->d]);
}

static struct text name_of(const struct call *call)
{
	return text_of(table_names[call->n]);
}

/* ---- databases ---- */

static void forget_drop(struct model_drop *drop)
{
	*drop = (struct model_drop){.order = 0};
}

static struct model_drop *new_drop(struct model *model, bool is_database, int d, int n)
{
	for (int i = 0; i < DROPS; i++) {
		struct model_drop *drop = &model->drops[i];
		if (drop->order)
			continue;
		drop->order = ++model->drops_made;
		drop->is_database = is_database;
		drop->d = d;
		drop->n = n;
		return drop;
	}
	fail_msg("no room for another drop");
	return NULL;
}

/* The last drop of a database of that name, or NULL. */
static struct model_drop *last_drop(struct model *model, int d)
{
	struct model_drop *last = NULL;
	for (int i = 0; i < DROPS; i++) {
		struct model_drop *drop = &model->drops[i];
		if (drop->order && drop->is_database && drop->d == d &&
			(!last || drop->order > last->order))
			last = drop;
	}
	return last;
}

static void database_drop(struct fixture *f, struct model *model, int d)
{
	struct model_database *database = &model->databases[d];
	bool cascade = chance(model, 2);
	bool full = false;
	for (int n = 0; n < NAMES; n++)
		full = full || database->tables[n].exists;
	enum status expected = !database->exists  ? STATUS_NOT_FOUND
			       : full && !cascade ? STATUS_FAILED_PRECONDITION
						  : STATUS_OK;
	assert_int_equal(
		DO(f, .what = TASK_DATABASE_DELETE, .name = database_names[d], .flag = cascade),
		expected);
	if (expected != STATUS_OK)
		return;
	new_drop(model, true, d, 0)->database = *database;
	*database = (struct model_database){.exists = false};
}

static enum status database_undrop_apply(
	struct catalog_txn *txn, struct call *call, struct error *err)
{
	Tenon__V1__Database *database;
	return database_undrop(txn, database_of(call), 0, text_of(call->new_name), call->f->arena,
		&database, &call->number, err);
}

static void database_back(struct fixture *f, struct model *model, int d)
{
	int to = chance(model, 2) ? d : chance(model, DATABASES);
	struct call call = {.apply = database_undrop_apply, .d = d};
	struct model_drop *drop = last_drop(model, d);
	call.new_name = to == d ? "" : database_names[to];
	assert_int_equal(run(f, &call), !drop			      ? STATUS_NOT_FOUND
					: model->databases[to].exists ? STATUS_ALREADY_EXISTS
								      : STATUS_OK);
	if (!drop || model->databases[to].exists)
		return;
	uint64_t tables = 0;
	for (int n = 0; n < NAMES; n++)
		tables += drop->database.tables[n].exists;
	assert_int_equal(call.number, tables);
	model->databases[to] = drop->database;
	forget_drop(drop);
}

static void change_database(struct fixture *f, struct model *model, int d)
{
	bool there = model->databases[d].exists;
	if (chance(model, 3) == 0) {
		database_drop(f, model, d);
	} else if (chance(model, 3) == 0) {
		database_back(f, model, d);
	} else {
		assert_int_equal(make_database(f, database_names[d]),
			there ? STATUS_ALREADY_EXISTS : STATUS_OK);
		model->databases[d].exists = true;
	}
}

/* ---- tables ---- */

static int64_t version_time(struct fixture *f, int d, int n, uint64_t version)
{
	OWNED(catalog_txn) txn = NULL;
	Tenon__V1__TableVersion *made;
	assert_ok(catalog_read(f->catalog, &txn, &f->err), &f->err);
	assert_ok(version_get(txn, text_of(database_names[d]), text_of(table_names[n]), version,
			  f->arena, &made, &f->err),
		&f->err);
	return made->time_us;
}

static struct model_version any_version(struct model *model)
{
	return (struct model_version){
		.shape = chance(model, SHAPES),
		.mark = chance(model, MARKS),
		.placed = chance(model, 2),
		.kept = true,
	};
}

static void create(struct fixture *f, struct model *model, int d, int n)
{
	struct model_table *table = &model->databases[d].tables[n];
	enum status expected = !model->databases[d].exists ? STATUS_NOT_FOUND
			       : table->exists		   ? STATUS_ALREADY_EXISTS
							   : STATUS_OK;
	struct model_table made = {.exists = true};
	made.versions[0] = any_version(model);
	(void)snprintf(made.home, sizeof made.home, "/lake/%d", (int)model->step);
	Tenon__V1__Table *wanted = definition(f, &made, &made.versions[0], d, n);
	assert_int_equal(DO(f, .what = TASK_TABLE_CREATE, .message = wanted), expected);
	if (expected != STATUS_OK)
		return;
	made.id = get_table(f, database_names[d], table_names[n])->id;
	made.versions[0].time_us = version_time(f, d, n, 0);
	*table = made;
}

/* A column that is of another type, or gone, takes its statistics along. */
static void follow_type(struct model_table *table, int shape)
{
	const char *before = shape_of_a(table->versions[table->version].shape);
	const char *after = shape_of_a(shape);
	if (before == after || (before && after && strcmp(before, after) == 0))
		return;
	table->nulls = 0;
	memset(table->partition_nulls, 0, sizeof table->partition_nulls);
}

static void add_version(struct fixture *f, struct model_table *table,
	const struct model_version *version, int d, int n)
{
	follow_type(table, version->shape);
	table->versions[++table->version] = *version;
	table->versions[table->version].time_us = version_time(f, d, n, table->version);
}

static bool is_same(const struct model_version *one, const struct model_version *other)
{
	return one->shape == other->shape && one->mark == other->mark &&
	       one->placed == other->placed;
}

static enum status update_apply(struct catalog_txn *txn, struct call *call, struct error *err)
{
	Tenon__V1__Table *table;
	TRY(table_update(txn, call->table, call->expected_version, call->f->arena, &table,
		&call->changed, err));
	return call->flag && call->changed ? version_skip(txn, table, err) : STATUS_OK;
}

static void update(struct fixture *f, struct model *model, int d, int n)
{
	struct model_table *table = &model->databases[d].tables[n];
	struct model_version version = any_version(model);
	uint64_t expected_version = table->version + (uint64_t)chance(model, 3) / 2;
	bool check = chance(model, 2);
	bool skip = chance(model, 5) == 0;
	struct call call = {
		.apply = update_apply,
		.table = definition(f, table, &version, d, n),
		.expected_version = check ? &expected_version : NULL,
		.flag = skip,
	};
	enum status expected = !table->exists				     ? STATUS_NOT_FOUND
			       : check && expected_version != table->version ? STATUS_ABORTED
									     : STATUS_OK;
	assert_int_equal(run(f, &call), expected);
	if (expected != STATUS_OK)
		return;
	struct model_version *before = &table->versions[table->version];
	assert_int_equal(call.changed, !is_same(before, &version));
	if (!call.changed)
		return;
	add_version(f, table, &version, d, n);
	before->kept = before->pinned || !skip;
}

static void roll_back(struct fixture *f, struct model *model, int d, int n)
{
	struct model_table *table = &model->databases[d].tables[n];
	uint64_t to = (uint64_t)chance(model, (int)table->version + 1);
	struct task task = {.what = TASK_TABLE_ROLLBACK,
		.database = database_names[d],
		.name = table_names[n],
		.id = to};
	enum status expected =
		table->exists && table->versions[to].kept ? STATUS_OK : STATUS_NOT_FOUND;
	assert_int_equal(task_run(f, &task), expected);
	if (expected != STATUS_OK)
		return;
	struct model_version version = table->versions[to];
	assert_int_equal(task.changed, !is_same(&version, &table->versions[table->version]));
	version.pinned = false;
	version.label = 0;
	if (task.changed)
		add_version(f, table, &version, d, n);
}

static void move(struct fixture *f, struct model *model, int d, int n)
{
	int to_d = chance(model, DATABASES);
	int to_n = chance(model, NAMES);
	struct model_table *from = &model->databases[d].tables[n];
	struct model_table *to = &model->databases[to_d].tables[to_n];
	if (!from->exists)
		return;
	enum status expected = !model->databases[to_d].exists ? STATUS_NOT_FOUND
			       : to->exists && to != from     ? STATUS_ALREADY_EXISTS
							      : STATUS_OK;
	assert_int_equal(DO(f, .what = TASK_TABLE_RENAME, .id = from->id,
				 .database = database_names[to_d], .name = table_names[to_n]),
		expected);
	if (expected != STATUS_OK || to == from)
		return;
	*to = *from;
	*from = (struct model_table){.exists = false};
}

static void drop(struct fixture *f, struct model *model, int d, int n)
{
	struct model_table *table = &model->databases[d].tables[n];
	assert_int_equal(DO(f, .what = TASK_TABLE_DELETE, .database = database_names[d],
				 .name = table_names[n]),
		table->exists ? STATUS_OK : STATUS_NOT_FOUND);
	if (!table->exists)
		return;
	new_drop(model, false, d, n)->database.tables[0] = *table;
	*table = (struct model_table){.exists = false};
}

static enum status undrop_apply(struct catalog_txn *txn, struct call *call, struct error *err)
{
	Tenon__V1__Table *table;
	return table_undrop(txn, database_of(call), name_of(call), 0, text_of(call->new_name),
		call->f->arena, &table, err);
}

/* The last table that was dropped under this name, alone or with its database; its drop
 * is forgotten when it was alone. NULL: there is none. */
static struct model_table *last_dropped(
	struct model *model, int d, int n, struct model_drop **drop_out)
{
	struct model_drop *last = NULL;
	for (int i = 0; i < DROPS; i++) {
		struct model_drop *drop = &model->drops[i];
		bool is = drop->d == d &&
			  (drop->is_database ? drop->database.tables[n].exists : drop->n == n);
		if (drop->order && is && (!last || drop->order > last->order))
			last = drop;
	}
	*drop_out = last;
	return !last ? NULL : &last->database.tables[last->is_database ? n : 0];
}

static void undrop(struct fixture *f, struct model *model, int d, int n)
{
	int to = chance(model, 2) ? n : chance(model, NAMES);
	struct call call = {.apply = undrop_apply, .d = d, .n = n};
	struct model_drop *of;
	struct model_table *last = last_dropped(model, d, n, &of);
	struct model_table *table = &model->databases[d].tables[to];
	call.new_name = to == n ? "" : table_names[to];
	enum status expected = !last || !model->databases[d].exists ? STATUS_NOT_FOUND
			       : table->exists			    ? STATUS_ALREADY_EXISTS
								    : STATUS_OK;
	assert_int_equal(run(f, &call), expected);
	if (expected != STATUS_OK)
		return;
	*table = *last;
	last->exists = false;
	if (!of->is_database)
		forget_drop(of);
}

/* ---- versions that stay, and those that go ---- */

static enum status pin_apply(struct catalog_txn *txn, struct call *call, struct error *err)
{
	Tenon__V1__TableVersion *version;
	if (call->flag)
		return version_unpin(txn, database_of(call), name_of(call), call->number,
			call->f->arena, &version, err);
	return version_pin(txn, database_of(call), name_of(call), call->number,
		text_of(label_text(call->label)), call->f->arena, &version, err);
}

static void pin(struct fixture *f, struct model *model, int d, int n)
{
	struct model_table *table = &model->databases[d].tables[n];
	struct call call = {.apply = pin_apply, .d = d, .n = n};
	call.number = (uint64_t)chance(model, (int)table->version + 2);
	call.flag = chance(model, 2);
	call.label = chance(model, LABELS);
	struct model_version *version = &table->versions[call.number];
	bool taken = false;
	for (uint64_t v = 0; !call.flag && call.label && v <= table->version; v++)
		taken = taken || (v != call.number && table->versions[v].pinned &&
					 table->versions[v].label == call.label);
	bool there = table->exists && call.number <= table->version && version->kept;
	enum status expected = !there  ? STATUS_NOT_FOUND
			       : taken ? STATUS_ALREADY_EXISTS
				       : STATUS_OK;
	assert_int_equal(run(f, &call), expected);
	if (expected != STATUS_OK)
		return;
	version->pinned = !call.flag;
	version->label = call.flag ? 0 : call.label;
}

static enum status version_delete_apply(
	struct catalog_txn *txn, struct call *call, struct error *err)
{
	return version_delete(txn, database_of(call), name_of(call), call->number, err);
}

static void delete_version(struct fixture *f, struct model *model, int d, int n)
{
	struct model_table *table = &model->databases[d].tables[n];
	struct call call = {.apply = version_delete_apply, .d = d, .n = n};
	call.number = (uint64_t)chance(model, (int)table->version + 1);
	struct model_version *version = &table->versions[call.number];
	enum status expected = !table->exists || !version->kept ? STATUS_NOT_FOUND
			       : call.number == table->version	? STATUS_INVALID_ARGUMENT
			       : version->pinned		? STATUS_FAILED_PRECONDITION
								: STATUS_OK;
	assert_int_equal(run(f, &call), expected);
	if (expected == STATUS_OK)
		version->kept = false;
}

static enum status retention_apply(struct catalog_txn *txn, struct call *call, struct error *err)
{
	Tenon__V1__Retention retention = TENON__V1__RETENTION__INIT;
	retention.versions = call->number;
	if (!call->flag)
		return retention_put(txn, database_of(call), name_of(call),
			call->number ? &retention : NULL, call->f->arena, err);
	retention.dropped_s = call->label; /* of all */
	return retention_put(txn, TEXT(""), TEXT(""), &retention, call->f->arena, err);
}

static void retain_all(struct fixture *f, struct model *model, int dropped_s)
{
	struct call call = {.apply = retention_apply,
		.number = model->retention,
		.flag = true,
		.label = dropped_s};
	assert_ok(run(f, &call), &f->err);
}

static void retain(struct fixture *f, struct model *model, int d, int n)
{
	struct model_table *table = &model->databases[d].tables[n];
	struct call call = {.apply = retention_apply, .d = d, .n = n};
	if (chance(model, 6) == 0) {
		model->retention = (uint64_t)chance(model, 2) * 30;
		retain_all(f, model, RETENTION_DROPPED_S);
		return;
	}
	call.number = (uint64_t)chance(model, 4);
	assert_int_equal(run(f, &call), table->exists ? STATUS_OK : STATUS_NOT_FOUND);
	if (table->exists)
		table->retention = call.number;
}

struct sweeping {
	struct retention_due due, then;
	size_t removed;
};

static enum status remove_apply(struct catalog_txn *txn, void *state, struct error *err)
{
	struct sweeping *sweeping = state;
	sweeping->then = sweeping->due;
	return retention_remove(txn, &sweeping->then, 5, &sweeping->removed, err);
}

static struct retention_due look(struct fixture *f, struct retention_walk *walk)
{
	OWNED(catalog_txn) txn = NULL;
	struct retention_due due;
	assert_ok(catalog_read(f->catalog, &txn, &f->err), &f->err);
	assert_ok(retention_look(txn, walk, &due, &f->err), &f->err);
	return due;
}

static void sweep_table(struct model_table *table, uint64_t of_all)
{
	uint64_t most = table->retention ? table->retention : of_all;
	uint64_t have = 0;
	for (uint64_t v = 0; v <= table->version; v++)
		have += table->versions[v].kept && !table->versions[v].pinned;
	for (uint64_t v = 0; most && v < table->version && have > most; v++) {
		if (!table->versions[v].kept || table->versions[v].pinned)
			continue;
		table->versions[v].kept = false;
		have--;
	}
}

static void sweep(struct fixture *f, struct model *model)
{
	struct retention_walk walk = {.begun = false};
	while (!walk.ended) {
		struct sweeping sweeping = {.due = look(f, &walk)};
		while (sweeping.due.table) {
			assert_ok(catalog_write_now(f->catalog, remove_apply, &sweeping, &f->err),
				&f->err);
			sweeping.due = sweeping.then;
		}
	}
	for (int i = 0; i < DATABASES + DROPS; i++) {
		struct model_database *database = i < DATABASES
							  ? &model->databases[i]
							  : &model->drops[i - DATABASES].database;
		for (int n = 0; n < NAMES; n++) {
			if (database->tables[n].exists)
				sweep_table(&database->tables[n], model->retention);
		}
	}
}

static enum status purge_apply(struct catalog_txn *txn, struct call *call, struct error *err)
{
	return dropped_purge(txn, call->number, &call->changed, err);
}

/* What was dropped goes for good. */
static void purge(struct fixture *f, struct model *model)
{
	struct call call = {.apply = purge_apply, .changed = true};
	retain_all(f, model, -1);
	while (call.changed) {
		call.number = 1 + (uint64_t)chance(model, 9);
		assert_ok(run(f, &call), &f->err);
	}
	retain_all(f, model, RETENTION_DROPPED_S);
	for (int i = 0; i < DROPS; i++)
		forget_drop(&model->drops[i]);
}

/* ---- partitions, and what is known of them ---- */

static enum status batch_apply(struct catalog_txn *txn, struct call *call, struct error *err)
{
	/* As the service does it: what fails is told, the others go on. */
	for (int i = 0; i < 5; i++) {
		Tenon__V1__Partition one = TENON__V1__PARTITION__INIT;
		char *value = (char *)(uintptr_t)values[call->items[i]];
		one.values = &value;
		one.n_values = 1;
		call->statuses[i] =
			call->flag ? partition_create(txn, database_of(call), name_of(call), &one,
					     false, &call->changed, err)
				   : partition_delete(
					     txn, database_of(call), name_of(call), &value, 1, err);
		if (call->statuses[i] != STATUS_OK && call->statuses[i] != STATUS_NOT_FOUND &&
			call->statuses[i] != STATUS_ALREADY_EXISTS)
			return call->statuses[i];
	}
	return STATUS_OK;
}

static void batch(struct fixture *f, struct model *model, int d, int n)
{
	struct model_table *table = &model->databases[d].tables[n];
	struct call call = {.apply = batch_apply, .d = d, .n = n, .flag = chance(model, 3)};
	for (int i = 0; i < 5; i++)
		call.items[i] = chance(model, VALUES);
	assert_ok(run(f, &call), &f->err);
	for (int i = 0; i < 5; i++) {
		bool *there = &table->partitions[call.items[i]];
		bool fails = !table->exists || *there == call.flag;
		enum status expected = !fails			    ? STATUS_OK
				       : table->exists && call.flag ? STATUS_ALREADY_EXISTS
								    : STATUS_NOT_FOUND;
		assert_int_equal(call.statuses[i], expected);
		if (fails)
			continue;
		*there = call.flag;
		table->partition_nulls[call.items[i]] = 0;
	}
}

static enum status partition_rename_apply(
	struct catalog_txn *txn, struct call *call, struct error *err)
{
	Tenon__V1__Partition one = TENON__V1__PARTITION__INIT;
	char *from = (char *)(uintptr_t)values[call->items[0]];
	char *to = (char *)(uintptr_t)values[call->items[1]];
	one.values = &to;
	one.n_values = 1;
	return partition_update(txn, database_of(call), name_of(call), &from, 1, &one, err);
}

static void rename_partition(struct fixture *f, struct model *model, int d, int n)
{
	struct model_table *table = &model->databases[d].tables[n];
	struct call call = {.apply = partition_rename_apply, .d = d, .n = n};
	int from = chance(model, VALUES);
	int to = chance(model, VALUES);
	call.items[0] = from;
	call.items[1] = to;
	enum status expected = !table->exists || !table->partitions[from] ? STATUS_NOT_FOUND
			       : from != to && table->partitions[to]	  ? STATUS_ALREADY_EXISTS
									  : STATUS_OK;
	assert_int_equal(run(f, &call), expected);
	if (expected != STATUS_OK || from == to)
		return;
	table->partitions[from] = false;
	table->partitions[to] = true;
	/* What is known of its values is not taken along. */
	table->partition_nulls[to] = 0;
	table->partition_nulls[from] = 0;
}

static enum status statistics_apply(struct catalog_txn *txn, struct call *call, struct error *err)
{
	Tenon__V1__LongStatistics numbers = TENON__V1__LONG_STATISTICS__INIT;
	Tenon__V1__ColumnStatistics one = TENON__V1__COLUMN_STATISTICS__INIT;
	char *value = (char *)(uintptr_t)values[call->items[0]];
	struct statistics_place place = {
		database_of(call), name_of(call), &value, call->flag ? 1 : 0};
	if (call->number == 0)
		return statistics_delete(txn, &place, TEXT(""), err);
	one.data_case = TENON__V1__COLUMN_STATISTICS__DATA_LONG_VALUES;
	one.long_values = &numbers;
	one.column = arena_text(call->f->arena, TEXT("A"));
	one.nulls = call->number;
	return statistics_put(txn, &place, &one, err);
}

static void measure(struct fixture *f, struct model *model, int d, int n)
{
	struct model_table *table = &model->databases[d].tables[n];
	struct call call = {.apply = statistics_apply, .d = d, .n = n};
	call.number = (uint64_t)chance(model, 4);
	call.flag = chance(model, 3);
	call.items[0] = chance(model, VALUES);
	bool there = table->exists && (!call.flag || table->partitions[call.items[0]]);
	bool known = shape_of_a(table->versions[table->version].shape) != NULL;
	assert_int_equal(run(f, &call), !there			? STATUS_NOT_FOUND
					: call.number && !known ? STATUS_INVALID_ARGUMENT
								: STATUS_OK);
	if (!there || !known)
		return;
	*(call.flag ? &table->partition_nulls[call.items[0]] : &table->nulls) = call.number;
}

/* ---- tags, indexes ---- */

static enum status tag_apply(struct catalog_txn *txn, struct call *call, struct error *err)
{
	char key[] = "x";
	char *keys[] = {key};
	Tenon__Store__V1__Tag tag = TENON__STORE__V1__TAG__INIT;
	Tenon__Store__V1__Tag *list[] = {&tag};
	Tenon__Store__V1__TagsRecord put = TENON__STORE__V1__TAGS_RECORD__INIT;
	Tenon__Store__V1__TagsRecord *now;
	struct text resource = text_of(resource_of(call->f, call->d, call->flag ? -1 : call->n));
	if (call->number == 0)
		return tags_remove(txn, resource, keys, 1, call->f->arena, &now, err);
	tag.key = key;
	tag.value = (char *)(uintptr_t)tag_text(call->f, (int)call->number);
	put.tags = list;
	put.n_tags = 1;
	return tags_add(txn, resource, &put, call->f->arena, &now, err);
}

static void tag(struct fixture *f, struct model *model, int d, int n)
{
	struct model_database *database = &model->databases[d];
	struct call call = {.apply = tag_apply, .d = d, .n = n, .flag = chance(model, 4) == 0};
	call.number = (uint64_t)chance(model, MARKS);
	bool there = call.flag ? database->exists : database->tables[n].exists;
	assert_int_equal(run(f, &call), there ? STATUS_OK : STATUS_NOT_FOUND);
	if (there)
		*(call.flag ? &database->tag : &database->tables[n].tag) = (int)call.number;
}

static enum status index_apply(struct catalog_txn *txn, struct call *call, struct error *err)
{
	Tenon__V1__PartitionIndex index = TENON__V1__PARTITION_INDEX__INIT;
	Tenon__V1__PartitionIndex *made;
	char key[] = "k";
	char *keys[] = {key};
	index.name = key;
	index.keys = keys;
	index.n_keys = 1;
	if (call->flag)
		return partition_index_create(
			txn, database_of(call), name_of(call), &index, call->f->arena, &made, err);
	return partition_index_delete(txn, database_of(call), name_of(call), TEXT("k"), err);
}

static void change_index(struct fixture *f, struct model *model, int d, int n)
{
	struct model_table *table = &model->databases[d].tables[n];
	struct call call = {.apply = index_apply, .d = d, .n = n, .flag = chance(model, 2)};
	bool more = true;
	enum status expected = !table->exists		       ? STATUS_NOT_FOUND
			       : call.flag && table->indexed   ? STATUS_ALREADY_EXISTS
			       : !call.flag && !table->indexed ? STATUS_NOT_FOUND
							       : STATUS_OK;
	assert_int_equal(run(f, &call), expected);
	while (more)
		assert_ok(partition_indexes_work(f->catalog, &more, &f->err), &f->err);
	if (expected == STATUS_OK)
		table->indexed = call.flag;
}

void operate(struct fixture *f, struct model *model)
{
	static void (*const operations[])(struct fixture *, struct model *, int, int) = {create,
		create, create, create, update, update, update, update, update, roll_back, move,
		drop, undrop, undrop, pin, pin, delete_version, retain, batch, batch, batch,
		rename_partition, measure, measure, tag, tag, change_index};
	int d = chance(model, DATABASES);
	int n = chance(model, NAMES);
	int drops = 0;
	for (int i = 0; i < DROPS; i++)
		drops += model->drops[i].order > 0;
	if (drops == DROPS || chance(model, 300) == 0)
		purge(f, model);
	if (model->databases[d].tables[n].version > VERSIONS - 3)
		drop(f, model, d, n);
	else if (chance(model, 25) == 0)
		change_database(f, model, d);
	else if (chance(model, 60) == 0)
		sweep(f, model);
	else
		operations[chance(model, sizeof operations / sizeof *operations)](f, model, d, n);
}
