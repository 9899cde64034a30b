#pragma once

#include "registry/registry.h"

/* Inside the room: one question of definition_reads under way. A format asks it of pairs
 * of a reader's and a writer's part; what was found of a pair is kept, so that types
 * that hold themselves end and shared ones are looked at once. */

/* Where in a definition, from the outside in: lives on the stack of the walk. */
struct place {
	const struct place *outer; /* NULL: the definition */
	struct text name;
};

struct reading {
	struct arena *arena;
	struct obstacles *obstacles;
	bool reader_is_newer;
	const void *context; /* the format's own */
	bool telling; /* collect obstacles; else the verdict alone, as soon as it stands */
	bool told; /* something */
	unsigned depth;
	uint64_t steps;
	bool exhausted; /* the verdict is worthless: it took too long */
	struct memo *memo; /* reading.c's */
};

/* A pair and how to look at it. The verdict of `look` must depend on the two parts and
 * `extra` alone. */
struct pair {
	const void *reader;
	const void *writer;
	uint32_t reader_index; /* of the part in its definition: pairs are kept by them */
	uint32_t writer_index;
	uint32_t extra; /* below 128 */
	bool (*look)(struct reading *reading, const struct pair *pair, const struct place *place);
};

/* Whether the reader's part reads the writer's: a pair that is already being looked at
 * counts as read, unless it turns out otherwise. While telling, a pair that is not read
 * is looked at again, once, to tell why. */
bool reading_ask(struct reading *reading, const struct pair *pair, const struct place *place);

/* Counts work that is no pair; false when it was too much. */
bool reading_step(struct reading *reading);

/* False. Tells, while telling: NULL texts are sides that have no such thing. `kind` NULL:
 * added or removed, by which side lacks it; "narrowed" is turned round when the reader is
 * the older one. `reason` is a clause of the reader's and writer's view. */
bool reading_tell(struct reading *reading, const struct place *place, const char *kind,
	const char *reader, const char *writer, const char *reason);
/* `outer` with `name` behind it. */
#define PLACE(outer, name) (&(struct place){(outer), (name)})

/* Another question's telling is of no interest while alternatives are tried. */
static inline bool reading_quietly(struct reading *reading)
{
	bool telling = reading->telling;
	reading->telling = false;
	return telling;
}
