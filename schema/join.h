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
 * The laws have a price: an arm is as wide as what the other arms make room for.
 * choice<decimal(5,2),double> is written choice<decimal(18,2),double>, because a
 * bigint53 may hide in the double, and float ∨ bigint is choice<bigint,double>.
 * Decimals that need more than 38 digits together are the two extreme ones and
 * text for what neither holds: choice<decimal(38,38-whole),decimal(38,scale),string>.
 *
 * No join is deeper than its operands (a choice is no level), nor has it more
 * than LIMIT_CHOICE_ARMS arms. A struct that would pass LIMIT_FIELDS becomes
 * string; there the laws end. */
const struct type *type_join(struct arena *arena, const struct type *a, const struct type *b);

/* True when every value of `from` is a value of `to` without loss: join(from,to) = to. */
bool type_widens(const struct type *from, const struct type *to);
