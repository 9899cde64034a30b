#include "service/merge.h"

#include "tests/unit.h"

#include <string.h>

/* A table is written here as "name:type name:type …", keys after a '|'. */
static Tenon__V1__Column *column(struct arena *arena, struct text word)
{
	size_t colon = text_find(word, ':');
	Tenon__V1__Column *column = arena_alloc(arena, sizeof *column);
	*column = (Tenon__V1__Column)TENON__V1__COLUMN__INIT;
	column->name = arena_text(arena, text_until(word, colon));
	column->type = arena_text(arena, text_from(word, colon + 1));
	return column;
}

static size_t columns(struct arena *arena, struct text words, Tenon__V1__Column ***out)
{
	size_t count = 0;
	bool more = true;
	struct text word;
	*out = arena_array(arena, 16, sizeof **out);
	while (text_split(&words, &more, ' ', &word)) {
		if (word.length)
			(*out)[count++] = column(arena, word);
	}
	return count;
}

static Tenon__V1__Table *table(struct arena *arena, const char *written, const char *by)
{
	struct text all = text_of(written);
	size_t bar = text_find(all, '|');
	Tenon__V1__Table *table = arena_alloc(arena, sizeof *table);
	*table = (Tenon__V1__Table)TENON__V1__TABLE__INIT;
	table->storage = arena_alloc(arena, sizeof *table->storage);
	*table->storage = (Tenon__V1__StorageDescriptor)TENON__V1__STORAGE_DESCRIPTOR__INIT;
	table->storage->n_columns = columns(arena, text_until(all, bar), &table->storage->columns);
	table->n_partition_keys = columns(arena,
		bar < all.length ? text_from(all, bar + 1) : TEXT(""), &table->partition_keys);
	table->updated_by = arena_text(arena, text_of(by));
	return table;
}

static const char *written(struct arena *arena, const Tenon__V1__Table *table)
{
	char *all = arena_printf(arena, "%s", "");
	for (size_t i = 0; i < table->storage->n_columns; i++)
		all = arena_printf(arena, "%s%s%s:%s", all, i ? " " : "",
			table->storage->columns[i]->name, table->storage->columns[i]->type);
	for (size_t i = 0; i < table->n_partition_keys; i++)
		all = arena_printf(arena, "%s%s%s:%s", all, i ? " " : "|",
			table->partition_keys[i]->name, table->partition_keys[i]->type);
	return all;
}

static const struct {
	const char *label;
	const char *base; /* NULL: no person changed it */
	const char *stored;
	const char *found;
	const char *merged;
	size_t disagreements;
	bool keys_differ;
} crawls[] = {
	{"the same", NULL, "a:int", "a:int", "a:int", 0, false},
	{"retyped, added and removed", NULL, "a:int b:int", "a:double c:int", "a:double c:int", 0,
		false},
	{"a person's type stays", "a:int", "a:string", "a:int", "a:string", 1, false},
	{"a person's type that the data now has", "a:int", "a:bigint", "a:bigint", "a:bigint", 0,
		false},
	{"only what the person changed stays", "a:int b:int", "a:string b:int", "a:int b:double",
		"a:string b:double", 1, false},
	{"a person's column stays", "a:int", "a:int x:date", "a:int", "a:int x:date", 1, false},
	{"a crawled column that left the data goes", "a:int b:int", "a:int b:int", "a:int", "a:int",
		0, false},
	{"names are compared without case", NULL, "Amount:int", "amount:bigint", "Amount:bigint", 0,
		false},
	{"a person's key type stays", "a:int|y:string", "a:int|y:int", "a:int|y:string",
		"a:int|y:int", 1, false},
	{"other keys", NULL, "a:int|y:string", "a:int|y:string m:string", "a:int|y:string m:string",
		0, true},
	{"a table made by hand is all its person's", "", "a:string", "a:int b:int",
		"a:string b:int", 1, false},
};

static void a_crawl_changes_what_crawls_own_and_keeps_what_people_set(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof crawls / sizeof *crawls; i++) {
		OWNED(arena) arena = arena_new();
		struct merged merged;
		const char *base = crawls[i].base;
		merge_crawl(arena, table(arena, crawls[i].stored, base ? "ada" : "crawl 1"),
			base ? table(arena, base, "crawl 1") : NULL,
			table(arena, crawls[i].found, ""), &merged);
		if (strcmp(written(arena, merged.table), crawls[i].merged) != 0)
			fail_msg("%s: '%s'", crawls[i].label, written(arena, merged.table));
		if (merged.disagreement_count != crawls[i].disagreements ||
			merged.keys_differ != crawls[i].keys_differ)
			fail_msg("%s: %zu disagreements, keys %d", crawls[i].label,
				merged.disagreement_count, merged.keys_differ);
	}
}

static void what_a_person_set_is_marked_so_that_it_stays_after_the_next_crawl(void **state)
{
	(void)state;
	OWNED(arena) arena = arena_new();
	struct merged first;
	struct merged second;
	const Tenon__V1__Table *found = table(arena, "a:int", "");
	merge_crawl(arena, table(arena, "a:string x:date", "ada"), table(arena, "a:int", "crawl 1"),
		found, &first);
	first.table->updated_by = arena_printf(arena, "crawl 2");
	merge_crawl(arena, first.table, NULL, found, &second);
	assert_string_equal(written(arena, second.table), "a:string x:date");
	assert_int_equal(second.disagreement_count, 2);
	assert_int_equal(second.table->storage->columns[0]->n_parameters, 1);
	assert_string_equal(second.table->storage->columns[0]->parameters[0]->value, "ada");
}

static Tenon__V1__Table__ParametersEntry *parameter(
	struct arena *arena, const char *key, const char *value)
{
	Tenon__V1__Table__ParametersEntry *entry = arena_alloc(arena, sizeof *entry);
	*entry = (Tenon__V1__Table__ParametersEntry)TENON__V1__TABLE__PARAMETERS_ENTRY__INIT;
	entry->key = arena_text(arena, text_of(key));
	entry->value = arena_text(arena, text_of(value));
	return entry;
}

static void parameters_of_others_are_kept_in_their_order(void **state)
{
	(void)state;
	OWNED(arena) arena = arena_new();
	struct merged merged;
	Tenon__V1__Table *stored = table(arena, "a:int", "crawl 1");
	Tenon__V1__Table *found = table(arena, "a:int", "");
	Tenon__V1__Table__ParametersEntry *old[] = {parameter(arena, "team", "sales"),
		parameter(arena, "recordCount", "1"),
		parameter(arena, "skip.header.line.count", "1")};
	Tenon__V1__Table__ParametersEntry *new[] = {
		parameter(arena, "recordCount", "2"), parameter(arena, "delimiter", ";")};
	stored->parameters = old;
	stored->n_parameters = 3;
	found->parameters = new;
	found->n_parameters = 2;
	merge_crawl(arena, stored, NULL, found, &merged);
	static const char *const expected[][2] = {
		{"team", "sales"}, {"recordCount", "2"}, {"delimiter", ";"}};
	assert_int_equal(merged.table->n_parameters, 3);
	for (size_t i = 0; i < 3; i++) {
		assert_string_equal(merged.table->parameters[i]->key, expected[i][0]);
		assert_string_equal(merged.table->parameters[i]->value, expected[i][1]);
	}
}

/* Whatever a crawl says of a dialect, a later crawl may say no more. */
static void a_crawl_takes_back_what_a_crawl_wrote_of_a_dialect(void **state)
{
	(void)state;
	static const char *const keys[] = {"delimiter", "quoteChar", "escapeChar",
		"commentCharacter", "skip.header.line.count", "header", "areColumnsQuoted",
		"encoding", "nullText", "jsonArray", "columnsOrdered", "exclusions"};
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
		OWNED(arena) arena = arena_new();
		struct merged merged;
		Tenon__V1__Table *stored = table(arena, "a:int", "crawl 1");
		Tenon__V1__Table *found = table(arena, "a:int", "");
		Tenon__V1__Table__ParametersEntry *old[] = {
			parameter(arena, keys[i], "x"), parameter(arena, "team", "sales")};
		stored->parameters = old;
		stored->n_parameters = 2;
		merge_crawl(arena, stored, NULL, found, &merged);
		if (merged.table->n_parameters != 1)
			fail_msg("'%s' stays", keys[i]);
		assert_string_equal(merged.table->parameters[0]->key, "team");
	}
}

static const struct {
	const char *label;
	const char *stored;
	const char *written;
	const char *merged; /* NULL: refused */
} outputs[] = {
	{"the same", "a:int", "a:int", "a:int"},
	{"wider", "a:int", "a:bigint", "a:bigint"},
	{"narrower fits", "a:bigint", "a:int", "a:bigint"},
	{"a new column", "a:int", "a:int b:date", "a:int b:date"},
	{"a column the run did not write stays", "a:int b:date", "a:int", "a:int b:date"},
	{"no common type", "a:int", "a:date", NULL},
	{"other partition keys", "a:int|d:string", "a:int", NULL},
};

static void an_output_widens_its_table_and_takes_nothing_away(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof outputs / sizeof *outputs; i++) {
		OWNED(arena) arena = arena_new();
		struct error err;
		Tenon__V1__Table *merged;
		enum status status = merge_output(arena, table(arena, outputs[i].stored, "run 1"),
			table(arena, outputs[i].written, ""), &merged, &err);
		if (status != (outputs[i].merged ? STATUS_OK : STATUS_FAILED_PRECONDITION))
			fail_msg("%s: %s", outputs[i].label, status_name(status));
		if (outputs[i].merged && strcmp(written(arena, merged), outputs[i].merged) != 0)
			fail_msg("%s: '%s'", outputs[i].label, written(arena, merged));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_crawl_changes_what_crawls_own_and_keeps_what_people_set),
		cmocka_unit_test(what_a_person_set_is_marked_so_that_it_stays_after_the_next_crawl),
		cmocka_unit_test(parameters_of_others_are_kept_in_their_order),
		cmocka_unit_test(a_crawl_takes_back_what_a_crawl_wrote_of_a_dialect),
		cmocka_unit_test(an_output_widens_its_table_and_takes_nothing_away),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
