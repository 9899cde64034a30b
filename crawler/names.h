#pragma once

#include "crawler/group.h"

/* Table names as AWS Glue's crawler makes them: the last part of the location,
 * folded, every byte outside [a-z0-9_] as '_', after `prefix`, at most
 * TABLE_NAME_BYTES; of several with one name, all but the first (by location) get
 * the hash of their location. */
enum { TABLE_NAME_BYTES = 128 };
char **names_of_groups(const struct groups *groups, const char *prefix, struct arena *arena);
