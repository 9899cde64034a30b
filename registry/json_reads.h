#pragma once

#include "registry/json_schema.h"

/* Inside the room: whether every value of a writer's schema is one of a reader's. The
 * reader's schema is a conjunction of keywords, each of which must follow from what the
 * writer's says; what does not follow visibly counts as an obstacle. */

struct sides {
	const struct json_schema *reader;
	const struct json_schema *writer;
};

enum { PARTS_MAX = 24, CASES_MAX = 8 };

/* A writer's schema taken apart: its values are valid for every part, and for one of the
 * alternatives of every case. Parts that do not fit are left out: then more values seem
 * possible, which is on the safe side. */
struct written {
	const struct document *parts[PARTS_MAX]; /* objects */
	size_t count;
	const struct document *cases[CASES_MAX]; /* anyOf's, oneOf's lists */
	size_t case_count;
	unsigned types; /* that values may have */
	bool partial; /* something was left out */
};

/* One constraint of the reader's `schema`. */
struct check {
	const struct document *schema;
	const struct written *written;
	const struct place *place;
	struct reading *reading;
};

/* Values under a property or an item: a question of its own, kept. */
bool json_reads_inner(const struct check *check, const struct place *place,
	const struct document *reader, const struct document *writer);
/* The same values under another schema of the reader. */
bool json_covers(
	const struct check *check, const struct document *reader, const struct written *written);
/* With nothing told. */
bool json_covers_quietly(
	const struct check *check, const struct document *reader, const struct written *written);
/* `schema` as parts; its references followed. */
void json_take_apart(
	const struct json_schema *in, const struct document *schema, struct written *written);

/* Both mean the same, references followed. */
bool json_same(
	const struct check *check, const struct document *reader, const struct document *writer);

/* False; tells keyword and value of each side, `reader` or `writer` NULL when absent. */
bool json_tell(const struct check *check, const char *kind, const struct document *reader,
	const struct document *writer, const char *reason);

static inline const struct sides *json_sides(const struct check *check)
{
	return check->reading->context;
}
static inline bool json_may_be(const struct check *check, unsigned types)
{
	return (check->written->types & types) != 0;
}

/* The rows of the table in json_reads.c: one file per kind of keyword. */
bool json_check_type(const struct check *check);
bool json_check_listed(const struct check *check); /* enum, const */
bool json_check_limits(const struct check *check); /* of numbers, lengths, counts */
bool json_check_texts(const struct check *check); /* pattern, format */
bool json_check_items(const struct check *check);
bool json_check_required(const struct check *check);
bool json_check_properties(const struct check *check);
bool json_check_all_of(const struct check *check);
bool json_check_any_of(const struct check *check);
bool json_check_one_of(const struct check *check);
bool json_check_not(const struct check *check);
bool json_check_whole(const struct check *check); /* what is only compared as it stands */
