#include "tests/catalog/fixture.h"

#include "catalog/connections.h"
#include "catalog/tags.h"

/* "a=1 b=2" added to a resource, or "a b" removed from it. */
struct change {
	const char *resource;
	Tenon__Store__V1__TagsRecord *add; /* NULL: remove */
	char **keys;
	size_t count;
	struct arena *arena;
	Tenon__Store__V1__TagsRecord *out;
};

static enum status change_apply(struct catalog_txn *txn, void *state, struct error *err)
{
	struct change *c = state;
	if (c->add)
		return tags_add(txn, text_of(c->resource), c->add, c->arena, &c->out, err);
	return tags_remove(txn, text_of(c->resource), c->keys, c->count, c->arena, &c->out, err);
}

static Tenon__Store__V1__TagsRecord *read_tags(struct fixture *f, const char *words)
{
	Tenon__Store__V1__TagsRecord *tags = arena_alloc(f->arena, sizeof *tags);
	tenon__store__v1__tags_record__init(tags);
	tags->tags = arena_array(f->arena, 64, sizeof *tags->tags);
	struct text rest = text_of(words);
	struct text word;
	bool more = true;
	while (text_split(&rest, &more, ' ', &word)) {
		Tenon__Store__V1__Tag *tag = arena_alloc(f->arena, sizeof *tag);
		tenon__store__v1__tag__init(tag);
		size_t equals = text_find(word, '=');
		tag->key = arena_text(f->arena, text_until(word, equals));
		tag->value = arena_text(f->arena, text_from(word, equals + 1));
		tags->tags[tags->n_tags++] = tag;
	}
	return tags;
}

static enum status add(struct fixture *f, const char *resource, const char *words)
{
	struct change change = {
		.resource = resource, .add = read_tags(f, words), .arena = f->arena};
	return catalog_write_now(f->catalog, change_apply, &change, &f->err);
}

static enum status remove_key(struct fixture *f, const char *resource, const char *key)
{
	char *keys[] = {arena_text(f->arena, text_of(key))};
	struct change change = {.resource = resource, .keys = keys, .count = 1, .arena = f->arena};
	return catalog_write_now(f->catalog, change_apply, &change, &f->err);
}

/* "a=1 b=2", "" without tags, or the name of the failure. */
static const char *tags_of(struct fixture *f, const char *resource)
{
	OWNED(catalog_txn) txn = NULL;
	Tenon__Store__V1__TagsRecord *tags;
	const char *words = "";
	assert_ok(catalog_read(f->catalog, &txn, &f->err), &f->err);
	enum status status = tags_get(txn, text_of(resource), f->arena, &tags, &f->err);
	if (status != STATUS_OK)
		return status == STATUS_NOT_FOUND ? "NOT_FOUND" : f->err.message;
	for (size_t i = 0; i < tags->n_tags; i++)
		words = arena_printf(f->arena, "%s%s%s=%s", words, i ? " " : "", tags->tags[i]->key,
			tags->tags[i]->value);
	return words;
}

static Tenon__V1__Table *table_put(struct fixture *f, const char *name)
{
	struct task task = {.what = TASK_TABLE_CREATE,
		.message = table_made(f->arena, "sales", name, "id int")};
	assert_ok(task_run(f, &task), &f->err);
	return task.out;
}

static void put_job(struct fixture *f, const char *name)
{
	Tenon__V1__Job job = TENON__V1__JOB__INIT;
	job.name = arena_text(f->arena, text_of(name));
	MUST(f, .what = TASK_JOB_PUT, .message = &job);
}

static int open_one(void **state)
{
	struct fixture *f = malloc(sizeof *f);
	fixture_open(f, 0);
	assert_ok(make_database(f, "sales"), &f->err);
	*state = f;
	return 0;
}

static int close_one(void **state)
{
	fixture_close(*state);
	free(*state);
	return 0;
}

static void tags_are_added_replaced_removed_and_sorted(void **state)
{
	struct fixture *f = *state;
	assert_string_equal(tags_of(f, "database/sales"), "");
	assert_ok(add(f, "database/Sales", "m=1 z=2"), &f->err);
	assert_ok(add(f, "database/sales", "a= z=3 z=4"), &f->err);
	fixture_reopen(f);
	assert_string_equal(tags_of(f, "database/SALES"), "a= m=1 z=4");
	assert_ok(remove_key(f, "database/sales", "m"), &f->err);
	assert_ok(remove_key(f, "database/sales", "never"), &f->err);
	assert_string_equal(tags_of(f, "database/sales"), "a= z=4");
}

static void what_does_not_exist_has_no_tags(void **state)
{
	struct fixture *f = *state;
	static const char *const missing[] = {
		"database/none", "table/sales/none", "table/none/t", "job/none", "connection/none"};
	for (size_t i = 0; i < sizeof missing / sizeof *missing; i++) {
		assert_int_equal(add(f, missing[i], "a=1"), STATUS_NOT_FOUND);
		assert_string_equal(tags_of(f, missing[i]), "NOT_FOUND");
	}
	static const char *const wrong[] = {"", "sales", "database", "database/", "table/sales",
		"table//t", "crawler/c", "connection/"};
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		assert_int_equal(add(f, wrong[i], "a=1"), STATUS_INVALID_ARGUMENT);
}

static void a_tables_tags_follow_it_through_renames_and_go_with_it(void **state)
{
	struct fixture *f = *state;
	Tenon__V1__Table *table = table_put(f, "orders");
	table_put(f, "other");
	assert_ok(add(f, "table/sales/orders", "a=1"), &f->err);
	assert_ok(add(f, "table/sales/other", "b=1"), &f->err);
	MUST(f, .what = TASK_TABLE_RENAME, .id = table->id, .database = "sales", .name = "sold");
	assert_string_equal(tags_of(f, "table/sales/sold"), "a=1");
	assert_string_equal(tags_of(f, "table/sales/orders"), "NOT_FOUND");
	table_put(f, "orders");
	assert_string_equal(tags_of(f, "table/sales/orders"), "");
	MUST(f, .what = TASK_TABLE_DELETE, .database = "sales", .name = "sold");
	table_put(f, "sold");
	assert_string_equal(tags_of(f, "table/sales/sold"), "");
	assert_string_equal(tags_of(f, "table/sales/other"), "b=1");
}

static void databases_and_jobs_take_their_tags_with_them(void **state)
{
	struct fixture *f = *state;
	put_job(f, "daily");
	assert_ok(add(f, "job/daily", "a=1"), &f->err);
	assert_ok(add(f, "database/sales", "a=2"), &f->err);
	put_job(f, "daily");
	assert_string_equal(tags_of(f, "job/daily"), "a=1");
	MUST(f, .what = TASK_JOB_DELETE, .name = "daily");
	put_job(f, "daily");
	assert_string_equal(tags_of(f, "job/daily"), "");
	MUST(f, .what = TASK_DATABASE_DELETE, .name = "sales");
	assert_ok(make_database(f, "sales"), &f->err);
	assert_string_equal(tags_of(f, "database/sales"), "");
}

static enum status connection_apply(struct catalog_txn *txn, void *state, struct error *err)
{
	struct fixture *f = state;
	char name[] = "pg";
	char type[] = "JDBC";
	Tenon__V1__Connection connection = TENON__V1__CONNECTION__INIT;
	Tenon__V1__Connection *made;
	bool created;
	connection.name = name;
	connection.type = type;
	return connection_put(txn, &(struct connection_put){.connection = &connection}, f->arena,
		&made, &created, err);
}

static enum status disconnect_apply(struct catalog_txn *txn, void *state, struct error *err)
{
	(void)state;
	return connection_delete(txn, TEXT("pg"), err);
}

static void a_connection_takes_its_tags_with_it(void **state)
{
	struct fixture *f = *state;
	assert_ok(catalog_write_now(f->catalog, connection_apply, f, &f->err), &f->err);
	assert_ok(add(f, "connection/pg", "a=1"), &f->err);
	assert_string_equal(tags_of(f, "connection/pg"), "a=1");
	assert_ok(catalog_write_now(f->catalog, disconnect_apply, f, &f->err), &f->err);
	assert_string_equal(tags_of(f, "connection/pg"), "NOT_FOUND");
	assert_ok(catalog_write_now(f->catalog, connection_apply, f, &f->err), &f->err);
	assert_string_equal(tags_of(f, "connection/pg"), "");
}

static void keys_values_and_counts_have_limits(void **state)
{
	struct fixture *f = *state;
	static const struct {
		int key, value; /* characters, of two bytes each */
		enum status status;
	} rows[] = {
		{128, 256, STATUS_OK},
		{1, 0, STATUS_OK},
		{0, 1, STATUS_INVALID_ARGUMENT},
		{129, 1, STATUS_INVALID_ARGUMENT},
		{1, 257, STATUS_INVALID_ARGUMENT},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const char *words = "";
		for (int c = 0; c < rows[i].key; c++)
			words = arena_printf(f->arena, "%sé", words);
		words = arena_printf(f->arena, "%s=", words);
		for (int c = 0; c < rows[i].value; c++)
			words = arena_printf(f->arena, "%sé", words);
		assert_int_equal(add(f, "database/sales", words), rows[i].status);
	}
	assert_int_equal(add(f, "database/sales", "aws:x=1"), STATUS_INVALID_ARGUMENT);
	assert_int_equal(add(f, "database/sales", "AWS:x=1"), STATUS_INVALID_ARGUMENT);
	assert_ok(add(f, "database/sales", "awsx=1"), &f->err);
	for (int i = 3; i < 50; i++)
		assert_ok(add(f, "database/sales", arena_printf(f->arena, "k%d=1", i)), &f->err);
	assert_int_equal(add(f, "database/sales", "one=1"), STATUS_INVALID_ARGUMENT);
	assert_ok(add(f, "database/sales", "k3=2"), &f->err);
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, open_one, close_one)
	const struct CMUnitTest tests[] = {
		T(tags_are_added_replaced_removed_and_sorted),
		T(what_does_not_exist_has_no_tags),
		T(a_tables_tags_follow_it_through_renames_and_go_with_it),
		T(databases_and_jobs_take_their_tags_with_them),
		T(a_connection_takes_its_tags_with_it),
		T(keys_values_and_counts_have_limits),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
