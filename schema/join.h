#pragma once

#include "schema/type.h"

/* The least type that holds every value of both without loss. A lattice join:
 * commutative, associative, idempotent up to type_equal (a struct keeps its left
 * operand's field order, then new fields in the right's), so neither the order
 * of files nor parallelism can change what a crawl finds.
 *
 *   null ∨ t = t          tinyint < smallint < int < bigint53 < bigint
 *   int, bigint53 < double   float < double   tinyint, smallint < float
 *   integers and decimals meet in the decimal that holds both (≤ 38 digits)
 *   date < timestamp      char, varchar < string
 *   structs join by field, arrays by element, maps by key and value
 *   anything else is a choice of the maximal kinds, at most one struct, array
 *   and map among them; string does NOT swallow numbers: that is a policy.
 *
 * A join that would pass LIMIT_CHOICE_ARMS, LIMIT_TYPE_DEPTH or LIMIT_FIELDS gives string. */
const struct type *type_join(struct arena *arena, const struct type *a, const struct type *b);

/* True when every value of `from` is a value of `to` without loss: join(from,to) = to. */
bool type_widens(const struct type *from, const struct type *to);
