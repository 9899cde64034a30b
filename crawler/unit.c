#include "crawler/unit.h"

#include "base/memory.h"
#include "crawler/similar.h"
#include "schema/join.h"

#include <stdlib.h>

void units_add(struct units *units, struct arena *arena, struct unit unit)
{
	if (units->count == units->capacity) {
		size_t grown = memory_grown(units->capacity, units->count + 1);
		units->at = arena_grow(arena, units->at, units->count, grown, sizeof *units->at);
		units->capacity = grown;
	}
	units->at[units->count++] = unit;
}

size_t path_depth(struct text path)
{
	size_t depth = 0;
	for (size_t i = 0; i < path.length; i++)
		depth += path.at[i] == '/';
	return depth;
}

/* Units of one row type, which interning made one address. */
struct kind {
	const struct type *row;
	size_t first; /* the first unit of this row: orders kinds whatever the addresses */
	size_t count;
	double similarity; /* to the most common one */
};

static int by_row(const void *a, const void *b)
{
	const struct kind *one = a;
	const struct kind *other = b;
	uintptr_t left = (uintptr_t)one->row;
	uintptr_t right = (uintptr_t)other->row;
	if (left != right)
		return left < right ? -1 : 1;
	return one->first < other->first ? -1 : one->first > other->first;
}

static int by_count(const void *a, const void *b)
{
	const struct kind *one = a;
	const struct kind *other = b;
	if (one->count != other->count)
		return one->count > other->count ? -1 : 1;
	return one->first < other->first ? -1 : one->first > other->first;
}

/* The distinct rows, the most common first. */
static size_t kinds_of(const struct unit *units, size_t count, struct kind *kinds)
{
	size_t distinct = 0;
	for (size_t i = 0; i < count; i++)
		kinds[i] = (struct kind){.row = units[i].row, .first = i, .count = 1};
	qsort(kinds, count, sizeof *kinds, by_row);
	for (size_t i = 0; i < count; i++) {
		if (distinct && kinds[distinct - 1].row == kinds[i].row)
			kinds[distinct - 1].count++;
		else
			kinds[distinct++] = kinds[i];
	}
	qsort(kinds, distinct, sizeof *kinds, by_count);
	return distinct;
}

/* How many clusters of similar rows there are; stops counting past the limit. */
static size_t clusters(const struct kind *kinds, size_t count, double threshold)
{
	const struct type *centres[GROUP_CLUSTERS_MAX + 1];
	size_t found = 0;
	for (size_t i = 0; i < count && found <= GROUP_CLUSTERS_MAX; i++) {
		bool known = false;
		for (size_t c = 0; c < found && !known; c++)
			known = rows_similarity(centres[c], kinds[i].row) >= threshold;
		if (!known)
			centres[found++] = kinds[i].row;
	}
	return found;
}

static bool are_similar(
	const struct unit *units, size_t count, double threshold, double *similarity_out)
{
	struct kind *kinds = memory_new_array(count, sizeof *kinds);
	size_t distinct = kinds_of(units, count, kinds);
	size_t similar = 0;
	double sum = 0;
	for (size_t i = 0; i < distinct; i++) {
		kinds[i].similarity = rows_similarity(kinds[0].row, kinds[i].row);
		sum += kinds[i].similarity * (double)kinds[i].count;
		if (kinds[i].similarity >= threshold)
			similar += kinds[i].count;
	}
	*similarity_out = sum / (double)count;
	bool majority = (double)similar > GROUP_MAJORITY * (double)count;
	bool together = threshold <= 0 ||
			(majority && clusters(kinds, distinct, threshold) <= GROUP_CLUSTERS_MAX);
	free(kinds);
	return together;
}

bool units_combine(const struct unit *units, size_t count, struct text root, double threshold,
	struct rows *rows, struct arena *arena, struct unit *unit_out)
{
	struct unit all = {
		.root = root,
		.depth = count ? units[0].depth : 0,
		.compatible = count ? units[0].compatible : 0,
		.whole = true,
	};
	for (size_t i = 0; i < count; i++) {
		if (units[i].compatible != all.compatible || units[i].depth != all.depth)
			return false;
		all.count += units[i].count;
	}
	double similarity;
	if (count == 0 || all.depth - path_depth(root) > LIMIT_PARTITION_KEYS ||
		!are_similar(units, count, threshold, &similarity))
		return false;
	/* The least of all levels is the one that the table rests on. */
	all.similarity = similarity;
	all.members = arena_array(arena, all.count, sizeof *all.members);
	const struct type *row = type_simple(TYPE_NULL);
	size_t at = 0;
	for (size_t i = 0; i < count; i++) {
		memcpy(all.members + at, units[i].members, units[i].count * sizeof *all.members);
		at += units[i].count;
		row = type_join(arena, row, units[i].row);
		if (units[i].similarity < all.similarity)
			all.similarity = units[i].similarity;
	}
	all.row = rows_intern(rows, row);
	*unit_out = all;
	return true;
}
