#pragma once

#include "etl/source.h"

/* A path without a catalog table: its files, with partition keys from folders
 * named key=value when every file has the same ones. */
enum status path_source_list(
	struct compile *compile, struct source *source, struct error *err) MUST_USE;

/* The schema, exactly, of the files to be read; of `any` file when none is new. */
enum status path_source_infer(struct compile *compile, struct source *source,
	const struct source_file *any, struct error *err) MUST_USE;
