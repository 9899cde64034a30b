#include "tests/catalog/fixture.h"

#include "catalog/check.h"
#include "catalog/key.h"
#include "catalog/store.h"
#include "catalog/version_store.h"
#include "proto/wire.h"

/* Versions by their records: any history reads back as it was written, whatever of it
 * was removed meanwhile. */

enum { TABLE = 7, VERSIONS = 700 };

struct history {
	struct fixture f;
	Tenon__V1__Table *now;
	struct text kept[VERSIONS]; /* packed; at NULL: removed */
	uint64_t next;
	uint64_t removing;
	bool as_before; /* in the form of older stores */
};

static char *own(struct history *h, const char *text)
{
	return arena_text(h->f.arena, text_of(text));
}

static void table_begin(struct history *h, size_t columns)
{
	Tenon__V1__Table *table = arena_alloc(h->f.arena, sizeof *table);
	tenon__v1__table__init(table);
	table->storage = arena_alloc(h->f.arena, sizeof *table->storage);
	tenon__v1__storage_descriptor__init(table->storage);
	table->database = own(h, "d");
	table->name = own(h, "t");
	table->create_time_us = 1;
	table->storage->n_columns = columns;
	table->storage->columns = arena_array(h->f.arena, columns, sizeof(Tenon__V1__Column *));
	for (size_t i = 0; i < columns; i++) {
		Tenon__V1__Column *column = arena_alloc(h->f.arena, sizeof *column);
		tenon__v1__column__init(column);
		column->name = arena_printf(h->f.arena, "column_%zu", i);
		column->type = own(h, "int");
		table->storage->columns[i] = column;
	}
	h->now = table;
}

static void change_something(struct history *h)
{
	static const char *const types[] = {"int", "string", "array<struct<a:int,b:string>>"};
	Tenon__V1__StorageDescriptor *storage = h->now->storage;
	size_t at = (size_t)rand() % storage->n_columns;
	switch (rand() % 8) {
	case 0:
		h->now->description = arena_printf(h->f.arena, "about %d", rand());
		break;
	case 1: /* everything: a difference would not pay */
		for (size_t i = 0; i < storage->n_columns; i++)
			storage->columns[i]->comment = arena_printf(h->f.arena, "%d", rand());
		break;
	case 2: {
		Tenon__V1__Column *first = storage->columns[0];
		storage->columns[0] = storage->columns[at];
		storage->columns[at] = first;
		break;
	}
	default:
		storage->columns[at]->type = own(h, types[rand() % 3]);
		break;
	}
}

static enum status put(struct catalog_txn *txn, void *state, struct error *err)
{
	struct history *h = state;
	Tenon__V1__TableVersion version = TENON__V1__TABLE_VERSION__INIT;
	OWNED(arena) arena = arena_new();
	uint64_t before = h->next - 1;
	version.version = h->next;
	version.time_us = h->now->update_time_us;
	version.author = h->now->updated_by;
	version.fingerprint = h->now->fingerprint;
	version.table = h->now;
	if (!h->as_before)
		return version_store(txn, &version, wire_pack(arena, &h->now->base),
			h->next ? &before : NULL, arena, err);
	Tenon__Store__V1__VersionRecord record = TENON__STORE__V1__VERSION_RECORD__INIT;
	struct buffer SCOPED_BUFFER key = {0};
	record.version = &version;
	key_init(&key);
	key_add_u64(&key, TABLE);
	key_add_u64(&key, h->next);
	return store_put_message(txn, DB_VERSIONS, buffer_text(&key), &record.base, err);
}

static void add(struct history *h)
{
	h->now->id = TABLE;
	h->now->version = h->next;
	h->now->update_time_us = (int64_t)h->next * 1000 + 1;
	h->now->updated_by = arena_printf(h->f.arena, "author %d", rand() % 3);
	h->now->fingerprint = arena_printf(h->f.arena, "print %d", rand());
	h->now->partition_count = (uint64_t)rand() % 5;
	assert_ok(catalog_write_now(h->f.catalog, put, h, &h->f.err), &h->f.err);
	h->kept[h->next++] = wire_pack(h->f.arena, &h->now->base);
}

static enum status remove_one(struct catalog_txn *txn, void *state, struct error *err)
{
	struct history *h = state;
	bool found;
	TRY(version_remove(txn, TABLE, h->removing, &found, err));
	assert_int_equal(found, h->kept[h->removing].at != NULL);
	return STATUS_OK;
}

static void take(struct history *h, uint64_t version)
{
	h->removing = version;
	assert_ok(catalog_write_now(h->f.catalog, remove_one, h, &h->f.err), &h->f.err);
	h->kept[version] = (struct text){0};
}

static void problem(void *state, const struct check_problem *problem)
{
	(void)state;
	if (strcmp(problem->invariant, "version-differences") == 0)
		fail_msg("%s: %s", problem->place, problem->message);
}

static void reads_back(struct history *h)
{
	OWNED(catalog_txn) txn = NULL;
	OWNED(arena) arena = arena_new();
	Tenon__V1__TableVersion *version;
	struct error *err = &h->f.err;
	assert_ok(catalog_read(h->f.catalog, &txn, err), err);
	uint64_t next = h->next; /* the first kept one from here on */
	for (uint64_t v = h->next; v-- > 0;) {
		arena_reset(arena);
		assert_ok(version_find(txn, TABLE, v, true, arena, &version, err), err);
		assert_int_equal(version != NULL, h->kept[v].at != NULL);
		if (version) {
			struct text bytes = wire_pack(arena, &version->table->base);
			assert_true(text_equal(bytes, h->kept[v]));
			assert_true(version->stored_bytes > 0);
			next = v;
		}
		assert_ok(version_from(txn, TABLE, v, arena, &version, err), err);
		assert_int_equal(version ? version->version : h->next, next);
		assert_true(!version || !version->table);
	}
	catalog_txn_free(TAKE(txn));
	struct check_sink sink = {.problem = problem, .state = NULL};
	uint64_t records;
	assert_ok(catalog_check(h->f.catalog, &sink, &records, err), err);
}

static size_t records_of(struct history *h, uint64_t *bytes_out)
{
	OWNED(catalog_txn) txn = NULL;
	OWNED(scan) scan = NULL;
	bool found = true;
	struct text key;
	struct text value;
	size_t count = 0;
	*bytes_out = 0;
	assert_ok(catalog_read(h->f.catalog, &txn, &h->f.err), &h->f.err);
	assert_ok(scan_open(txn, DB_VERSIONS, TEXT(""), TEXT(""), &scan, &h->f.err), &h->f.err);
	for (;;) {
		assert_ok(scan_next(scan, &found, &key, &value, &h->f.err), &h->f.err);
		if (!found)
			break;
		count++;
		*bytes_out += value.length;
	}
	scan_free(TAKE(scan));
	return count;
}

static void any_history_reads_back_whatever_of_it_was_removed(void **state)
{
	(void)state;
	for (unsigned seed = 1; seed <= 6; seed++) {
		struct history *h = calloc(1, sizeof *h);
		fixture_open(&h->f, 0);
		srand(seed);
		table_begin(h, seed % 3 ? 6 : 80);
		while (h->next < VERSIONS) {
			change_something(h);
			h->as_before = seed == 4 && h->next < VERSIONS / 2;
			add(h);
			while (h->next > 1 && rand() % (2 + (int)seed % 4) == 0)
				take(h, (uint64_t)rand() % (h->next - 1));
		}
		reads_back(h);
		/* All but the newest: nothing else stays but what that one differs from. */
		uint64_t bytes;
		for (uint64_t v = 0; v + 1 < h->next; v++)
			take(h, v);
		reads_back(h);
		assert_true(records_of(h, &bytes) <= 2);
		fixture_close(&h->f);
		free(h);
	}
}

static void a_version_that_changes_little_costs_little(void **state)
{
	(void)state;
	struct history *h = calloc(1, sizeof *h);
	uint64_t bytes;
	fixture_open(&h->f, 0);
	table_begin(h, 100);
	while (h->next < VERSIONS) {
		h->now->description = arena_printf(h->f.arena, "%u", (unsigned)h->next);
		add(h);
	}
	reads_back(h);
	assert_int_equal(records_of(h, &bytes), VERSIONS);
	assert_true(bytes < VERSIONS * (h->kept[0].length / 10));
	fixture_close(&h->f);
	free(h);
}

static enum status damage(struct catalog_txn *txn, void *state, struct error *err)
{
	static const char lost[] = "\x12\x05"
				   "small"; /* a `whole` of five bytes */
	(void)state;
	char key[16] = {0, 0, 0, 0, 0, 0, 0, TABLE};
	return store_put(txn, DB_VERSIONS, (struct text){key, sizeof key},
		(struct text){lost, sizeof lost - 1}, err);
}

static void a_difference_from_a_damaged_version_is_data_loss(void **state)
{
	(void)state;
	struct history *h = calloc(1, sizeof *h);
	fixture_open(&h->f, 0);
	table_begin(h, 20);
	add(h);
	h->now->description = own(h, "other");
	add(h);
	assert_ok(catalog_write_now(h->f.catalog, damage, h, &h->f.err), &h->f.err);
	OWNED(catalog_txn) txn = NULL;
	Tenon__V1__TableVersion *version;
	assert_ok(catalog_read(h->f.catalog, &txn, &h->f.err), &h->f.err);
	assert_int_equal(version_find(txn, TABLE, 1, true, h->f.arena, &version, &h->f.err),
		STATUS_DATA_LOSS);
	catalog_txn_free(TAKE(txn));
	fixture_close(&h->f);
	free(h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_history_reads_back_whatever_of_it_was_removed),
		cmocka_unit_test(a_version_that_changes_little_costs_little),
		cmocka_unit_test(a_difference_from_a_damaged_version_is_data_loss),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
