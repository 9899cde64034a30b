#pragma once

#include "crawler/group.h"

/* Partition keys of a table: what the folders between its root and its files say.
 * key=value folders name their key; a level where they do not, or do not agree,
 * is partition_N, N counted from 0 among the levels. */
bool key_of_folder(struct text name, struct text *key_out); /* "year=2013": year */

/* The names of the group's levels, folded. */
struct text *keys_of_group(
	const struct found *found, const struct group *group, struct arena *arena);
/* The values of one object's folders, one per level: %XX decoded, raw otherwise. */
struct text *key_values(
	const struct group *group, const struct text *keys, struct text path, struct arena *arena);
struct text folder_of(struct text path); /* without the last name */
