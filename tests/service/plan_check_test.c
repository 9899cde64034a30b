#include "service/plan_check.h"

#include "base/arena.h"
#include "tests/unit.h"

#include <string.h>

/* A plan is written as "node<input,input node …". */
static Tenon__V1__Node *node(struct arena *arena, struct text word)
{
	static Tenon__V1__Filter filter = TENON__V1__FILTER__INIT;
	size_t less = text_find(word, '<');
	struct text inputs = text_from(word, less + 1);
	struct text input;
	bool more = inputs.length > 0;
	Tenon__V1__Node *node = arena_alloc(arena, sizeof *node);
	*node = (Tenon__V1__Node)TENON__V1__NODE__INIT;
	node->name = arena_text(arena, text_until(word, less));
	node->inputs = arena_array(arena, 8, sizeof *node->inputs);
	while (text_split(&inputs, &more, ',', &input))
		node->inputs[node->n_inputs++] = arena_text(arena, input);
	node->kind_case = TENON__V1__NODE__KIND_FILTER;
	node->filter = &filter;
	return node;
}

static void a_plan_s_nodes_have_names_of_their_own_and_inputs_that_exist(void **state)
{
	(void)state;
	static const struct {
		const char *label;
		const char *plan;
		const char *says; /* NULL: fine */
	} rows[] = {
		{"one node", "in", NULL},
		{"a line", "in clean<in out<clean", NULL},
		{"in any order", "out<clean clean<in in", NULL},
		{"two of one name", "in in", "two nodes are called 'in'"},
		{"no name", "in <in", "plan.nodes[1] has no name"},
		{"no such input", "in out<on", "'on', which is no node"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		OWNED(arena) arena = arena_new();
		struct error err = {0};
		Tenon__V1__Plan plan = TENON__V1__PLAN__INIT;
		struct text words = text_of(rows[i].plan);
		struct text word;
		bool more = true;
		plan.nodes = arena_array(arena, 8, sizeof *plan.nodes);
		while (text_split(&words, &more, ' ', &word))
			plan.nodes[plan.n_nodes++] = node(arena, word);
		enum status status = plan_check(&plan, &err);
		if (status != (rows[i].says ? STATUS_INVALID_ARGUMENT : STATUS_OK) ||
			(rows[i].says && !strstr(err.message, rows[i].says)))
			fail_msg("%s: %s: %s", rows[i].label, status_name(status), err.message);
	}
}

static void a_plan_without_nodes_or_with_an_idle_one_is_refused(void **state)
{
	(void)state;
	struct error err;
	OWNED(arena) arena = arena_new();
	Tenon__V1__Node *nodes[] = {node(arena, TEXT("in"))};
	Tenon__V1__Plan plan = TENON__V1__PLAN__INIT;
	assert_int_equal(plan_check(NULL, &err), STATUS_INVALID_ARGUMENT);
	assert_int_equal(plan_check(&plan, &err), STATUS_INVALID_ARGUMENT);
	plan.nodes = nodes;
	plan.n_nodes = 1;
	nodes[0]->kind_case = TENON__V1__NODE__KIND__NOT_SET;
	assert_int_equal(plan_check(&plan, &err), STATUS_INVALID_ARGUMENT);
	assert_non_null(strstr(err.message, "'in' does nothing"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_plan_s_nodes_have_names_of_their_own_and_inputs_that_exist),
		cmocka_unit_test(a_plan_without_nodes_or_with_an_idle_one_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
