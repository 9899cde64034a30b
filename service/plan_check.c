#include "service/plan_check.h"

#include "base/limits.h"

#include <stdbool.h>
#include <string.h>

static size_t find(const Tenon__V1__Plan *plan, const char *name, size_t until)
{
	for (size_t i = 0; i < until; i++) {
		if (strcmp(plan->nodes[i]->name, name) == 0)
			return i;
	}
	return until;
}

static enum status check_node(const Tenon__V1__Plan *plan, size_t at, struct error *err)
{
	const Tenon__V1__Node *node = plan->nodes[at];
	if (!*node->name)
		return fail(err, STATUS_INVALID_ARGUMENT, "plan.nodes[%zu] has no name", at);
	if (find(plan, node->name, at) != at)
		return fail(err, STATUS_INVALID_ARGUMENT, "two nodes are called '%s'", node->name);
	if (node->kind_case == TENON__V1__NODE__KIND__NOT_SET)
		return fail(err, STATUS_INVALID_ARGUMENT,
			"node '%s' does nothing: give it one of source, filter, sql, target, …",
			node->name);
	for (size_t i = 0; i < node->n_inputs; i++) {
		if (find(plan, node->inputs[i], plan->n_nodes) == plan->n_nodes)
			return fail(err, STATUS_INVALID_ARGUMENT,
				"node '%s' reads '%s', which is no node of the plan", node->name,
				node->inputs[i]);
	}
	return STATUS_OK;
}

enum status plan_check(const Tenon__V1__Plan *plan, struct error *err)
{
	if (!plan || plan->n_nodes == 0)
		return fail(err, STATUS_INVALID_ARGUMENT, "job.plan has no nodes");
	if (plan->n_nodes > LIMIT_PLAN_NODES)
		return fail(err, STATUS_RESOURCE_EXHAUSTED,
			"the plan has %zu nodes, and %d is the most", plan->n_nodes,
			LIMIT_PLAN_NODES);
	for (size_t i = 0; i < plan->n_nodes; i++)
		TRY(check_node(plan, i, err));
	return STATUS_OK;
}
