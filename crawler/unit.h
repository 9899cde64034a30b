#pragma once

#include "crawler/group.h"

/* What grouping moves about: objects that are one table so far. */
struct unit {
	struct text root;
	size_t *members;
	size_t count;
	size_t depth; /* slashes in the members' paths: all the same */
	uint64_t compatible; /* units that differ in it are never one table */
	const struct type *row; /* interned */
	double similarity;
	bool whole; /* all of a folder: may become partitions of one table above */
};

struct units {
	struct unit *at;
	size_t count, capacity;
};

void units_add(struct units *units, struct arena *arena, struct unit unit);

/* All units as one at `root`, when they are compatible and (threshold > 0) similar. */
bool units_combine(const struct unit *units, size_t count, struct text root, double threshold,
	struct rows *rows, struct arena *arena, struct unit *unit_out);

size_t path_depth(struct text path); /* its slashes */
