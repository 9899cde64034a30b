#pragma once

#include "schema/type.h"

/* Glue's names of types (glue-behaviour 3.1), which differ from Hive's in long,
 * short, byte and a bare decimal of (10,2). */
enum status glue_type_parse(struct arena *arena, const char *name, const struct type **type_out,
	struct error *err) MUST_USE;
/* The name Glue gives an alternative in make_cols and make_struct: long, struct, … */
const char *glue_type_name(const struct type *type);
