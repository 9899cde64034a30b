#pragma once

#include "tests/unit.h"

#include "catalog/ledger.h"
#include "catalog/partitions.h"
#include "catalog/runs.h"
#include "catalog/tables.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A catalog in a folder of its own, and its calls as one-liners: each write is
 * submitted and waited for. Results live until the fixture closes. */
struct fixture {
	char folder[64];
	struct catalog_options options;
	struct catalog *catalog;
	struct arena *arena;
	struct error err;
};

static inline void fixture_open(struct fixture *fixture, size_t map_bytes)
{
	memset(fixture, 0, sizeof *fixture);
	strcpy(fixture->folder, "/tmp/tenon-catalog-XXXXXX");
	assert_non_null(mkdtemp(fixture->folder));
	fixture->options = (struct catalog_options){
		.folder = fixture->folder, .map_bytes = map_bytes, .no_sync = true};
	fixture->arena = arena_new();
	assert_ok(catalog_open(&fixture->options, &fixture->catalog, &fixture->err), &fixture->err);
}

static inline void fixture_reopen(struct fixture *fixture)
{
	catalog_free(fixture->catalog);
	fixture->catalog = NULL;
	assert_ok(catalog_open(&fixture->options, &fixture->catalog, &fixture->err), &fixture->err);
}

static inline int fixture_remove_one(
	const char *path, const struct stat *stat, int kind, struct FTW *ftw)
{
	(void)stat;
	(void)kind;
	(void)ftw;
	return remove(path);
}

static inline void folder_remove(const char *folder)
{
	(void)nftw(folder, fixture_remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static inline void fixture_close(struct fixture *fixture)
{
	catalog_free(fixture->catalog);
	arena_free(fixture->arena);
	folder_remove(fixture->folder);
}

/* One write of any kind. */
struct task {
	enum {
		TASK_DATABASE_PUT,
		TASK_DATABASE_UPDATE,
		TASK_DATABASE_DELETE,
		TASK_TABLE_CREATE,
		TASK_TABLE_UPDATE,
		TASK_TABLE_RENAME,
		TASK_TABLE_ROLLBACK,
		TASK_TABLE_DELETE,
		TASK_PARTITION_CREATE,
		TASK_PARTITION_DELETE,
		TASK_JOB_PUT,
		TASK_JOB_DELETE,
		TASK_RUN_PUT,
		TASK_BOOKMARK_ADVANCE,
		TASK_BOOKMARK_RESET,
		TASK_LEDGER_PUT,
		TASK_LEDGER_REMOVE,
	} what;
	const char *database;
	const char *name;
	const char *path;
	const void *message;
	const char *const *values;
	size_t count;
	uint64_t id;
	const uint64_t *version;
	bool flag; /* if_not_exists, cascade */
	struct arena *arena;
	void *out;
	bool changed;
	uint64_t number;
};

static inline enum status task_apply(struct catalog_txn *txn, void *state, struct error *err)
{
	static const struct author author = {"local", "test"};
	struct task *t = state;
	catalog_act_as(txn, &author);
	struct text database = text_of(t->database ? t->database : "");
	struct text name = text_of(t->name ? t->name : "");
	struct text path = text_of(t->path ? t->path : "");
	Tenon__V1__Table *table = (Tenon__V1__Table *)(uintptr_t)t->message;
	switch (t->what) {
	case TASK_DATABASE_PUT:
		return database_put(
			txn, t->message, t->flag, t->arena, (Tenon__V1__Database **)&t->out, err);
	case TASK_DATABASE_UPDATE:
		return database_update(
			txn, name, t->message, t->arena, (Tenon__V1__Database **)&t->out, err);
	case TASK_DATABASE_DELETE:
		return database_delete(txn, name, t->flag, err);
	case TASK_TABLE_CREATE:
		return table_create(txn, table, t->arena, (Tenon__V1__Table **)&t->out, err);
	case TASK_TABLE_UPDATE:
		return table_update(txn, table, t->version, t->arena, (Tenon__V1__Table **)&t->out,
			&t->changed, err);
	case TASK_TABLE_RENAME:
		return table_rename(txn, t->id, database, name, err);
	case TASK_TABLE_ROLLBACK:
		return table_rollback(txn, database, name, t->id, t->version, t->arena,
			(Tenon__V1__Table **)&t->out, &t->changed, err);
	case TASK_TABLE_DELETE:
		return table_delete(txn, database, name, err);
	case TASK_PARTITION_CREATE:
		return partition_create(txn, database, name, t->message, t->flag, &t->changed, err);
	case TASK_PARTITION_DELETE:
		return partition_delete(
			txn, database, name, (char *const *)(uintptr_t)t->values, t->count, err);
	case TASK_JOB_PUT:
		return job_put(
			txn, t->message, t->arena, (Tenon__V1__Job **)&t->out, &t->changed, err);
	case TASK_JOB_DELETE:
		return job_delete(txn, name, err);
	case TASK_RUN_PUT:
		return run_put(txn, t->message, err);
	case TASK_BOOKMARK_ADVANCE:
		return bookmark_advance(txn, t->id, name, t->message, err);
	case TASK_BOOKMARK_RESET:
		return bookmark_reset(txn, t->id, name, &t->number, err);
	case TASK_LEDGER_PUT:
		return ledger_put(txn, database, t->message, err);
	case TASK_LEDGER_REMOVE:
		return ledger_remove(txn, database, path, err);
	}
	return STATUS_UNKNOWN;
}

static inline enum status task_run(struct fixture *fixture, struct task *task)
{
	task->arena = fixture->arena;
	return catalog_write_now(fixture->catalog, task_apply, task, &fixture->err);
}
/* DO(&f, .what = TASK_TABLE_DELETE, .database = "a", .name = "t") gives the status. */
#define DO(fixture, ...)   task_run(fixture, &(struct task){__VA_ARGS__})
#define MUST(fixture, ...) assert_ok(DO(fixture, __VA_ARGS__), &(fixture)->err)

static inline enum status make_database(struct fixture *fixture, const char *name)
{
	Tenon__V1__Database database = TENON__V1__DATABASE__INIT;
	database.name = (char *)(uintptr_t)name;
	return DO(fixture, .what = TASK_DATABASE_PUT, .message = &database);
}

/* "id int, name string | day date": a table by its columns and keys. */
static inline Tenon__V1__Table *table_made(
	struct arena *arena, const char *database, const char *name, const char *columns)
{
	Tenon__V1__Table *table = arena_alloc(arena, sizeof *table);
	tenon__v1__table__init(table);
	table->database = arena_text(arena, text_of(database));
	table->name = arena_text(arena, text_of(name));
	table->storage = arena_alloc(arena, sizeof *table->storage);
	tenon__v1__storage_descriptor__init(table->storage);
	table->storage->location = arena_printf(arena, "/lake/%s/%s", database, name);
	table->storage->columns = arena_array(arena, 16, sizeof(Tenon__V1__Column *));
	table->partition_keys = arena_array(arena, 40, sizeof(Tenon__V1__Column *));
	struct text rest = text_of(columns);
	bool more = true;
	struct text half;
	for (int keys = 0; text_split(&rest, &more, '|', &half); keys = 1) {
		struct text piece;
		bool again = true;
		half = text_trimmed(half);
		while (half.length && text_split(&half, &again, ',', &piece)) {
			Tenon__V1__Column *column = arena_alloc(arena, sizeof *column);
			tenon__v1__column__init(column);
			piece = text_trimmed(piece);
			size_t space = text_find(piece, ' ');
			column->name = arena_text(arena, text_until(piece, space));
			column->type = arena_text(arena, text_from(piece, space + 1));
			if (keys)
				table->partition_keys[table->n_partition_keys++] = column;
			else
				table->storage->columns[table->storage->n_columns++] = column;
		}
	}
	return table;
}

static inline void parameter_add(
	struct arena *arena, Tenon__V1__Table *table, const char *key, const char *value)
{
	size_t n = table->n_parameters;
	table->parameters =
		arena_grow(arena, table->parameters, n, n + 1, sizeof *table->parameters);
	table->parameters[n] = arena_alloc(arena, sizeof **table->parameters);
	tenon__v1__table__parameters_entry__init(table->parameters[n]);
	table->parameters[n]->key = arena_text(arena, text_of(key));
	table->parameters[n]->value = arena_text(arena, text_of(value));
	table->n_parameters++;
}

static inline enum status make_table(
	struct fixture *fixture, const char *database, const char *name, const char *columns)
{
	Tenon__V1__Table *table = table_made(fixture->arena, database, name, columns);
	return DO(fixture, .what = TASK_TABLE_CREATE, .message = table);
}

/* The table, or NULL when there is none. */
static inline Tenon__V1__Table *get_table(
	struct fixture *fixture, const char *database, const char *name)
{
	OWNED(catalog_txn) txn = NULL;
	Tenon__V1__Table *table = NULL;
	assert_ok(catalog_read(fixture->catalog, &txn, &fixture->err), &fixture->err);
	enum status status = table_get(
		txn, text_of(database), text_of(name), fixture->arena, &table, &fixture->err);
	assert_true(status == STATUS_OK || status == STATUS_NOT_FOUND);
	return table;
}

static inline enum status make_partition(struct fixture *fixture, const char *database,
	const char *table, const char *const *values, size_t count)
{
	Tenon__V1__Partition partition = TENON__V1__PARTITION__INIT;
	partition.values = (char **)(uintptr_t)values;
	partition.n_values = count;
	return DO(fixture, .what = TASK_PARTITION_CREATE, .database = database, .name = table,
		.message = &partition);
}
