#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "tenon/v1/plan.pb-c.h"

/* A plan's nodes so that inputs come before what reads them. INVALID_ARGUMENT
 * names the node: two of one name, an input that is not there, a cycle, no kind,
 * the wrong number of inputs, an input that is a target, no target. */
struct plan {
	const Tenon__V1__Node **nodes;
	size_t count;
};
enum status plan_order(struct arena *arena, const Tenon__V1__Plan *plan, struct plan *plan_out,
	struct error *err) MUST_USE;
