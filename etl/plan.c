#include "etl/plan.h"

#include "base/limits.h"
#include "etl/transform.h"

static const Tenon__V1__Node *node_called(const Tenon__V1__Plan *plan, const char *name)
{
	for (size_t i = 0; i < plan->n_nodes; i++) {
		if (text_equal_folded(text_of(plan->nodes[i]->name), text_of(name)))
			return plan->nodes[i];
	}
	return NULL;
}

static enum status check_inputs(
	const Tenon__V1__Plan *plan, const Tenon__V1__Node *node, struct error *err)
{
	for (size_t i = 0; i < node->n_inputs; i++) {
		const Tenon__V1__Node *input = node_called(plan, node->inputs[i]);
		if (!input)
			return fail(err, STATUS_INVALID_ARGUMENT,
				"node '%s': input '%s' is not a node of this plan", node->name,
				node->inputs[i]);
		if (input->kind_case == TENON__V1__NODE__KIND_TARGET)
			return fail(err, STATUS_INVALID_ARGUMENT,
				"node '%s': input '%s' is a target, which gives no rows",
				node->name, node->inputs[i]);
	}
	return STATUS_OK;
}

static enum status check_count(const Tenon__V1__Node *node, struct error *err)
{
	const struct transform *transform = transform_of(node);
	size_t least = transform ? transform->inputs_min : 1;
	size_t most = transform ? transform->inputs_max : 1;
	if (node->kind_case == TENON__V1__NODE__KIND_SOURCE)
		least = most = 0;
	if (node->n_inputs >= least && node->n_inputs <= most)
		return STATUS_OK;
	return fail(err, STATUS_INVALID_ARGUMENT, "node '%s': has %zu inputs, takes %s%zu",
		node->name, node->n_inputs, least == most ? "" : "at least ", least);
}

static enum status check_node(
	const Tenon__V1__Plan *plan, const Tenon__V1__Node *node, struct error *err)
{
	struct text name = text_of(node->name);
	if (!name.length || name.length > LIMIT_NAME_BYTES)
		return fail(err, STATUS_INVALID_ARGUMENT,
			"a node's name has %zu bytes, 1 to %d are allowed", name.length,
			LIMIT_NAME_BYTES);
	if (node_called(plan, node->name) != node)
		return fail(err, STATUS_INVALID_ARGUMENT,
			"two nodes are called '%s' (letters' case does not count)", node->name);
	if (node->kind_case == TENON__V1__NODE__KIND__NOT_SET)
		return fail(err, STATUS_INVALID_ARGUMENT,
			"node '%s' does nothing: give it source, target or a transform",
			node->name);
	TRY(check_count(node, err));
	return check_inputs(plan, node, err);
}

/* Depth first, without recursion: each pass takes the nodes whose inputs are all
 * taken. Quadratic, over at most LIMIT_PLAN_NODES. */
static bool is_ready(const struct plan *plan, const Tenon__V1__Node *node)
{
	size_t met = 0;
	for (size_t i = 0; i < node->n_inputs; i++) {
		for (size_t k = 0; k < plan->count; k++) {
			if (text_equal_folded(
				    text_of(plan->nodes[k]->name), text_of(node->inputs[i]))) {
				met++;
				break;
			}
		}
	}
	return met == node->n_inputs;
}

static bool is_taken(const struct plan *plan, const Tenon__V1__Node *node)
{
	for (size_t i = 0; i < plan->count; i++) {
		if (plan->nodes[i] == node)
			return true;
	}
	return false;
}

static enum status order(const Tenon__V1__Plan *plan, struct plan *out, struct error *err)
{
	while (out->count < plan->n_nodes) {
		size_t before = out->count;
		const char *stuck = "";
		for (size_t i = 0; i < plan->n_nodes; i++) {
			if (is_taken(out, plan->nodes[i]))
				continue;
			if (is_ready(out, plan->nodes[i]))
				out->nodes[out->count++] = plan->nodes[i];
			else
				stuck = plan->nodes[i]->name;
		}
		if (out->count == before)
			return fail(err, STATUS_INVALID_ARGUMENT,
				"node '%s' is part of a cycle or reads from one", stuck);
	}
	return STATUS_OK;
}

enum status plan_order(
	struct arena *arena, const Tenon__V1__Plan *plan, struct plan *plan_out, struct error *err)
{
	if (!plan || !plan->n_nodes)
		return fail(err, STATUS_INVALID_ARGUMENT, "the job has no plan");
	if (plan->n_nodes > LIMIT_PLAN_NODES)
		return fail(err, STATUS_RESOURCE_EXHAUSTED,
			"the plan has %zu nodes, the limit is %d", plan->n_nodes, LIMIT_PLAN_NODES);
	bool target = false;
	for (size_t i = 0; i < plan->n_nodes; i++) {
		TRY(check_node(plan, plan->nodes[i], err));
		target |= plan->nodes[i]->kind_case == TENON__V1__NODE__KIND_TARGET;
	}
	if (!target)
		return fail(err, STATUS_INVALID_ARGUMENT,
			"the plan has no target: nothing would be written");
	struct plan out = {arena_array(arena, plan->n_nodes, sizeof *out.nodes), 0};
	TRY(order(plan, &out, err));
	*plan_out = out;
	return STATUS_OK;
}
