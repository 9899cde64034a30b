#pragma once

#include "crawler/found.h"

/* Gives each distinct row type of a crawl one address, so that a million files
 * of one schema cost one parse, and comparing them costs nothing. */
struct rows;

struct rows *rows_new(struct arena *arena); /* the types live in `arena` */
void rows_free(struct rows *rows);
OWNABLE(rows);
/* The row of an entry's columns, which are in exact notation. */
enum status rows_of_entry(struct rows *rows, const Tenon__V1__LedgerEntry *entry,
	const struct type **row_out, struct error *err) MUST_USE;
/* The one address of a row like this (fields in this order). */
const struct type *rows_intern(struct rows *rows, const struct type *row);
