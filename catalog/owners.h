#pragma once

#include "base/arena.h"
#include "tenon/v1/table.pb-c.h"

/* Who set which field of a table (Table.owners). Pure.
 *
 * Who is a crawl or a run infers; what anybody else says in a definition that makes a
 * table is declared, and what anybody else changes later is human. Kept is only what
 * says more than the default:
 *
 *   ""                     the definition that made the table, by whom: every field that
 *                          has no entry of its own and has a value is declared
 *   "columns.mag.type"     one field, also where it was set to nothing
 *
 * so that a table that crawls alone have touched has no owners. What only measures the
 * data (definition_measures) is nobody's. */
struct ownership {
	const char *author;
	int64_t time_us;
	bool inferred; /* whoever the author is: a person who takes what a crawl found */
};

/* The owners of `after`, which `by` makes of `before` (NULL: of nothing), set in it. */
void owners_follow(struct arena *arena, const Tenon__V1__Table *before, Tenon__V1__Table *after,
	const struct ownership *by);

/* Who keeps a crawl from changing a field that has (or not) a value now; NULL: nobody.
 * `path` as in field_path_short. */
const Tenon__V1__FieldOwner *owner_of(
	const Tenon__V1__Table *table, struct text path, bool has_value);

/* "crawl <run>" and "run <run>" are ours, every other name is a person's. */
bool author_is_person(struct text author);
