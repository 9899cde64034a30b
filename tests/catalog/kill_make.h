#pragma once

#include "tests/catalog/kill_kinds.h"

#include "catalog/tables.h"

#include <stdio.h>
#include <string.h>

/* What the kinds of writes are made of; inside of kill_*.c. */
enum { KILL_BATCH = 20 };

/* A step's number as text, and whether a text is that of `step`. */
char *kill_number(struct arena *arena, uint64_t number);
bool kill_says(const char *text, uint64_t step);

/* `database`.`name` (a int, b string[, c int] | k int), described by its step. */
Tenon__V1__Table *kill_table(
	struct arena *arena, const char *database, const char *name, uint64_t step, bool wide);
Tenon__V1__Column *kill_column(struct arena *arena, const char *name, const char *type);
/* The partition of key `key`, which lies at `step`. */
Tenon__V1__Partition *kill_partition(struct arena *arena, uint64_t key, uint64_t step);
/* The database with its table "t". */
enum status kill_database(struct catalog_txn *txn, const char *name, uint64_t step,
	struct arena *arena, struct error *err) MUST_USE;
/* KILL_BATCH partitions of table `name`. */
enum status kill_fill(struct catalog_txn *txn, const char *database, const char *name,
	uint64_t step, struct arena *arena, struct error *err) MUST_USE;
/* Whether those are there, all of them and no others. */
bool kill_is_filled(struct catalog_txn *txn, const char *database, const char *name, uint64_t step,
	struct arena *arena);

bool kill_find(struct catalog_txn *txn, const char *database, const char *name, struct arena *arena,
	Tenon__V1__Table **table_out, struct error *err);
