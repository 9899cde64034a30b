#pragma once

#include "catalog/catalog.h"
#include "tenon/v1/functions.pb-c.h"

/* User-defined functions of databases: names of classes and of the files they are in,
 * as Hive registers them; nothing here runs them. Names are folded here. They go with
 * their database. Results are in `arena`. */
enum status function_create(struct catalog_txn *txn, const Tenon__V1__Function *function,
	struct arena *arena, Tenon__V1__Function **function_out, struct error *err) MUST_USE;
enum status function_get(struct catalog_txn *txn, struct text database, struct text name,
	struct arena *arena, Tenon__V1__Function **function_out, struct error *err) MUST_USE;
/* Replaces all but the time of creation. Another name in `function` renames it within
 * its database; none keeps it. */
enum status function_update(struct catalog_txn *txn, struct text database, struct text name,
	const Tenon__V1__Function *function, struct arena *arena,
	Tenon__V1__Function **function_out, struct error *err) MUST_USE;
enum status function_delete(struct catalog_txn *txn, struct text database, struct text name,
	struct error *err) MUST_USE;
/* Those whose names match `pattern` (pattern.h), in (database, name) order; an empty
 * database: of all. A page may be short and still have a next token. */
enum status function_list(struct catalog_txn *txn, struct text database, struct text pattern,
	struct text token, size_t limit, struct arena *arena, Tenon__V1__Function ***functions_out,
	size_t *count_out, struct text *next_out, struct error *err) MUST_USE;

/* Inside the room: functions of a database that goes, a handful of them: taken away into
 * `arena`, none at the end; or put back, under its name of then. */
enum status functions_take(struct catalog_txn *txn, struct text folded, struct arena *arena,
	Tenon__V1__Function ***functions_out, size_t *count_out, struct error *err) MUST_USE;
enum status function_keep(
	struct catalog_txn *txn, const Tenon__V1__Function *function, struct error *err) MUST_USE;
