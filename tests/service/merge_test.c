#include "service/merge.h"

#include "catalog/field_diff.h"
#include "catalog/field_path.h"
#include "catalog/owners.h"
#include "proto/json.h"
#include "proto/wire.h"
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
	size_t conflicts;
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
		Tenon__V1__Table *stored = table(arena, crawls[i].stored, "");
		struct ownership by = {base ? "ada" : "crawl 1", 1, false};
		owners_follow(arena, base && *base ? table(arena, base, "") : NULL, stored, &by);
		merge_crawl(arena, stored, table(arena, crawls[i].found, ""), &merged);
		if (strcmp(written(arena, merged.table), crawls[i].merged) != 0)
			fail_msg("%s: '%s'", crawls[i].label, written(arena, merged.table));
		if (merged.conflict_count != crawls[i].conflicts ||
			merged.keys_differ != crawls[i].keys_differ)
			fail_msg("%s: %zu conflicts, keys %d", crawls[i].label,
				merged.conflict_count, merged.keys_differ);
	}
}

static void what_a_person_set_stays_at_every_crawl_after_it(void **state)
{
	(void)state;
	OWNED(arena) arena = arena_new();
	const Tenon__V1__Table *found = table(arena, "a:int", "");
	Tenon__V1__Table *stored = table(arena, "a:string x:date", "");
	struct ownership ada = {"ada", 1, false};
	owners_follow(arena, table(arena, "a:int", ""), stored, &ada);
	for (int crawl = 0; crawl < 3; crawl++) {
		struct merged merged;
		struct ownership by = {"crawl 2", 2, false};
		merge_crawl(arena, stored, found, &merged);
		assert_string_equal(written(arena, merged.table), "a:string x:date");
		assert_int_equal(merged.conflict_count, 2);
		assert_string_equal(merged.conflicts[0].owner->author, "ada");
		owners_follow(arena, stored, merged.table, &by);
		stored = merged.table;
	}
}

/* Every field that a crawl can find, in two forms; a list is set whole. */
static const char stored_json[] =
	"{\"table_type\": \"EXTERNAL_TABLE\", \"parameters\": {\"classification\": \"csv\", "
	"\"delimiter\": \",\", \"a.b\": \"1\"}, \"storage\": {\"location\": \"/l\", "
	"\"input_format\": \"i1\", \"output_format\": \"o1\", \"compressed\": true, "
	"\"number_of_buckets\": 1, \"bucket_columns\": [\"a\"], \"parameters\": {\"p\": "
	"\"1\"}, \"stored_as_sub_directories\": true, \"additional_locations\": [\"/m\"], "
	"\"serde\": {\"name\": \"n1\", \"library\": \"l1\", \"parameters\": {\"paths\": "
	"\"1\"}}, \"columns\": [{\"name\": \"a\", \"type\": \"int\", \"parameters\": {\"q\": "
	"\"1\"}}, {\"name\": \"a.b\", \"type\": \"int\"}]}, \"partition_keys\": [{\"name\": "
	"\"y\", \"type\": \"string\", \"parameters\": {\"r\": \"1\"}}]}";
static const char found_json[] =
	"{\"table_type\": \"OTHER\", \"parameters\": {\"classification\": \"json\", "
	"\"delimiter\": \";\", \"a.b\": \"2\"}, \"storage\": {\"location\": \"/k\", "
	"\"input_format\": \"i2\", \"output_format\": \"o2\", \"number_of_buckets\": 2, "
	"\"bucket_columns\": [\"b\"], \"parameters\": {\"p\": \"2\"}, "
	"\"additional_locations\": [\"/n\"], \"serde\": {\"name\": \"n2\", \"library\": "
	"\"l2\", \"parameters\": {\"paths\": \"2\"}}, \"columns\": [{\"name\": \"a\", "
	"\"type\": \"double\", \"parameters\": {\"q\": \"2\"}}, {\"name\": \"a.b\", "
	"\"type\": \"double\"}]}, \"partition_keys\": [{\"name\": \"y\", \"type\": \"int\", "
	"\"parameters\": {\"r\": \"2\"}}]}";

static Tenon__V1__Table *parsed(struct arena *arena, const char *json)
{
	Tenon__V1__Table *table = NULL;
	struct error err;
	assert_ok(json_parse(text_of(json), &tenon__v1__table__descriptor, arena, &table, &err),
		&err);
	return table;
}

static size_t differences(struct arena *arena, const Tenon__V1__Table *a, const Tenon__V1__Table *b,
	Tenon__V1__FieldChange ***changes_out)
{
	struct field_pair pair = {
		.before = &a->base, .after = &b->base, .columns = true, .whole = true};
	size_t count;
	field_diff_any(arena, &pair, changes_out, &count);
	return count;
}

static bool is_changed(Tenon__V1__FieldChange *const *changes, size_t count, const char *path)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(changes[i]->path, path) == 0)
			return true;
	}
	return false;
}

/* For each field alone: it is the person's, and the crawl changes all others. */
static void whatever_field_a_person_set_a_crawl_changes_all_but_that(void **state)
{
	(void)state;
	OWNED(arena) arena = arena_new();
	Tenon__V1__Table *stored = parsed(arena, stored_json);
	Tenon__V1__Table *found = parsed(arena, found_json);
	struct merged free_merge;
	Tenon__V1__FieldChange **all;
	Tenon__V1__FieldChange **left;
	merge_crawl(arena, stored, found, &free_merge);
	assert_int_equal(free_merge.conflict_count, 0);
	size_t count = differences(arena, stored, free_merge.table, &all);
	assert_true(count >= 15);
	for (size_t i = 0; i < count; i++) {
		char *path = arena_text(arena, field_path_short(text_of(all[i]->path)));
		Tenon__V1__FieldOwner owner = TENON__V1__FIELD_OWNER__INIT;
		Tenon__V1__FieldOwner *owners[] = {&owner};
		struct merged merged;
		struct text before = wire_pack(arena, &found->base);
		owner.path = path;
		owner.author = path;
		owner.ownership = TENON__V1__OWNERSHIP__OWNERSHIP_HUMAN;
		stored->owners = owners;
		stored->n_owners = 1;
		merge_crawl(arena, stored, found, &merged);
		print_message("%s\n", path);
		assert_int_equal(merged.conflict_count, 1);
		assert_string_equal(merged.conflicts[0].path, path);
		assert_string_equal(merged.conflicts[0].kept, all[i]->before);
		assert_string_equal(merged.conflicts[0].found, all[i]->after);
		size_t rest = differences(arena, stored, merged.table, &left);
		assert_int_equal(rest, count - 1);
		assert_false(is_changed(left, rest, all[i]->path));
		assert_true(text_equal(before, wire_pack(arena, &found->base)));
		/* What is taken of a conflict is what the crawl would have written. */
		Tenon__V1__Table taken = *merged.table;
		struct error err;
		enum status status = field_set(
			arena, &taken, text_of(path), text_of(merged.conflicts[0].found), &err);
		bool is_list = all[i]->after[0] == '[';
		assert_int_equal(status, is_list ? STATUS_INVALID_ARGUMENT : STATUS_OK);
		if (!is_list)
			assert_int_equal(differences(arena, &taken, free_merge.table, &left), 0);
	}
	stored->n_owners = 0;
	stored->owners = NULL;
}

static void what_made_a_table_is_declared_and_what_crawls_add_is_theirs(void **state)
{
	(void)state;
	OWNED(arena) arena = arena_new();
	struct ownership api = {"app", 1, false};
	struct ownership crawl = {"crawl 1", 2, false};
	struct merged first;
	struct merged second;
	Tenon__V1__Table *stored = parsed(arena,
		"{\"parameters\": {\"recordCount\": \"1\"}, \"storage\": {\"columns\": "
		"[{\"name\": \"a\", \"type\": \"int\"}]}}");
	owners_follow(arena, NULL, stored, &api);
	assert_int_equal(stored->n_owners, 1);
	assert_int_equal(stored->owners[0]->ownership, TENON__V1__OWNERSHIP__OWNERSHIP_DECLARED);
	merge_crawl(arena, stored,
		parsed(arena, "{\"parameters\": {\"recordCount\": \"2\"}, \"storage\": "
			      "{\"columns\": [{\"name\": \"a\", \"type\": \"bigint\"}, {\"name\": "
			      "\"b\", \"type\": \"int\"}]}}"),
		&first);
	assert_string_equal(written(arena, first.table), "a:int b:int");
	assert_int_equal(first.conflict_count, 1); /* and what only measures is nobody's */
	assert_string_equal(first.table->parameters[0]->value, "2");
	owners_follow(arena, stored, first.table, &crawl);
	/* b is the crawl's, which may change it and take it away. */
	merge_crawl(arena, first.table, table(arena, "a:bigint b:double", ""), &second);
	assert_string_equal(written(arena, second.table), "a:int b:double");
	merge_crawl(arena, first.table, table(arena, "a:bigint", ""), &second);
	assert_string_equal(written(arena, second.table), "a:int");
	owners_follow(arena, first.table, second.table, &crawl);
	assert_int_equal(second.table->n_owners, 1);
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
	merge_crawl(arena, stored, found, &merged);
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
		merge_crawl(arena, stored, found, &merged);
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
		cmocka_unit_test(what_a_person_set_stays_at_every_crawl_after_it),
		cmocka_unit_test(whatever_field_a_person_set_a_crawl_changes_all_but_that),
		cmocka_unit_test(what_made_a_table_is_declared_and_what_crawls_add_is_theirs),
		cmocka_unit_test(parameters_of_others_are_kept_in_their_order),
		cmocka_unit_test(a_crawl_takes_back_what_a_crawl_wrote_of_a_dialect),
		cmocka_unit_test(an_output_widens_its_table_and_takes_nothing_away),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
