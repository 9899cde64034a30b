#pragma once

#include "base/arena.h"
#include "storage/store.h"
#include "tenon/v1/table.pb-c.h"

/* Files below a table's folders that are not its own: the table's parameter
 * `exclusions`, a JSON list of globs (storage/glob.h) as a crawl writes it. A glob
 * that begins with '/' or has a scheme is absolute, others are relative to the
 * table's location. */
struct exclusions {
	const struct exclusion *at;
	size_t count;
};

/* INVALID_ARGUMENT when the parameter is no such list or a glob is malformed. */
enum status exclusions_of(struct arena *arena, const Tenon__V1__Table *table, struct text location,
	struct exclusions *exclusions_out, struct error *err) MUST_USE;
/* Take excluded objects out of a listing. */
void exclusions_drop(const struct exclusions *exclusions, struct listing *listing);
