#include "tests/catalog/fixture.h"

#include "catalog/feed.h"
#include "catalog/feed_read.h"

/* What the feed says of partitions: of each what came of it, field by field. */

enum { TOLD = 100, FIELDS = 1000 }; /* of one change, as feed.proto says */

/* "+7 at /elsewhere", "-7", "~7 at /b", "~7 to 8": one step of a write. */
struct step {
	char kind;
	int value;
	int to; /* of '~', where it is another: its new value */
	const char *location;
	int parameters;
};

struct steps {
	const struct step *at;
	size_t count;
};

static char *number(struct arena *arena, int value)
{
	return arena_printf(arena, "%d", value);
}

static Tenon__V1__Partition *partition_of(struct arena *arena, const struct step *step)
{
	Tenon__V1__Partition *partition = arena_alloc(arena, sizeof *partition);
	tenon__v1__partition__init(partition);
	partition->values = arena_array(arena, 1, sizeof *partition->values);
	partition->values[0] = number(arena, step->to ? step->to : step->value);
	partition->n_values = 1;
	if (step->location) {
		partition->storage = arena_alloc(arena, sizeof *partition->storage);
		tenon__v1__storage_descriptor__init(partition->storage);
		partition->storage->location = arena_text(arena, text_of(step->location));
	}
	partition->parameters =
		arena_array(arena, (size_t)step->parameters, sizeof *partition->parameters);
	for (int i = 0; i < step->parameters; i++) {
		Tenon__V1__Partition__ParametersEntry *entry = arena_alloc(arena, sizeof *entry);
		tenon__v1__partition__parameters_entry__init(entry);
		entry->key = arena_printf(arena, "p%02d", i);
		entry->value = number(arena, step->value);
		partition->parameters[partition->n_parameters++] = entry;
	}
	return partition;
}

static enum status apply(struct catalog_txn *txn, void *state, struct error *err)
{
	const struct steps *steps = state;
	OWNED(arena) arena = arena_new();
	for (size_t i = 0; i < steps->count; i++) {
		const struct step *step = &steps->at[i];
		char *values[] = {number(arena, step->value)};
		bool created;
		const Tenon__V1__Partition *partition = partition_of(arena, step);
		if (step->kind == '+')
			TRY(partition_create(
				txn, TEXT("d"), TEXT("t"), partition, false, &created, err));
		else if (step->kind == '-')
			TRY(partition_delete(txn, TEXT("d"), TEXT("t"), values, 1, err));
		else
			TRY(partition_update(txn, TEXT("d"), TEXT("t"), values, 1, partition, err));
	}
	return STATUS_OK;
}

static void write_steps(struct fixture *f, const struct step *at, size_t count)
{
	struct steps steps = {at, count};
	assert_ok(catalog_write_now(f->catalog, apply, &steps, &f->err), &f->err);
}
#define WRITE(f, ...)                                       \
	do {                                                \
		const struct step at[] = {__VA_ARGS__};     \
		write_steps(f, at, sizeof at / sizeof *at); \
	} while (0)

static Tenon__V1__Change **changes_after(struct fixture *f, uint64_t after, size_t *count_out)
{
	OWNED(catalog_txn) txn = NULL;
	const Tenon__V1__WatchRequest all = TENON__V1__WATCH_REQUEST__INIT;
	struct feed_step step = {0};
	assert_ok(catalog_read(f->catalog, &txn, &f->err), &f->err);
	assert_ok(feed_read(txn, after, &all, 1000, f->arena, &step, &f->err), &f->err);
	*count_out = step.count;
	return step.changes;
}

static Tenon__V1__Change *last_change(struct fixture *f)
{
	size_t count;
	Tenon__V1__Change **changes = changes_after(f, 0, &count);
	return changes[count - 1];
}

static const char *told(struct fixture *f, const Tenon__V1__PartitionChange *one)
{
	const char *text = arena_printf(f->arena, "%s %s", one->kind, one->values[0]);
	if (one->n_before_values)
		text = arena_printf(f->arena, "%s was %s", text, one->before_values[0]);
	for (size_t i = 0; i < one->n_fields; i++)
		text = arena_printf(f->arena, "%s; %s '%s' '%s'", text, one->fields[i]->path,
			one->fields[i]->before, one->fields[i]->after);
	return text;
}

static void open_one(struct fixture *f)
{
	fixture_open(f, 0);
	assert_ok(make_database(f, "d"), &f->err);
	assert_ok(make_table(f, "d", "t", "a int | k int"), &f->err);
}

static void one_write_tells_of_each_partition_what_came_of_it(void **state)
{
	(void)state;
	struct fixture f;
	open_one(&f);
	WRITE(&f, {'+', 1, 0, "/a", 0}, {'+', 2, 0, NULL, 1}, {'+', 3, 0, "/c", 0});
	WRITE(&f, {'+', 4, 0, "/d", 0}, {'-', 1, 0, NULL, 0}, {'~', 2, 0, "/b", 1},
		{'~', 3, 5, "/c", 0}, {'+', 1, 0, NULL, 0});
	static const char *const expected[] = {
		"added 4; storage.location '' '/d'",
		"removed 1; storage.location '/a' ''",
		"updated 2; storage.location '' '/b'",
		"updated 5 was 3",
		"added 1",
	};
	const Tenon__V1__Change *change = last_change(&f);
	assert_string_equal(change->kind, "partitions_changed");
	assert_int_equal(change->partitions_added, 2);
	assert_int_equal(change->partitions_removed, 1);
	assert_int_equal(change->partitions_updated, 2);
	assert_int_equal(change->n_partitions, sizeof expected / sizeof *expected);
	for (size_t i = 0; i < change->n_partitions; i++)
		assert_string_equal(told(&f, change->partitions[i]), expected[i]);
	fixture_close(&f);
}

static void a_column_of_a_partition_is_told_with_its_type(void **state)
{
	(void)state;
	struct fixture f;
	open_one(&f);
	static Tenon__V1__Column column = TENON__V1__COLUMN__INIT;
	Tenon__V1__Column *columns[] = {&column};
	Tenon__V1__Partition partition = TENON__V1__PARTITION__INIT;
	Tenon__V1__StorageDescriptor storage = TENON__V1__STORAGE_DESCRIPTOR__INIT;
	char *values[] = {(char[]){"7"}};
	column.name = (char[]){"a"};
	column.type = (char[]){"bigint"};
	storage.columns = columns;
	storage.n_columns = 1;
	partition.storage = &storage;
	partition.values = values;
	partition.n_values = 1;
	assert_ok(DO(&f, .what = TASK_PARTITION_CREATE, .database = "d", .name = "t",
			  .message = &partition),
		&f.err);
	assert_string_equal(told(&f, last_change(&f)->partitions[0]),
		"added 7; storage.columns.a.name '' 'a'; storage.columns.a.type '' 'bigint'");
	fixture_close(&f);
}

static void a_change_is_bounded_and_its_counts_are_whole(void **state)
{
	(void)state;
	static const struct {
		int partitions;
		int parameters;
		size_t told;
		size_t fields;
	} cases[] = {
		{TOLD, 1, TOLD, TOLD},
		{TOLD + 1, 1, TOLD, TOLD},
		{400, 0, TOLD, 0},
		{60, 50, 60, FIELDS},
	};
	for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
		struct fixture f;
		open_one(&f);
		for (int kinds = 0; kinds < 2; kinds++) {
			struct step *steps =
				arena_array(f.arena, (size_t)cases[c].partitions, sizeof *steps);
			for (int i = 0; i < cases[c].partitions; i++)
				steps[i] = (struct step){"+-"[kinds], i + 1, 0, NULL,
					kinds == 0 ? cases[c].parameters : 0};
			write_steps(&f, steps, (size_t)cases[c].partitions);
			const Tenon__V1__Change *change = last_change(&f);
			size_t fields = 0;
			for (size_t i = 0; i < change->n_partitions; i++)
				fields += change->partitions[i]->n_fields;
			assert_int_equal(change->partitions_added + change->partitions_removed,
				cases[c].partitions);
			assert_int_equal(change->n_partitions, cases[c].told);
			assert_int_equal(fields, cases[c].fields);
		}
		fixture_close(&f);
	}
}

/* Whoever follows the feed has the partitions that a listing has. */
static void the_changes_one_after_another_make_the_partitions(void **state)
{
	(void)state;
	enum { VALUES = 12, WRITES = 200, STEPS = 6 };
	bool there[VALUES + 1] = {false};
	bool followed[VALUES + 1] = {false};
	struct fixture f;
	open_one(&f);
	srand(7);
	for (int w = 0; w < WRITES; w++) {
		struct step steps[STEPS];
		for (int s = 0; s < STEPS; s++) {
			int value = 1 + rand() % VALUES;
			int to = 1 + rand() % VALUES;
			if (!there[value]) {
				steps[s] = (struct step){'+', value, 0, NULL, rand() % 3};
			} else if (rand() % 2) {
				steps[s] = (struct step){'-', value, 0, NULL, 0};
			} else {
				to = there[to] ? value : to;
				steps[s] = (struct step){'~', value, to, NULL, rand() % 3};
				there[value] = false;
				there[to] = true;
				continue;
			}
			there[value] = !there[value];
		}
		write_steps(&f, steps, STEPS);
	}
	size_t count;
	Tenon__V1__Change **changes = changes_after(&f, 0, &count);
	for (size_t i = 0; i < count; i++) {
		for (size_t p = 0; p < changes[i]->n_partitions; p++) {
			const Tenon__V1__PartitionChange *one = changes[i]->partitions[p];
			int value = atoi(one->values[0]);
			bool removed = strcmp(one->kind, "removed") == 0;
			bool added = strcmp(one->kind, "added") == 0;
			if (one->n_before_values) {
				assert_true(followed[atoi(one->before_values[0])]);
				followed[atoi(one->before_values[0])] = false;
			} else {
				assert_int_equal(followed[value], !added);
			}
			followed[value] = !removed;
		}
	}
	assert_memory_equal(followed, there, sizeof there);
	fixture_close(&f);
}

/* Written by hand, as a store of before has them: values alone, and counts. */
static enum status append_old(struct catalog_txn *txn, void *state, struct error *err)
{
	const uint64_t *counts = state;
	char *values[] = {(char[]){"7"}};
	Tenon__V1__PartitionChange one = TENON__V1__PARTITION_CHANGE__INIT;
	Tenon__V1__PartitionChange *all[] = {&one};
	Tenon__Store__V1__ChangeRecord change = TENON__STORE__V1__CHANGE_RECORD__INIT;
	one.values = values;
	one.n_values = 1;
	change.kind = (char[]){"partitions_changed"};
	change.partitions = all;
	change.n_partitions = 1;
	change.partitions_added = counts[0];
	change.partitions_removed = counts[1];
	change.partitions_updated = counts[2];
	return feed_append(txn, &change, err);
}

static void older_changes_say_of_partitions_what_is_known(void **state)
{
	(void)state;
	static const struct {
		uint64_t counts[3];
		const char *expected;
	} cases[] = {
		{{1, 0, 0}, "added"},
		{{0, 2, 0}, "removed"},
		{{0, 0, 3}, "updated"},
		{{1, 1, 0}, ""},
	};
	struct fixture f;
	open_one(&f);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		uint64_t counts[3];
		memcpy(counts, cases[i].counts, sizeof counts);
		assert_ok(catalog_write_now(f.catalog, append_old, counts, &f.err), &f.err);
		assert_string_equal(last_change(&f)->partitions[0]->kind, cases[i].expected);
	}
	fixture_close(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_write_tells_of_each_partition_what_came_of_it),
		cmocka_unit_test(a_column_of_a_partition_is_told_with_its_type),
		cmocka_unit_test(a_change_is_bounded_and_its_counts_are_whole),
		cmocka_unit_test(the_changes_one_after_another_make_the_partitions),
		cmocka_unit_test(older_changes_say_of_partitions_what_is_known),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
