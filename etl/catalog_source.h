#pragma once

#include "etl/source.h"

/* The files of a catalog table: those under its location, or under the locations
 * of the partitions that match the node's predicate. Fills schema, format, files. */
enum status catalog_source_list(
	struct compile *compile, struct source *source, struct error *err) MUST_USE;

/* A partition's folder: its own location, else LOCATION/key=value/…. */
struct text partition_location(
	struct arena *arena, const Tenon__V1__Table *table, const Tenon__V1__Partition *partition);
