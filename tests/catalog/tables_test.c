#include "tests/catalog/fixture.h"

#include "proto/wire.h"

static int open_one(void **state)
{
	struct fixture *f = malloc(sizeof *f);
	fixture_open(f, 0);
	*state = f;
	return 0;
}

static int close_one(void **state)
{
	fixture_close(*state);
	free(*state);
	return 0;
}

static void names_are_folded_and_found_in_any_letters(void **state)
{
	struct fixture *f = *state;
	assert_ok(make_database(f, "Sales"), &f->err);
	assert_ok(make_table(f, "SALES", "Orders", "Id int, name string"), &f->err);
	Tenon__V1__Table *table = get_table(f, "sAles", "ORDERS");
	assert_non_null(table);
	assert_string_equal(table->database, "sales");
	assert_string_equal(table->name, "orders");
	assert_string_equal(table->storage->columns[0]->name, "Id");
	assert_int_equal(table->version, 0);
	assert_int_equal(strlen(table->fingerprint), 32);
	assert_string_equal(table->updated_by, "local");
	assert_int_equal(make_table(f, "sales", "oRDERS", "id int"), STATUS_ALREADY_EXISTS);
	assert_int_equal(make_database(f, "SALES"), STATUS_ALREADY_EXISTS);
	assert_int_equal(make_table(f, "none", "t", "id int"), STATUS_NOT_FOUND);
}

static void bad_names_and_columns_are_refused_by_name(void **state)
{
	struct fixture *f = *state;
	static char long_name[257];
	memset(long_name, 'n', 256);
	static const struct {
		const char *label;
		const char *name;
		const char *columns;
		enum status status;
	} rows[] = {
		{"empty", "", "a int", STATUS_INVALID_ARGUMENT},
		{"newline", "a\nb", "a int", STATUS_INVALID_ARGUMENT},
		{"not UTF-8", "a\xff", "a int", STATUS_INVALID_ARGUMENT},
		{"256 bytes", long_name, "a int", STATUS_INVALID_ARGUMENT},
		{"255 bytes", long_name + 1, "a int", STATUS_OK},
		{"tab", "a\tb", "a int", STATUS_OK},
		{"unknown type", "t1", "a intt", STATUS_INVALID_ARGUMENT},
		{"same column twice", "t2", "a int, A string", STATUS_INVALID_ARGUMENT},
		{"column and key", "t3", "a int | A string", STATUS_INVALID_ARGUMENT},
		{"key of a struct", "t4", "a int | k struct<x:int>", STATUS_INVALID_ARGUMENT},
		{"no columns", "t5", "", STATUS_OK},
	};
	assert_ok(make_database(f, "d"), &f->err);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		enum status status = make_table(f, "d", rows[i].name, rows[i].columns);
		if (status != rows[i].status)
			fail_msg("%s: %s", rows[i].label, status_name(status));
	}
	assert_int_equal(make_table(f, "d", "t1", "a intt"), STATUS_INVALID_ARGUMENT);
	assert_non_null(strstr(f->err.message, "column 'a'"));
	OWNED(catalog_txn) txn = NULL;
	Tenon__V1__Table *table;
	assert_ok(catalog_read(f->catalog, &txn, &f->err), &f->err);
	assert_int_equal(table_get(txn, TEXT("d"), TEXT("t\0x"), f->arena, &table, &f->err),
		STATUS_INVALID_ARGUMENT);
}

static void two_names_of_255_bytes_make_one_key(void **state)
{
	struct fixture *f = *state;
	char a[256];
	memset(a, 'x', 255);
	a[255] = 0;
	assert_ok(make_database(f, a), &f->err);
	assert_ok(make_table(f, a, a, "c int"), &f->err);
	a[254] = 'y';
	char *other = arena_text(f->arena, text_of(a));
	a[254] = 'x';
	assert_ok(make_table(f, a, other, "c bigint"), &f->err);
	assert_string_equal(get_table(f, a, a)->storage->columns[0]->type, "int");
	assert_string_equal(get_table(f, a, other)->storage->columns[0]->type, "bigint");
}

static void stored_bytes_are_the_packed_table(void **state)
{
	struct fixture *f = *state;
	assert_ok(make_database(f, "d"), &f->err);
	assert_ok(make_table(f, "d", "t", "a int | day date"), &f->err);
	Tenon__V1__Table *table = get_table(f, "d", "t");
	OWNED(catalog_txn) txn = NULL;
	struct text bytes;
	assert_ok(catalog_read(f->catalog, &txn, &f->err), &f->err);
	assert_ok(table_get_bytes(txn, TEXT("D"), TEXT("T"), &bytes, &f->err), &f->err);
	assert_true(text_equal(bytes, wire_pack(f->arena, &table->base)));
}

static Tenon__V1__TableVersion **versions_of(
	struct fixture *f, const char *name, unsigned with, size_t *count)
{
	OWNED(catalog_txn) txn = NULL;
	Tenon__V1__TableVersion **versions;
	struct text next;
	assert_ok(catalog_read(f->catalog, &txn, &f->err), &f->err);
	assert_ok(version_list(txn, TEXT("d"), text_of(name), TEXT(""), 0, with, f->arena,
			  &versions, count, &next, &f->err),
		&f->err);
	assert_int_equal(next.length, 0);
	return versions;
}

static void only_a_change_makes_a_version(void **state)
{
	struct fixture *f = *state;
	assert_ok(make_database(f, "d"), &f->err);
	assert_ok(make_table(f, "d", "t", "a int, b string"), &f->err);
	static const struct {
		const char *label;
		const char *columns;
		const char *key;
		const char *value;
		uint64_t version;
		bool changed;
		const char *severity; /* of the newest version */
	} rows[] = {
		{"the same", "a int, b string", NULL, NULL, 0, false, "safe"},
		{"a count", "a int, b string", "recordCount", "7", 0, false, "safe"},
		{"another count", "a int, b string", "recordCount", "8", 0, false, "safe"},
		{"a time", "a int, b string", "last_seen_time", "8", 0, false, "safe"},
		{"a parameter", "a int, b string", "owner", "me", 1, true, "safe"},
		{"wider", "a bigint, b string", "owner", "me", 2, true, "widening"},
		{"a column less", "a bigint", "owner", "me", 3, true, "breaking"},
		{"a column more", "a bigint, c date", "owner", "me", 4, true, "safe"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		Tenon__V1__Table *table = table_made(f->arena, "d", "t", rows[i].columns);
		if (rows[i].key)
			parameter_add(f->arena, table, rows[i].key, rows[i].value);
		struct task task = {.what = TASK_TABLE_UPDATE, .message = table};
		assert_ok(task_run(f, &task), &f->err);
		Tenon__V1__Table *now = get_table(f, "d", "t");
		size_t count;
		Tenon__V1__TableVersion **versions =
			versions_of(f, "t", VERSIONS_WITH_TABLES, &count);
		if (now->version != rows[i].version || task.changed != rows[i].changed ||
			count != rows[i].version + 1 ||
			strcmp(versions[0]->severity, rows[i].severity) != 0)
			fail_msg("%s: version %zu, changed %d, %zu versions, %s", rows[i].label,
				(size_t)now->version, task.changed, count, versions[0]->severity);
		if (rows[i].key)
			assert_string_equal(now->parameters[0]->value, rows[i].value);
		assert_int_equal(versions[0]->version, rows[i].version);
		assert_int_equal(versions[count - 1]->version, 0);
		assert_int_equal(versions[count - 1]->table->n_parameters, 0);
		assert_string_equal(versions[0]->fingerprint, now->fingerprint);
	}
	OWNED(catalog_txn) txn = NULL;
	Tenon__V1__TableVersion *version;
	Tenon__V1__DiffTableVersionsResponse *diff;
	assert_ok(catalog_read(f->catalog, &txn, &f->err), &f->err);
	assert_ok(version_get(txn, TEXT("d"), TEXT("t"), 2, f->arena, &version, &f->err), &f->err);
	assert_int_equal(version->n_changes, 1);
	assert_string_equal(version->changes[0]->kind, "widened");
	assert_string_equal(version->changes[0]->before, "int");
	assert_string_equal(version->changes[0]->after, "bigint");
	assert_string_equal(version->author, "local");
	assert_string_equal(version->reason, "test");
	assert_ok(version_diff(txn, TEXT("d"), TEXT("t"), 0, 4, false, f->arena, &diff, &f->err),
		&f->err);
	assert_string_equal(diff->severity, "breaking");
	assert_int_equal(diff->n_changes, 3);
	/* What the schema's changes say, and what the server sets, is not said twice. */
	assert_int_equal(diff->n_fields, 1);
	assert_string_equal(diff->fields[0]->path, "parameters.owner");
	assert_string_equal(diff->fields[0]->before, "");
	assert_string_equal(diff->fields[0]->after, "me");
	assert_int_equal(version_get(txn, TEXT("d"), TEXT("t"), 9, f->arena, &version, &f->err),
		STATUS_NOT_FOUND);
	assert_string_equal(f->err.message, "table 'd.t' has no version 9");
}

static void move(struct fixture *f, const char *location, const char *key, const char *value)
{
	Tenon__V1__Table *table = table_made(f->arena, "d", "t", "a int");
	table->storage->location = arena_text(f->arena, text_of(location));
	parameter_add(f->arena, table, key, value);
	struct task task = {.what = TASK_TABLE_UPDATE, .message = table};
	assert_ok(task_run(f, &task), &f->err);
}

static void versions_tell_every_field_that_differs_when_they_are_asked(void **state)
{
	struct fixture *f = *state;
	static const struct {
		const char *location, *key, *value;
		const char *severity; /* of the schema alone, and */
		const char *worst; /* of all */
		size_t fields;
	} rows[] = {
		{"/made", "owner", "me", "safe", "safe", 0},
		{"/made", "recordCount", "7", "safe", "safe", 1},
		{"/moved", "recordCount", "8", "safe", "breaking", 1},
		{"/moved", "team", "a", "safe", "safe", 1},
	};
	enum { ROWS = sizeof rows / sizeof *rows };
	size_t count;
	assert_ok(make_database(f, "d"), &f->err);
	Tenon__V1__Table *first = table_made(f->arena, "d", "t", "a int");
	first->storage->location = arena_text(f->arena, TEXT("/made"));
	parameter_add(f->arena, first, "owner", "me");
	assert_ok(
		task_run(f, &(struct task){.what = TASK_TABLE_CREATE, .message = first}), &f->err);
	for (size_t i = 1; i < ROWS; i++)
		move(f, rows[i].location, rows[i].key, rows[i].value);
	Tenon__V1__TableVersion **bare = versions_of(f, "t", VERSIONS_BARE, &count);
	Tenon__V1__TableVersion **full = versions_of(f, "t", VERSIONS_WITH_FIELDS, &count);
	assert_int_equal(count, ROWS);
	for (size_t i = 0; i < ROWS; i++) {
		size_t v = ROWS - 1 - i;
		assert_int_equal(bare[i]->n_fields, 0);
		assert_null(bare[i]->table);
		assert_null(full[i]->table);
		assert_string_equal(bare[i]->severity, rows[v].severity);
		if (full[i]->n_fields != rows[v].fields ||
			strcmp(full[i]->severity, rows[v].worst) != 0)
			fail_msg("version %zu: %zu fields, %s", v, full[i]->n_fields,
				full[i]->severity);
	}
	assert_string_equal(full[1]->fields[0]->path, "storage.location");
	assert_string_equal(full[1]->fields[0]->severity, "breaking");
	full = versions_of(f, "t", VERSIONS_WITH_FIELDS | VERSIONS_WITH_TABLES, &count);
	assert_non_null(full[0]->table);
	assert_int_equal(full[0]->n_fields, 1);
}

static void a_diff_leaves_out_what_only_measures_unless_it_is_asked_for(void **state)
{
	struct fixture *f = *state;
	assert_ok(make_database(f, "d"), &f->err);
	assert_ok(make_table(f, "d", "t", "a int"), &f->err);
	move(f, "/x", "recordCount", "1");
	for (int measures = 0; measures < 2; measures++) {
		OWNED(catalog_txn) txn = NULL;
		Tenon__V1__DiffTableVersionsResponse *diff;
		assert_ok(catalog_read(f->catalog, &txn, &f->err), &f->err);
		assert_ok(version_diff(txn, TEXT("d"), TEXT("t"), 0, 1, measures, f->arena, &diff,
				  &f->err),
			&f->err);
		assert_string_equal(diff->severity, "breaking");
		assert_int_equal(diff->n_changes, 0);
		assert_int_equal(diff->n_fields, 1 + measures);
	}
}

static void maps_are_sorted_and_their_last_value_wins(void **state)
{
	struct fixture *f = *state;
	assert_ok(make_database(f, "d"), &f->err);
	Tenon__V1__Table *table = table_made(f->arena, "d", "t", "a int");
	parameter_add(f->arena, table, "z", "1");
	parameter_add(f->arena, table, "a", "1");
	parameter_add(f->arena, table, "z", "2");
	MUST(f, .what = TASK_TABLE_CREATE, .message = table);
	Tenon__V1__Table *got = get_table(f, "d", "t");
	assert_int_equal(got->n_parameters, 2);
	assert_string_equal(got->parameters[0]->key, "a");
	assert_string_equal(got->parameters[1]->value, "2");
	struct task task = {.what = TASK_TABLE_UPDATE, .message = table};
	assert_ok(task_run(f, &task), &f->err);
	assert_false(task.changed);
}

static void a_stale_version_is_aborted(void **state)
{
	struct fixture *f = *state;
	assert_ok(make_database(f, "d"), &f->err);
	assert_ok(make_table(f, "d", "t", "a int"), &f->err);
	Tenon__V1__Table *table = table_made(f->arena, "d", "t", "a int, b int");
	uint64_t version = 0;
	MUST(f, .what = TASK_TABLE_UPDATE, .message = table, .version = &version);
	table->storage->n_columns = 1;
	assert_int_equal(DO(f, .what = TASK_TABLE_UPDATE, .message = table, .version = &version),
		STATUS_ABORTED);
	assert_int_equal(get_table(f, "d", "t")->version, 1);
	version = 1;
	MUST(f, .what = TASK_TABLE_UPDATE, .message = table, .version = &version);
}

static void a_rename_keeps_id_versions_and_partitions(void **state)
{
	struct fixture *f = *state;
	assert_ok(make_database(f, "d"), &f->err);
	assert_ok(make_database(f, "e"), &f->err);
	assert_ok(make_table(f, "d", "t", "a int | k string"), &f->err);
	assert_ok(make_table(f, "e", "taken", "a int"), &f->err);
	assert_ok(make_partition(f, "d", "t", (const char *[]){"1"}, 1), &f->err);
	uint64_t id = get_table(f, "d", "t")->id;
	assert_int_equal(
		DO(f, .what = TASK_TABLE_RENAME, .id = id, .database = "e", .name = "taken"),
		STATUS_ALREADY_EXISTS);
	MUST(f, .what = TASK_TABLE_RENAME, .id = id, .database = "E", .name = "Moved");
	assert_null(get_table(f, "d", "t"));
	Tenon__V1__Table *moved = get_table(f, "e", "moved");
	assert_int_equal(moved->id, id);
	assert_int_equal(moved->partition_count, 1);
	OWNED(catalog_txn) txn = NULL;
	Tenon__V1__Table *found;
	Tenon__V1__Database *database;
	assert_ok(catalog_read(f->catalog, &txn, &f->err), &f->err);
	assert_ok(table_by_location(txn, TEXT("e"), TEXT("/lake/d/t/"), f->arena, &found, &f->err),
		&f->err);
	assert_int_equal(found->id, id);
	assert_int_equal(
		table_by_location(txn, TEXT("d"), TEXT("/lake/d/t"), f->arena, &found, &f->err),
		STATUS_NOT_FOUND);
	assert_ok(database_get(txn, TEXT("d"), f->arena, &database, &f->err), &f->err);
	assert_int_equal(database->table_count, 0);
	assert_ok(database_get(txn, TEXT("e"), f->arena, &database, &f->err), &f->err);
	assert_int_equal(database->table_count, 2);
}

static void locations_find_their_table_and_follow_it(void **state)
{
	struct fixture *f = *state;
	assert_ok(make_database(f, "d"), &f->err);
	Tenon__V1__Table *table = table_made(f->arena, "d", "t", "a int");
	char location[2050];
	memset(location, 'p', sizeof location);
	location[sizeof location - 1] = 0;
	table->storage->location = location;
	MUST(f, .what = TASK_TABLE_CREATE, .message = table);
	OWNED(catalog_txn) txn = NULL;
	Tenon__V1__Table *found;
	assert_ok(catalog_read(f->catalog, &txn, &f->err), &f->err);
	assert_ok(table_by_location(txn, TEXT("d"), text_of(location), f->arena, &found, &f->err),
		&f->err);
	location[2000] = 'q';
	assert_int_equal(
		table_by_location(txn, TEXT("d"), text_of(location), f->arena, &found, &f->err),
		STATUS_NOT_FOUND);
	catalog_txn_free(TAKE(txn));
	MUST(f, .what = TASK_TABLE_UPDATE, .message = table);
	assert_ok(catalog_read(f->catalog, &txn, &f->err), &f->err);
	assert_ok(table_by_location(txn, TEXT("d"), text_of(location), f->arena, &found, &f->err),
		&f->err);
	assert_int_equal(found->version, 1);
	location[2000] = 'p';
	assert_int_equal(
		table_by_location(txn, TEXT("d"), text_of(location), f->arena, &found, &f->err),
		STATUS_NOT_FOUND);
}

static void a_database_with_tables_goes_only_by_cascade(void **state)
{
	struct fixture *f = *state;
	assert_ok(make_database(f, "d"), &f->err);
	assert_ok(make_database(f, "d2"), &f->err);
	assert_ok(make_table(f, "d2", "other", "a int"), &f->err);
	for (int i = 0; i < 150; i++)
		assert_ok(make_table(f, "d", arena_printf(f->arena, "t%d", i), "a int | k string"),
			&f->err);
	assert_ok(make_partition(f, "d", "t7", (const char *[]){"1"}, 1), &f->err);
	assert_int_equal(
		DO(f, .what = TASK_DATABASE_DELETE, .name = "d"), STATUS_FAILED_PRECONDITION);
	MUST(f, .what = TASK_DATABASE_DELETE, .name = "D", .flag = true);
	assert_null(get_table(f, "d", "t7"));
	assert_non_null(get_table(f, "d2", "other"));
	assert_int_equal(
		DO(f, .what = TASK_DATABASE_DELETE, .name = "d", .flag = true), STATUS_NOT_FOUND);
	assert_ok(make_database(f, "d"), &f->err);
	assert_ok(make_table(f, "d", "t7", "a int | k string"), &f->err);
	assert_int_equal(get_table(f, "d", "t7")->partition_count, 0);
}

/* Reads all pages of `limit` tables; after each page drops the tables it gave
 * when told to. Every name comes once, in order. */
static void pages(struct fixture *f, const char *database, size_t limit, bool drop, size_t total)
{
	struct text token = TEXT("");
	char last[600] = "";
	size_t seen = 0;
	do {
		OWNED(catalog_txn) txn = NULL;
		Tenon__V1__Table **tables;
		size_t count;
		assert_ok(catalog_read(f->catalog, &txn, &f->err), &f->err);
		assert_ok(table_list(txn, text_of(database), token, limit, true, f->arena, &tables,
				  &count, &token, &f->err),
			&f->err);
		catalog_txn_free(TAKE(txn));
		assert_true(count <= limit);
		for (size_t i = 0; i < count; i++) {
			char name[600];
			(void)snprintf(
				name, sizeof name, "%s\t%s", tables[i]->database, tables[i]->name);
			assert_true(strcmp(name, last) > 0);
			strcpy(last, name);
			assert_int_equal(tables[i]->storage->n_columns, 0);
			if (drop)
				MUST(f, .what = TASK_TABLE_DELETE, .database = tables[i]->database,
					.name = tables[i]->name);
		}
		seen += count;
	} while (token.length);
	assert_int_equal(seen, total);
}

static void pages_give_each_table_once_though_tables_are_dropped(void **state)
{
	struct fixture *f = *state;
	assert_ok(make_database(f, "a"), &f->err);
	assert_ok(make_database(f, "b"), &f->err);
	for (int i = 0; i < 50; i++)
		assert_ok(
			make_table(f, i % 2 ? "a" : "b", arena_printf(f->arena, "t%d", i), "a int"),
			&f->err);
	static const size_t limits[] = {1, 7, 25, 1000};
	for (size_t i = 0; i < 4; i++) {
		pages(f, "a", limits[i], false, 25);
		pages(f, "", limits[i], false, 50);
	}
	pages(f, "a", 7, true, 25);
	pages(f, "", 7, true, 25);
}

static void tokens_that_are_not_ours_are_refused(void **state)
{
	struct fixture *f = *state;
	assert_ok(make_database(f, "a"), &f->err);
	assert_ok(make_database(f, "b"), &f->err);
	for (int i = 0; i < 4; i++)
		assert_ok(
			make_table(f, i % 2 ? "a" : "b", arena_printf(f->arena, "t%d", i), "a int"),
			&f->err);
	OWNED(catalog_txn) txn = NULL;
	Tenon__V1__Table **tables;
	Tenon__V1__Database **databases;
	size_t count;
	struct text token;
	struct text next;
	assert_ok(catalog_read(f->catalog, &txn, &f->err), &f->err);
	assert_ok(table_list(txn, TEXT("a"), TEXT(""), 1, false, f->arena, &tables, &count, &token,
			  &f->err),
		&f->err);
	assert_true(token.length > 0);
	assert_ok(table_list(txn, TEXT("a"), token, 1, false, f->arena, &tables, &count, &next,
			  &f->err),
		&f->err);
	assert_int_equal(table_list(txn, TEXT("b"), token, 1, false, f->arena, &tables, &count,
				 &next, &f->err),
		STATUS_INVALID_ARGUMENT);
	assert_int_equal(database_list(txn, token, 1, f->arena, &databases, &count, &next, &f->err),
		STATUS_INVALID_ARGUMENT);
	for (size_t i = 0; i < token.length; i++) {
		char *damaged = arena_text(f->arena, token);
		damaged[i] = damaged[i] == '0' ? '1' : '0';
		assert_int_equal(table_list(txn, TEXT("a"), text_of(damaged), 1, false, f->arena,
					 &tables, &count, &next, &f->err),
			STATUS_INVALID_ARGUMENT);
		assert_int_equal(table_list(txn, TEXT("a"), text_until(token, i ? i : 1), 1, false,
					 f->arena, &tables, &count, &next, &f->err),
			STATUS_INVALID_ARGUMENT);
	}
	struct fixture other;
	fixture_open(&other, 0);
	assert_ok(make_database(&other, "a"), &other.err);
	OWNED(catalog_txn) elsewhere = NULL;
	assert_ok(catalog_read(other.catalog, &elsewhere, &f->err), &f->err);
	assert_int_equal(table_list(elsewhere, TEXT("a"), token, 1, false, f->arena, &tables,
				 &count, &next, &f->err),
		STATUS_INVALID_ARGUMENT);
	catalog_txn_free(TAKE(elsewhere));
	fixture_close(&other);
}

static void changing_key_types_moves_the_partitions(void **state)
{
	struct fixture *f = *state;
	assert_ok(make_database(f, "d"), &f->err);
	assert_ok(make_table(f, "d", "t", "a int | k int"), &f->err);
	assert_ok(make_partition(f, "d", "t", (const char *[]){"10"}, 1), &f->err);
	assert_ok(make_partition(f, "d", "t", (const char *[]){"9"}, 1), &f->err);
	assert_int_equal(
		make_partition(f, "d", "t", (const char *[]){"x"}, 1), STATUS_INVALID_ARGUMENT);
	Tenon__V1__Table *table = table_made(f->arena, "d", "t", "a int | k string");
	MUST(f, .what = TASK_TABLE_UPDATE, .message = table);
	assert_ok(make_partition(f, "d", "t", (const char *[]){"x"}, 1), &f->err);
	OWNED(catalog_txn) txn = NULL;
	Tenon__V1__Partition **partitions;
	size_t count;
	struct text next;
	assert_ok(catalog_read(f->catalog, &txn, &f->err), &f->err);
	assert_ok(partition_list(txn, TEXT("d"), TEXT("t"), TEXT(""), TEXT(""), 0, f->arena,
			  &partitions, &count, &next, &f->err),
		&f->err);
	assert_int_equal(count, 3);
	assert_string_equal(partitions[0]->values[0], "10");
	assert_string_equal(partitions[2]->values[0], "x");
	catalog_txn_free(TAKE(txn));
	table = table_made(f->arena, "d", "t", "a int | k int");
	assert_int_equal(
		DO(f, .what = TASK_TABLE_UPDATE, .message = table), STATUS_FAILED_PRECONDITION);
	table = table_made(f->arena, "d", "t", "a int | k string, l int");
	assert_int_equal(
		DO(f, .what = TASK_TABLE_UPDATE, .message = table), STATUS_FAILED_PRECONDITION);
	assert_int_equal(get_table(f, "d", "t")->partition_count, 3);
}

static void a_listing_of_names_keeps_what_it_promises(void **state)
{
	struct fixture *f = *state;
	assert_ok(make_database(f, "d"), &f->err);
	Tenon__V1__Table *table = table_made(f->arena, "d", "t", "a int, b string | k int, l date");
	table->table_type = arena_text(f->arena, TEXT("EXTERNAL_TABLE"));
	table->owner = arena_text(f->arena, TEXT("me"));
	table->storage->number_of_buckets = -1;
	table->storage->compressed = true;
	table->retention = 300;
	parameter_add(f->arena, table, "p", "q");
	MUST(f, .what = TASK_TABLE_CREATE, .message = table);
	assert_ok(make_partition(f, "d", "t", (const char *[]){"1", "2020-01-01"}, 2), &f->err);
	table->storage = NULL;
	table->name = arena_text(f->arena, TEXT("u"));
	MUST(f, .what = TASK_TABLE_CREATE, .message = table);
	OWNED(catalog_txn) txn = NULL;
	Tenon__V1__Table **tables;
	size_t count;
	struct text next;
	assert_ok(catalog_read(f->catalog, &txn, &f->err), &f->err);
	assert_ok(table_list(txn, TEXT("d"), TEXT(""), 0, true, f->arena, &tables, &count, &next,
			  &f->err),
		&f->err);
	assert_int_equal(count, 2);
	assert_null(tables[1]->storage);
	Tenon__V1__Table *whole;
	assert_ok(table_get(txn, TEXT("d"), TEXT("t"), f->arena, &whole, &f->err), &f->err);
	whole->n_partition_keys = 0;
	whole->n_parameters = 0;
	whole->storage->n_columns = 0;
	assert_int_equal(whole->partition_count, 1);
	assert_true(text_equal(
		wire_pack(f->arena, &tables[0]->base), wire_pack(f->arena, &whole->base)));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_one, close_one)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(names_are_folded_and_found_in_any_letters),
		TEST(bad_names_and_columns_are_refused_by_name),
		TEST(two_names_of_255_bytes_make_one_key),
		TEST(stored_bytes_are_the_packed_table),
		TEST(only_a_change_makes_a_version),
		TEST(versions_tell_every_field_that_differs_when_they_are_asked),
		TEST(a_diff_leaves_out_what_only_measures_unless_it_is_asked_for),
		TEST(maps_are_sorted_and_their_last_value_wins),
		TEST(a_stale_version_is_aborted),
		TEST(a_rename_keeps_id_versions_and_partitions),
		TEST(locations_find_their_table_and_follow_it),
		TEST(a_database_with_tables_goes_only_by_cascade),
		TEST(pages_give_each_table_once_though_tables_are_dropped),
		TEST(a_listing_of_names_keeps_what_it_promises),
		TEST(tokens_that_are_not_ours_are_refused),
		TEST(changing_key_types_moves_the_partitions),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
