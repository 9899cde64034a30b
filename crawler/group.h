#pragma once

#include "crawler/found.h"
#include "crawler/rows.h"

/* From files to tables by the folder tree (glue-behaviour 2.4). Children of a
 * folder become one table when they are *compatible* (format, delimiter, header,
 * encoding, depth) and more than GROUP_MAJORITY of them are *similar* to the most
 * common schema among them, in at most GROUP_CLUSTERS_MAX kinds of schemas; else
 * each is a table of its own. Folders named key=value say themselves that they
 * belong together, so for them less similarity is asked. */
#define GROUP_MAJORITY	       0.7
#define GROUP_SIMILAR	       0.7
#define GROUP_SIMILAR_DECLARED 0.3 /* key=value folders */
enum { GROUP_CLUSTERS_MAX = 5 };

struct group {
	struct text root; /* location: a folder, or one object */
	const size_t *members; /* indexes of `found`, in path order */
	size_t count;
	size_t levels; /* folders between root and files: partition keys */
	const struct type *row; /* the join of the members' */
	double similarity; /* mean, of its parts to their most common schema */
};

struct groups {
	struct group *at; /* sorted by root */
	size_t count;
};

struct group_options {
	bool combine_compatible; /* no similarity test */
	uint32_t table_level; /* 0: found by the rules above; else folders of this level are tables
			       */
};

/* Every object with a row comes to be in exactly one group. */
void groups_find(const struct found *found, size_t count, struct text target,
	const struct group_options *options, struct rows *rows, struct arena *arena,
	struct groups *groups_out);
