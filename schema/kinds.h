#pragma once

#include "schema/type.h"

/* The words of type text. */
const char *kind_name(enum type_kind kind); /* static; exact notation's */
/* The kind that a word in any letters names, synonyms included. */
bool kind_find(struct text word, enum type_kind *kind_out);
