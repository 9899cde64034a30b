#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "tenon/v1/table.pb-c.h"

/* Who owns which field of a table, when a crawl or a run brings a new definition
 * of one that exists. Pure.
 *
 * A column's comment, and a type or column that a person set, stay as they are; so
 * do description, owner and every parameter the newcomer does not set itself. */

/* What a crawl wanted otherwise than a person: for the report. */
struct disagreement {
	const char *column;
	const char *stored; /* type text, kept */
	const char *found; /* type text; empty: no such column in the data */
	bool is_key;
};

struct merged {
	Tenon__V1__Table *table;
	struct disagreement *disagreements;
	size_t disagreement_count;
	bool keys_differ; /* partition keys: what is registered no longer fits */
};

/* `base`: the definition that a crawl or run wrote last, before people changed it;
 * NULL when nothing was changed since. Parts are shared, not copied. */
void merge_crawl(struct arena *arena, const Tenon__V1__Table *stored, const Tenon__V1__Table *base,
	const Tenon__V1__Table *found, struct merged *merged_out);

/* The same for a run's output, which may widen columns and add some, and removes
 * none. FAILED_PRECONDITION names the column whose types have no common one. */
enum status merge_output(struct arena *arena, const Tenon__V1__Table *stored,
	const Tenon__V1__Table *written, Tenon__V1__Table **table_out, struct error *err) MUST_USE;

/* "crawl <run>" and "run <run>" are ours, every other name is a person's. */
bool author_is_person(struct text author);
