#include "tests/catalog/fixture.h"

#include "catalog/check.h"
#include "catalog/feed_read.h"
#include "catalog/registries.h"
#include "catalog/tags.h"

/* One write; its status. */
struct change {
	enum {
		CREATE_REGISTRY,
		UPDATE_REGISTRY,
		DELETE_REGISTRY,
		CREATE,
		UPDATE,
		DELETE,
		ADD,
		REMOVE,
		ANNOTATE,
		TAG,
	} what;
	const char *registry;
	const char *name;
	const char *text; /* description, definition, range, key */
	const char *value;
	const struct schema_view *view;
	const Tenon__V1__UpdateSchemaRequest *update;
	const char *failure;
	struct arena *arena;
	Tenon__V1__RegisteredSchema *schema;
	Tenon__V1__SchemaVersion *version;
	Tenon__V1__DeleteSchemaVersionsResponse removed;
};

static struct schema_version_new fresh_of(const struct change *c)
{
	static Tenon__V1__Column column = TENON__V1__COLUMN__INIT;
	static Tenon__V1__Column *columns[] = {&column};
	static char name[] = "value";
	static char type[] = "bigint";
	column.name = name;
	column.type = type;
	/* As if spaces alone made definitions differ. */
	struct text canonical = text_trimmed(text_of(c->text ? c->text : ""));
	return (struct schema_version_new){
		text_of(c->text ? c->text : ""), canonical, columns, 1, c->failure};
}

static enum status change_apply(struct catalog_txn *txn, void *state, struct error *err)
{
	struct change *c = state;
	Tenon__V1__SchemaRegistry registry = TENON__V1__SCHEMA_REGISTRY__INIT;
	Tenon__V1__SchemaRegistry *registry_out;
	Tenon__V1__RegisteredSchema schema = TENON__V1__REGISTERED_SCHEMA__INIT;
	Tenon__Store__V1__Tag tag = TENON__STORE__V1__TAG__INIT;
	Tenon__Store__V1__Tag *tag_list[] = {&tag};
	Tenon__Store__V1__TagsRecord tags = TENON__STORE__V1__TAGS_RECORD__INIT;
	Tenon__Store__V1__TagsRecord *tags_out;
	struct schema_version_new fresh = fresh_of(c);
	struct text in = text_of(c->registry ? c->registry : "");
	struct text name = text_of(c->name ? c->name : "");
	switch (c->what) {
	case CREATE_REGISTRY:
		registry.name = arena_text(c->arena, name);
		return registry_create(txn, &registry, c->arena, &registry_out, err);
	case UPDATE_REGISTRY:
		return registry_update(txn, name, text_of(c->text), c->arena, &registry_out, err);
	case DELETE_REGISTRY:
		return registry_delete(txn, name, err);
	case CREATE:
		schema.registry = arena_text(c->arena, in);
		schema.name = arena_text(c->arena, name);
		schema.format = TENON__V1__DATA_FORMAT__DATA_FORMAT_AVRO;
		return schema_create(txn, &schema, &fresh, c->arena, &c->schema, &c->version, err);
	case UPDATE:
		return schema_update(txn, c->update, c->arena, &c->schema, err);
	case DELETE:
		return schema_delete(txn, in, name, err);
	case ADD:
		return schema_version_add(txn, c->view, &fresh, c->arena, &c->version, err);
	case REMOVE:
		tenon__v1__delete_schema_versions_response__init(&c->removed);
		return schema_version_delete(
			txn, in, name, text_of(c->text), c->arena, &c->removed, err);
	case ANNOTATE:
		return schema_version_annotate(
			txn, name, text_of(c->text), c->value, c->arena, &c->version, err);
	case TAG:
		tag.key = (char[]){"owner"};
		tag.value = (char[]){"shop"};
		tags.tags = tag_list;
		tags.n_tags = 1;
		return tags_add(txn, name, &tags, c->arena, &tags_out, err);
	}
	return STATUS_UNKNOWN;
}

static enum status change_run(struct fixture *f, struct change *change)
{
	change->arena = f->arena;
	return catalog_write_now(f->catalog, change_apply, change, &f->err);
}
#define CHANGE(fixture, ...)  change_run(fixture, &(struct change){__VA_ARGS__})
#define CHANGED(fixture, ...) assert_ok(CHANGE(fixture, __VA_ARGS__), &(fixture)->err)

static struct schema_view view_of(struct fixture *f, const char *registry, const char *name)
{
	OWNED(catalog_txn) txn = NULL;
	struct schema_view view = {0};
	assert_ok(catalog_read(f->catalog, &txn, &f->err), &f->err);
	assert_ok(schema_view(txn, text_of(registry), text_of(name), f->arena, &view, &f->err),
		&f->err);
	return view;
}

static Tenon__V1__SchemaVersion *add(
	struct fixture *f, const char *name, const char *text, const char *failure)
{
	struct schema_view view = view_of(f, "", name);
	struct change change = {.what = ADD, .text = text, .view = &view, .failure = failure};
	assert_ok(change_run(f, &change), &f->err);
	return change.version;
}

static enum status get(struct fixture *f, const char *name, uint32_t number,
	Tenon__V1__SchemaVersion **version_out)
{
	OWNED(catalog_txn) txn = NULL;
	assert_ok(catalog_read(f->catalog, &txn, &f->err), &f->err);
	return schema_version_get(
		txn, TEXT(""), text_of(name), number, f->arena, version_out, &f->err);
}

static Tenon__V1__SchemaVersion *same(struct fixture *f, const char *name, const char *canonical)
{
	OWNED(catalog_txn) txn = NULL;
	struct schema_view view = view_of(f, "", name);
	Tenon__V1__SchemaVersion *version = NULL;
	assert_ok(catalog_read(f->catalog, &txn, &f->err), &f->err);
	assert_ok(schema_version_same(txn, &view, text_of(canonical), f->arena, &version, &f->err),
		&f->err);
	return version;
}

/* "r/a r/b": page by page of one. */
static const char *schemas_of(struct fixture *f, const char *registry)
{
	OWNED(catalog_txn) txn = NULL;
	struct text token = TEXT("");
	const char *names = "";
	assert_ok(catalog_read(f->catalog, &txn, &f->err), &f->err);
	do {
		Tenon__V1__ListSchemasResponse page = TENON__V1__LIST_SCHEMAS_RESPONSE__INIT;
		assert_ok(schema_list(txn, text_of(registry), token, 1, f->arena, &page, &f->err),
			&f->err);
		for (size_t i = 0; i < page.n_schemas; i++)
			names = arena_printf(f->arena, "%s%s%s/%s", names, *names ? " " : "",
				page.schemas[i]->registry, page.schemas[i]->name);
		token = text_of(page.next_page_token);
	} while (token.length);
	return names;
}

/* "1+ 2- 3+": numbers, and whether they were accepted. */
static const char *versions_of(struct fixture *f, const char *name)
{
	OWNED(catalog_txn) txn = NULL;
	struct text token = TEXT("");
	const char *numbers = "";
	assert_ok(catalog_read(f->catalog, &txn, &f->err), &f->err);
	do {
		Tenon__V1__ListSchemaVersionsResponse page =
			TENON__V1__LIST_SCHEMA_VERSIONS_RESPONSE__INIT;
		assert_ok(schema_version_list(
				  txn, TEXT(""), text_of(name), token, 1, f->arena, &page, &f->err),
			&f->err);
		for (size_t i = 0; i < page.n_versions; i++) {
			assert_string_equal(page.versions[i]->definition, "");
			numbers = arena_printf(f->arena, "%s%s%u%c", numbers, *numbers ? " " : "",
				page.versions[i]->version, *page.versions[i]->error ? '-' : '+');
		}
		token = text_of(page.next_page_token);
	} while (token.length);
	return numbers;
}

static void problem(void *state, const struct check_problem *found)
{
	print_error("%s %s: %s\n", found->invariant, found->place, found->message);
	++*(unsigned *)state;
}

static void consistent(struct fixture *f)
{
	unsigned problems = 0;
	uint64_t records;
	struct check_sink sink = {problem, &problems};
	assert_ok(catalog_check(f->catalog, &sink, &records, &f->err), &f->err);
	assert_int_equal(problems, 0);
}

static void a_schema_begins_with_its_first_version(void **state)
{
	(void)state;
	struct fixture f;
	fixture_open(&f, 0);
	struct change change = {.what = CREATE, .name = "a", .text = " one "};
	assert_ok(change_run(&f, &change), &f.err);
	assert_string_equal(change.schema->registry, "default-registry");
	assert_int_equal(change.schema->latest_version, 1);
	assert_int_equal(change.schema->next_version, 2);
	assert_int_equal(change.schema->checkpoint, 1);
	assert_int_equal(
		change.schema->compatibility, TENON__V1__COMPATIBILITY__COMPATIBILITY_BACKWARD);
	assert_int_equal(strlen(change.version->id), 36);
	assert_int_equal(
		CHANGE(&f, .what = CREATE, .name = "a", .text = "one"), STATUS_ALREADY_EXISTS);
	assert_int_equal(CHANGE(&f, .what = CREATE, .registry = "none", .name = "a", .text = "x"),
		STATUS_NOT_FOUND);
	fixture_reopen(&f);
	Tenon__V1__SchemaVersion *version;
	assert_ok(get(&f, "a", 0, &version), &f.err);
	assert_string_equal(version->definition, " one ");
	assert_string_equal(version->id, change.version->id);
	assert_string_equal(version->columns[0]->type, "bigint");
	consistent(&f);
	fixture_close(&f);
}

static void the_same_text_is_found_and_one_that_was_accepted_first(void **state)
{
	(void)state;
	struct fixture f;
	fixture_open(&f, 0);
	CHANGED(&f, .what = CREATE, .name = "a", .text = "one");
	assert_int_equal(same(&f, "a", "one")->version, 1);
	assert_null(same(&f, "a", "two"));
	(void)add(&f, "a", "two", "not yet");
	assert_int_equal(same(&f, "a", "two")->version, 2);
	(void)add(&f, "a", " two", NULL);
	assert_int_equal(same(&f, "a", "two")->version, 3);
	assert_string_equal(versions_of(&f, "a"), "1+ 2- 3+");
	consistent(&f);
	fixture_close(&f);
}

static void what_was_decided_of_an_older_state_is_not_written(void **state)
{
	(void)state;
	struct fixture f;
	fixture_open(&f, 0);
	CHANGED(&f, .what = CREATE, .name = "a", .text = "one");
	struct schema_view old = view_of(&f, "", "a");
	(void)add(&f, "a", "two", NULL);
	assert_int_equal(CHANGE(&f, .what = ADD, .text = "three", .view = &old), STATUS_ABORTED);
	struct schema_view now = view_of(&f, "", "a");
	Tenon__V1__UpdateSchemaRequest update = TENON__V1__UPDATE_SCHEMA_REQUEST__INIT;
	update.name = (char[]){"a"};
	update.compatibility = TENON__V1__COMPATIBILITY__COMPATIBILITY_NONE;
	CHANGED(&f, .what = UPDATE, .update = &update);
	assert_int_equal(CHANGE(&f, .what = ADD, .text = "three", .view = &now), STATUS_ABORTED);
	/* Dropped and made again it is another schema. */
	now = view_of(&f, "", "a");
	CHANGED(&f, .what = DELETE, .name = "a");
	assert_int_equal(CHANGE(&f, .what = ADD, .text = "three", .view = &now), STATUS_NOT_FOUND);
	CHANGED(&f, .what = CREATE, .name = "a", .text = "one");
	assert_int_equal(CHANGE(&f, .what = ADD, .text = "three", .view = &now), STATUS_ABORTED);
	assert_string_equal(versions_of(&f, "a"), "1+");
	fixture_close(&f);
}

static void versions_are_removed_but_for_the_checkpoint(void **state)
{
	(void)state;
	struct fixture f;
	Tenon__V1__SchemaVersion *version;
	fixture_open(&f, 0);
	CHANGED(&f, .what = CREATE, .name = "a", .text = "one");
	(void)add(&f, "a", "two", NULL);
	(void)add(&f, "a", "three", "refused");
	(void)add(&f, "a", "four", NULL);
	struct change change = {.what = REMOVE, .name = "a", .text = "3-5"};
	assert_ok(change_run(&f, &change), &f.err);
	assert_int_equal(change.removed.n_errors, 1);
	assert_int_equal(change.removed.errors[0]->version, 5);
	assert_int_equal(change.removed.errors[0]->code, STATUS_NOT_FOUND);
	assert_string_equal(versions_of(&f, "a"), "1+ 2+");
	assert_ok(get(&f, "a", 0, &version), &f.err);
	assert_int_equal(version->version, 2);
	assert_null(same(&f, "a", "four"));
	change = (struct change){.what = REMOVE, .name = "a", .text = "1"};
	assert_ok(change_run(&f, &change), &f.err);
	assert_int_equal(change.removed.errors[0]->code, STATUS_FAILED_PRECONDITION);
	assert_int_equal(add(&f, "a", "five", NULL)->version, 5); /* numbers do not come back */
	static const char *const wrong[] = {"", "0", "x", "3-2", "1-", "-4", "1-100001", "1 - 2"};
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		assert_int_equal(CHANGE(&f, .what = REMOVE, .name = "a", .text = wrong[i]),
			STATUS_INVALID_ARGUMENT);
	assert_int_equal(CHANGE(&f, .what = REMOVE, .name = "a", .text = "1-5000"),
		STATUS_RESOURCE_EXHAUSTED);
	consistent(&f);
	fixture_close(&f);
}

static void a_checkpoint_is_a_version_that_was_accepted(void **state)
{
	(void)state;
	struct fixture f;
	Tenon__V1__UpdateSchemaRequest update = TENON__V1__UPDATE_SCHEMA_REQUEST__INIT;
	fixture_open(&f, 0);
	CHANGED(&f, .what = CREATE, .name = "a", .text = "one");
	(void)add(&f, "a", "two", "refused");
	(void)add(&f, "a", "three", NULL);
	update.name = (char[]){"a"};
	update.checkpoint = 2;
	assert_int_equal(CHANGE(&f, .what = UPDATE, .update = &update), STATUS_FAILED_PRECONDITION);
	update.checkpoint = 9;
	assert_int_equal(CHANGE(&f, .what = UPDATE, .update = &update), STATUS_NOT_FOUND);
	update.checkpoint = 3;
	CHANGED(&f, .what = UPDATE, .update = &update);
	struct change change = {.what = REMOVE, .name = "a", .text = "1-2"};
	assert_ok(change_run(&f, &change), &f.err);
	assert_int_equal(change.removed.n_errors, 0);
	consistent(&f);
	fixture_close(&f);
}

static void names_have_the_letters_that_glue_allows(void **state)
{
	(void)state;
	struct fixture f;
	fixture_open(&f, 0);
	CHANGED(&f, .what = CREATE_REGISTRY, .name = "A-z_$#.9");
	char long_name[257];
	memset(long_name, 'a', sizeof long_name);
	long_name[256] = 0;
	static const char *const wrong[] = {"", "a b", "a/b", "a:b", "\xc3\xa9"};
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		assert_int_equal(CHANGE(&f, .what = CREATE_REGISTRY, .name = wrong[i]),
			STATUS_INVALID_ARGUMENT);
		assert_int_equal(CHANGE(&f, .what = CREATE, .name = wrong[i], .text = "x"),
			STATUS_INVALID_ARGUMENT);
	}
	assert_int_equal(
		CHANGE(&f, .what = CREATE_REGISTRY, .name = long_name), STATUS_INVALID_ARGUMENT);
	long_name[255] = 0;
	CHANGED(&f, .what = CREATE_REGISTRY, .name = long_name);
	CHANGED(&f, .what = CREATE, .registry = long_name, .name = long_name, .text = "x");
	consistent(&f);
	fixture_close(&f);
}

static void a_registry_takes_its_schemas_and_their_tags_with_it(void **state)
{
	(void)state;
	struct fixture f;
	fixture_open(&f, 0);
	CHANGED(&f, .what = CREATE_REGISTRY, .name = "r");
	CHANGED(&f, .what = CREATE, .name = "c", .text = "x");
	for (int i = 0; i < 150; i++)
		CHANGED(&f, .what = CREATE, .registry = "r",
			.name = arena_printf(f.arena, "s%03d", i), .text = "x");
	CHANGED(&f, .what = TAG, .name = "registry/r");
	CHANGED(&f, .what = TAG, .name = "schema/r/s001");
	assert_int_equal(CHANGE(&f, .what = TAG, .name = "schema/r/none"), STATUS_NOT_FOUND);
	assert_true(strlen(schemas_of(&f, "r")) == 150 * 7 - 1);
	CHANGED(&f, .what = DELETE_REGISTRY, .name = "r");
	assert_string_equal(schemas_of(&f, ""), "default-registry/c");
	assert_int_equal(CHANGE(&f, .what = DELETE_REGISTRY, .name = "r"), STATUS_NOT_FOUND);
	consistent(&f);
	/* Nothing of it is left to a registry of the same name. */
	CHANGED(&f, .what = CREATE_REGISTRY, .name = "r");
	CHANGED(&f, .what = CREATE, .registry = "r", .name = "s001", .text = "x");
	OWNED(catalog_txn) txn = NULL;
	Tenon__Store__V1__TagsRecord *tags;
	assert_ok(catalog_read(f.catalog, &txn, &f.err), &f.err);
	assert_ok(tags_get(txn, TEXT("schema/r/s001"), f.arena, &tags, &f.err), &f.err);
	assert_int_equal(tags->n_tags, 0);
	catalog_txn_free(TAKE(txn));
	fixture_close(&f);
}

static void notes_on_a_version_are_ten_at_most(void **state)
{
	(void)state;
	struct fixture f;
	fixture_open(&f, 0);
	struct change made = {.what = CREATE, .name = "a", .text = "one"};
	assert_ok(change_run(&f, &made), &f.err);
	const char *id = made.version->id;
	for (int i = 9; i >= 0; i--)
		CHANGED(&f, .what = ANNOTATE, .name = id, .text = arena_printf(f.arena, "k%d", i),
			.value = "v");
	assert_int_equal(CHANGE(&f, .what = ANNOTATE, .name = id, .text = "k10", .value = "v"),
		STATUS_RESOURCE_EXHAUSTED);
	CHANGED(&f, .what = ANNOTATE, .name = id, .text = "k3", .value = "other");
	CHANGED(&f, .what = ANNOTATE, .name = id, .text = "k4");
	CHANGED(&f, .what = ANNOTATE, .name = id, .text = "absent");
	Tenon__V1__SchemaVersion *version;
	assert_ok(get(&f, "a", 1, &version), &f.err);
	assert_int_equal(version->n_metadata, 9);
	for (size_t i = 0; i < version->n_metadata; i++) {
		const char *key = version->metadata[i]->key;
		assert_string_equal(
			version->metadata[i]->value, strcmp(key, "k3") == 0 ? "other" : "v");
		assert_true(i == 0 || strcmp(version->metadata[i - 1]->key, key) < 0);
	}
	static const char *const wrong[] = {"", "a b", "a\"", "a*b", "\xc3\xa9"};
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		assert_int_equal(
			CHANGE(&f, .what = ANNOTATE, .name = id, .text = wrong[i], .value = "v"),
			STATUS_INVALID_ARGUMENT);
	assert_int_equal(
		CHANGE(&f, .what = ANNOTATE, .name = "00000000-0000-4000-8000-000000000000",
			.text = "k", .value = "v"),
		STATUS_NOT_FOUND);
	assert_int_equal(
		CHANGE(&f, .what = ANNOTATE, .name = "not-an-id", .text = "k", .value = "v"),
		STATUS_INVALID_ARGUMENT);
	assert_int_equal(same(&f, "a", "one")->n_metadata, 9);
	consistent(&f);
	fixture_close(&f);
}

static void every_change_is_in_the_feed(void **state)
{
	(void)state;
	struct fixture f;
	fixture_open(&f, 0);
	struct change made = {.what = CREATE, .name = "a", .text = "one"};
	assert_ok(change_run(&f, &made), &f.err);
	CHANGED(&f, .what = ANNOTATE, .name = made.version->id, .text = "k", .value = "v");
	(void)add(&f, "a", "two", NULL);
	struct change removed = {.what = REMOVE, .name = "a", .text = "2"};
	assert_ok(change_run(&f, &removed), &f.err);
	CHANGED(&f, .what = DELETE, .name = "a");
	CHANGED(&f, .what = DELETE_REGISTRY, .name = "default-registry");
	static const char *const expected[] = {"registry_put registry/default-registry",
		"schema_version_put schema/default-registry/a/1",
		"schema_put schema/default-registry/a",
		"schema_version_put schema/default-registry/a/1",
		"schema_version_put schema/default-registry/a/2",
		"schema_version_deleted schema/default-registry/a/2",
		"schema_deleted schema/default-registry/a",
		"registry_deleted registry/default-registry"};
	OWNED(catalog_txn) txn = NULL;
	Tenon__V1__WatchRequest filter = TENON__V1__WATCH_REQUEST__INIT;
	struct feed_step step;
	assert_ok(catalog_read(f.catalog, &txn, &f.err), &f.err);
	assert_ok(feed_read(txn, 0, &filter, 100, f.arena, &step, &f.err), &f.err);
	assert_int_equal(step.count, sizeof expected / sizeof *expected);
	for (size_t i = 0; i < step.count; i++) {
		const Tenon__V1__Change *change = step.changes[i];
		assert_string_equal(arena_printf(f.arena, "%s %s", change->kind, change->resource),
			expected[i]);
	}
	catalog_txn_free(TAKE(txn));
	fixture_close(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_schema_begins_with_its_first_version),
		cmocka_unit_test(the_same_text_is_found_and_one_that_was_accepted_first),
		cmocka_unit_test(what_was_decided_of_an_older_state_is_not_written),
		cmocka_unit_test(versions_are_removed_but_for_the_checkpoint),
		cmocka_unit_test(a_checkpoint_is_a_version_that_was_accepted),
		cmocka_unit_test(names_have_the_letters_that_glue_allows),
		cmocka_unit_test(a_registry_takes_its_schemas_and_their_tags_with_it),
		cmocka_unit_test(notes_on_a_version_are_ten_at_most),
		cmocka_unit_test(every_change_is_in_the_feed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
