#pragma once

#include "base/error.h"
#include "tenon/v1/plan.pb-c.h"

/* What can be said of a plan without reading data: it has nodes, their names are
 * theirs alone, inputs name nodes. INVALID_ARGUMENT names the node. Everything
 * else is the worker's to judge, which resolves it against the catalog. */
enum status plan_check(const Tenon__V1__Plan *plan, struct error *err) MUST_USE;
