#pragma once

#include "clients/cli/cli.h"

/* How a table is written: DB.TABLE, cut at the first point. A part may stand in
 * `backquotes`, as in Hive and Spark, or in "quotes", as in SQL; then it may hold points,
 * and the mark itself twice: `my.db`.orders. What is printed can be typed again. */

/* A usage error when it is not of this form. The parts live in the call's arena. */
enum status cli_table_name(struct cli *cli, const char *text, char **database_out, char **name_out,
	struct error *err) MUST_USE;
/* DB or DB.TABLE: without a table that is "". */
enum status cli_place(struct cli *cli, const char *text, char **database_out, char **table_out,
	struct error *err) MUST_USE;
/* A table alone when there is one; in backquotes what could not be read back without. */
const char *place_text(struct arena *arena, const char *database, const char *table);

/* NOT_FOUND when the daemon knows no such table, or without `table` no such database; OK
 * also when it does not tell. */
enum status cli_place_exists(
	struct cli *cli, const char *database, const char *table, struct error *err) MUST_USE;
