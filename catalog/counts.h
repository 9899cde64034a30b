#pragma once

#include "catalog/txn.h"

/* Numbers of things obey the view's sight as listings do: where all of a database or
 * registry may be seen it is the number that is kept with it, else what may be seen is
 * counted name by name. */

/* Names that may still be looked at to count; what is behind them is not counted. */
struct counting {
	uint64_t left;
};
enum { COUNTED_MAX = 20000 }; /* of one answer: some ten milliseconds */

/* Of a database's tables and a registry's schemas; `whole` is what is kept. */
enum status tables_shown(struct catalog_txn *txn, struct text database, uint64_t whole,
	struct counting *counting, uint64_t *count_out, struct error *err) MUST_USE;
enum status schemas_shown(struct catalog_txn *txn, struct text registry, uint64_t whole,
	struct counting *counting, uint64_t *count_out, struct error *err) MUST_USE;
