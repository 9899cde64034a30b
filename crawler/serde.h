#pragma once

#include "base/arena.h"
#include "tenon/v1/crawlers.pb-c.h"

/* Hive's names of what reads a format, and the parameters with which a reader
 * builds the dialect again (glue-behaviour 2.7):
 *
 *   delimiter quoteChar escapeChar commentCharacter   one character each; absent: none
 *   skip.header.line.count     lines before the first record, the header's included
 *   header                     "false" when these lines hold no header; else there is one
 *                              if any line is skipped
 *   areColumnsQuoted           "true" with quoteChar, else "false": no byte quotes
 *   encoding nullText          absent: utf-8, only the empty field is null
 *   jsonArray                  "true": one array whose elements are the records */
struct parameter {
	const char *key;
	const char *value;
};
enum { PARAMETERS_MAX = 40 };
struct parameters {
	struct parameter at[PARAMETERS_MAX];
	size_t count;
};
void parameter_add(struct parameters *parameters, const char *key, const char *value);

void dialect_parameters(
	struct arena *arena, const Tenon__V1__Inferred *summary, struct parameters *parameters);

struct serde_names {
	const char *input_format, *output_format, *library;
};
/* By classification and dialect; empty names for what Hive cannot read. */
struct serde_names serde_names(const Tenon__V1__Inferred *summary);
void serde_parameters(
	struct arena *arena, const Tenon__V1__Inferred *summary, struct parameters *parameters);
