#include "tests/service/daemon/callers.h"

#include "tenon/v1/catalog.pb-c.h"
#include "tenon/v1/feed.pb-c.h"
#include "tenon/v1/operations.pb-c.h"
#include "tenon/v1/registry.pb-c.h"
#include "tenon/v1/tags.pb-c.h"

#include <string.h>

/* What callers see of each other's things, and whose names they may take. */

/* "hr.people sales.orders" of what a listing of everything has. */
static const char *tables_seen(struct daemon_process *daemon)
{
	struct error err;
	Tenon__V1__ListTablesRequest request = TENON__V1__LIST_TABLES_REQUEST__INIT;
	Tenon__V1__ListTablesResponse *response;
	const char *all = "";
	assert_ok(daemon_call(daemon, &tenon__v1__catalog__descriptor, "ListTables", &request,
			  &response, &err),
		&err);
	for (size_t i = 0; i < response->n_tables; i++)
		all = arena_printf(daemon->arena, "%s%s%s.%s", all, *all ? " " : "",
			response->tables[i]->database, response->tables[i]->name);
	return all;
}

static const char *databases_seen(struct daemon_process *daemon)
{
	struct error err;
	Tenon__V1__ListDatabasesRequest request = TENON__V1__LIST_DATABASES_REQUEST__INIT;
	Tenon__V1__ListDatabasesResponse *response;
	const char *all = "";
	assert_ok(daemon_call(daemon, &tenon__v1__catalog__descriptor, "ListDatabases", &request,
			  &response, &err),
		&err);
	for (size_t i = 0; i < response->n_databases; i++)
		all = arena_printf(daemon->arena, "%s%s%s", all, *all ? " " : "",
			response->databases[i]->name);
	return all;
}

static const char *found(struct daemon_process *daemon, const char *query)
{
	struct error err;
	Tenon__V1__SearchTablesRequest request = TENON__V1__SEARCH_TABLES_REQUEST__INIT;
	Tenon__V1__SearchTablesResponse *response;
	const char *all = "";
	request.query = lent(query);
	request.sort = TENON__V1__SEARCH_SORT__SEARCH_SORT_NAME;
	assert_ok(daemon_call(daemon, &tenon__v1__catalog__descriptor, "SearchTables", &request,
			  &response, &err),
		&err);
	for (size_t i = 0; i < response->n_hits; i++)
		all = arena_printf(daemon->arena, "%s%s%s", all, *all ? " " : "",
			response->hits[i]->table->name);
	return all;
}

/* The names of tables that changes are of. */
static const char *changed(struct daemon_process *daemon)
{
	struct error err;
	Tenon__V1__ListChangesRequest request = TENON__V1__LIST_CHANGES_REQUEST__INIT;
	Tenon__V1__ListChangesResponse *response;
	const char *all = "";
	assert_ok(daemon_call(daemon, &tenon__v1__feed__descriptor, "ListChanges", &request,
			  &response, &err),
		&err);
	for (size_t i = 0; i < response->n_changes; i++) {
		const Tenon__V1__Change *change = response->changes[i];
		all = arena_printf(daemon->arena, "%s%s%s", all, *all ? " " : "",
			*change->table	    ? change->table
			: *change->database ? change->database
					    : change->resource);
	}
	return all;
}

static void tag(struct daemon_process *daemon, const char *resource)
{
	struct error err;
	Tenon__V1__TagResourceRequest request = TENON__V1__TAG_RESOURCE_REQUEST__INIT;
	Tenon__V1__TagResourceRequest__TagsEntry entry =
		TENON__V1__TAG_RESOURCE_REQUEST__TAGS_ENTRY__INIT;
	Tenon__V1__TagResourceRequest__TagsEntry *entries = &entry;
	Tenon__V1__TagResourceResponse *response;
	entry.key = lent("team");
	entry.value = lent("red");
	request.resource = lent(resource);
	request.tags = &entries;
	request.n_tags = 1;
	assert_ok(daemon_call(daemon, &tenon__v1__tags__descriptor, "TagResource", &request,
			  &response, &err),
		&err);
}

static void test_listings_show_what_may_be_seen_and_nothing_else(void **state)
{
	(void)state;
	struct daemon_process daemon;
	struct error err;
	daemon_with_auth(&daemon);
	put_database(&daemon, "hr");
	put_database(&daemon, "sales");
	put_table(&daemon, "hr", "people");
	put_table(&daemon, "sales", "orders");
	put_table(&daemon, "sales", "raw_orders");
	put_table(&daemon, "sales", "raw_people");
	tag(&daemon, "table/sales/orders"); /* a change in a database that alice sees */
	const char *alice = token_for(&daemon, "alice");
	const char *nobody = token_for(&daemon, "nobody");
	const char *bob =
		create_token(&daemon, (struct token_asked){.principal = "bob", .databases = "s*"})
			->secret;
	grant(&daemon, "alice", READ, "sales", "raw_*");
	grant(&daemon, "bob", READ, "*", "*");

	become(&daemon, alice);
	assert_string_equal(databases_seen(&daemon), "sales");
	assert_string_equal(tables_seen(&daemon), "sales.raw_orders sales.raw_people");
	assert_string_equal(found(&daemon, "orders"), "raw_orders");
	assert_string_equal(found(&daemon, "people"), "raw_people");
	assert_string_equal(changed(&daemon), "sales raw_orders raw_people");
	assert_ok(read_table(&daemon, "SALES", "Raw_Orders", &err), &err);
	/* What is not there and what is not hers are told in the same words. */
	assert_int_equal(read_table(&daemon, "sales", "orders", &err), STATUS_PERMISSION_DENIED);
	assert_string_equal(err.message,
		"'alice' may not read 'sales.orders': an administrator can say \"tenon grant add "
		"'alice' read 'sales.orders'\"");
	assert_int_equal(read_table(&daemon, "sales", "nothing", &err), STATUS_PERMISSION_DENIED);
	assert_string_equal(err.message,
		"'alice' may not read 'sales.nothing': an administrator can say \"tenon grant add "
		"'alice' read 'sales.nothing'\"");
	assert_int_equal(read_table(&daemon, "sales", "raw_nothing", &err), STATUS_NOT_FOUND);

	become(&daemon, nobody);
	assert_string_equal(databases_seen(&daemon), "");
	assert_string_equal(tables_seen(&daemon), "");
	assert_string_equal(found(&daemon, "orders"), "");
	assert_string_equal(changed(&daemon), "");

	become(&daemon, bob); /* whose token is for some databases only */
	assert_string_equal(databases_seen(&daemon), "sales");
	assert_int_equal(read_table(&daemon, "hr", "people", &err), STATUS_PERMISSION_DENIED);
	assert_string_equal(err.message,
		"the token of 'bob' is not for read on 'hr.people': use one whose scope and "
		"databases have it");
	daemon_done(&daemon);
}

/* "2 databases 3 tables: hr 1, sales 2": what the numbers say. */
static const char *counts_seen(struct daemon_process *daemon)
{
	struct error err;
	Tenon__V1__GetStatusRequest status_request = TENON__V1__GET_STATUS_REQUEST__INIT;
	Tenon__V1__GetStatusResponse *status;
	Tenon__V1__ListDatabasesRequest request = TENON__V1__LIST_DATABASES_REQUEST__INIT;
	Tenon__V1__ListDatabasesResponse *response;
	assert_ok(daemon_call(daemon, &tenon__v1__operations__descriptor, "GetStatus",
			  &status_request, &status, &err),
		&err);
	assert_ok(daemon_call(daemon, &tenon__v1__catalog__descriptor, "ListDatabases", &request,
			  &response, &err),
		&err);
	const char *all = arena_printf(daemon->arena, "%u databases %u tables",
		(unsigned)status->databases, (unsigned)status->tables);
	for (size_t i = 0; i < response->n_databases; i++) {
		Tenon__V1__GetDatabaseRequest one = TENON__V1__GET_DATABASE_REQUEST__INIT;
		Tenon__V1__GetDatabaseResponse *got;
		one.name = response->databases[i]->name;
		assert_ok(daemon_call(daemon, &tenon__v1__catalog__descriptor, "GetDatabase", &one,
				  &got, &err),
			&err);
		assert_int_equal(got->database->table_count, response->databases[i]->table_count);
		all = arena_printf(daemon->arena, "%s%s %s %u", all, i ? "," : ":", one.name,
			(unsigned)got->database->table_count);
	}
	return all;
}

static void test_numbers_of_things_are_of_those_that_may_be_seen(void **state)
{
	(void)state;
	static const struct {
		const char *who;
		const char *database; /* granted; NULL: nothing */
		const char *table;
		const char *expected;
	} cases[] = {
		{"nobody", NULL, NULL, "0 databases 0 tables"},
		{"one table", "sales", "orders", "1 databases 1 tables: sales 1"},
		{"a beginning", "sales", "raw_*", "1 databases 2 tables: sales 2"},
		{"a name that is none", "sales", "nothing", "1 databases 0 tables: sales 0"},
		{"one database", "sales", "*", "1 databases 3 tables: sales 3"},
		{"everything", "*", "*", "2 databases 4 tables: hr 1, sales 3"},
	};
	struct daemon_process daemon;
	daemon_with_auth(&daemon);
	const char *admin = administrator(&daemon);
	put_database(&daemon, "hr");
	put_database(&daemon, "sales");
	put_table(&daemon, "hr", "people");
	put_table(&daemon, "sales", "orders");
	put_table(&daemon, "sales", "raw_orders");
	put_table(&daemon, "sales", "raw_people");
	assert_string_equal(counts_seen(&daemon), "2 databases 4 tables: hr 1, sales 3");
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		become(&daemon, admin);
		if (cases[i].database)
			grant(&daemon, cases[i].who, READ, cases[i].database, cases[i].table);
		become(&daemon, token_for(&daemon, cases[i].who));
		const char *seen = counts_seen(&daemon);
		if (strcmp(seen, cases[i].expected) != 0)
			fail_msg("%s: '%s'", cases[i].who, seen);
	}
	daemon_done(&daemon);
}

static const char *registries_seen(struct daemon_process *daemon)
{
	struct error err;
	Tenon__V1__ListRegistriesRequest request = TENON__V1__LIST_REGISTRIES_REQUEST__INIT;
	Tenon__V1__ListRegistriesResponse *response;
	const char *all = "";
	assert_ok(daemon_call(daemon, &tenon__v1__registry__descriptor, "ListRegistries", &request,
			  &response, &err),
		&err);
	for (size_t i = 0; i < response->n_registries; i++)
		all = arena_printf(daemon->arena, "%s%s%s %u", all, *all ? ", " : "",
			response->registries[i]->name,
			(unsigned)response->registries[i]->schema_count);
	return all;
}

static void put_schema(struct daemon_process *daemon, const char *registry, const char *name)
{
	struct error err;
	Tenon__V1__RegisteredSchema schema = TENON__V1__REGISTERED_SCHEMA__INIT;
	Tenon__V1__CreateSchemaRequest request = TENON__V1__CREATE_SCHEMA_REQUEST__INIT;
	void *response;
	schema.registry = lent(registry);
	schema.name = lent(name);
	schema.format = TENON__V1__DATA_FORMAT__DATA_FORMAT_AVRO;
	request.schema = &schema;
	request.definition = lent("\"int\"");
	assert_ok(daemon_call(daemon, &tenon__v1__registry__descriptor, "CreateSchema", &request,
			  &response, &err),
		&err);
}

static void test_registries_are_listed_to_who_may_see_them_or_their_schemas(void **state)
{
	(void)state;
	static const char *const names[] = {"one", "three", "two"};
	struct daemon_process daemon;
	struct error err;
	daemon_with_auth(&daemon);
	for (size_t i = 0; i < 3; i++) {
		Tenon__V1__SchemaRegistry registry = TENON__V1__SCHEMA_REGISTRY__INIT;
		Tenon__V1__CreateRegistryRequest request = TENON__V1__CREATE_REGISTRY_REQUEST__INIT;
		void *response;
		registry.name = lent(names[i]);
		request.registry = &registry;
		assert_ok(daemon_call(&daemon, &tenon__v1__registry__descriptor, "CreateRegistry",
				  &request, &response, &err),
			&err);
	}
	put_schema(&daemon, "one", "orders");
	put_schema(&daemon, "one", "people");
	put_schema(&daemon, "two", "people");
	assert_string_equal(registries_seen(&daemon), "one 2, three 0, two 1");
	const char *alice = token_for(&daemon, "alice");
	grant(&daemon, "alice", READ, "registry/one", "");
	grant(&daemon, "alice", READ, "schema/two/*", "");
	become(&daemon, alice);
	assert_string_equal(registries_seen(&daemon), "one 0, two 1");
	become(&daemon, administrator(&daemon));
	grant(&daemon, "alice", READ, "schema/one/orders", "");
	become(&daemon, alice);
	assert_string_equal(registries_seen(&daemon), "one 1, two 1");

	/* A table does not show its writer a schema that she may not read. */
	become(&daemon, administrator(&daemon));
	put_database(&daemon, "sales");
	grant(&daemon, "alice", WRITE, "sales", "*");
	become(&daemon, alice);
	static const struct {
		const char *registry;
		const char *id;
		enum status expected;
	} cases[] = {
		{"two", "", STATUS_NOT_FOUND},
		{"three", "", STATUS_PERMISSION_DENIED},
		{"two", "00000000-0000-4000-8000-000000000000", STATUS_PERMISSION_DENIED},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		Tenon__V1__SchemaReference schema = TENON__V1__SCHEMA_REFERENCE__INIT;
		Tenon__V1__StorageDescriptor storage = TENON__V1__STORAGE_DESCRIPTOR__INIT;
		Tenon__V1__Table table = TENON__V1__TABLE__INIT;
		Tenon__V1__CreateTableRequest request = TENON__V1__CREATE_TABLE_REQUEST__INIT;
		void *response;
		schema.registry = lent(cases[i].registry);
		schema.schema = lent("orders");
		schema.version_id = lent(cases[i].id);
		storage.schema = &schema;
		table.storage = &storage;
		table.database = lent("sales");
		table.name = lent("orders");
		request.table = &table;
		assert_int_equal(daemon_call(&daemon, &tenon__v1__catalog__descriptor,
					 "CreateTable", &request, &response, &err),
			cases[i].expected);
	}
	daemon_done(&daemon);
}

static void test_a_registry_is_deleted_by_who_may_write_its_schemas(void **state)
{
	(void)state;
	const ProtobufCServiceDescriptor *service = &tenon__v1__registry__descriptor;
	Tenon__V1__SchemaRegistry registry = TENON__V1__SCHEMA_REGISTRY__INIT;
	Tenon__V1__CreateRegistryRequest make = TENON__V1__CREATE_REGISTRY_REQUEST__INIT;
	Tenon__V1__RegisteredSchema schema = TENON__V1__REGISTERED_SCHEMA__INIT;
	Tenon__V1__CreateSchemaRequest fill = TENON__V1__CREATE_SCHEMA_REQUEST__INIT;
	Tenon__V1__DeleteRegistryRequest delete = TENON__V1__DELETE_REGISTRY_REQUEST__INIT;
	struct daemon_process daemon;
	struct error err;
	void *response;
	registry.name = delete.name = schema.registry = lent("one");
	make.registry = &registry;
	schema.name = lent("orders");
	schema.format = TENON__V1__DATA_FORMAT__DATA_FORMAT_AVRO;
	fill.schema = &schema;
	fill.definition = lent("\"int\"");
	daemon_with_auth(&daemon);
	const char *admin = administrator(&daemon);
	const char *alice = token_for(&daemon, "alice");
	grant(&daemon, "alice", WRITE, "registry/one", "");
	/* An empty one is hers alone. */
	assert_ok(daemon_call(&daemon, service, "CreateRegistry", &make, &response, &err), &err);
	become(&daemon, alice);
	assert_ok(daemon_call(&daemon, service, "DeleteRegistry", &delete, &response, &err), &err);
	become(&daemon, admin);
	assert_ok(daemon_call(&daemon, service, "CreateRegistry", &make, &response, &err), &err);
	assert_ok(daemon_call(&daemon, service, "CreateSchema", &fill, &response, &err), &err);
	become(&daemon, alice);
	assert_int_equal(daemon_call(&daemon, service, "DeleteRegistry", &delete, &response, &err),
		STATUS_PERMISSION_DENIED);
	assert_non_null(strstr(err.message, "schema/one/*"));
	become(&daemon, admin);
	grant(&daemon, "alice", WRITE, "schema/one/*", "");
	become(&daemon, alice);
	assert_ok(daemon_call(&daemon, service, "DeleteRegistry", &delete, &response, &err), &err);
	daemon_done(&daemon);
}

static void test_a_rename_asks_for_both_places(void **state)
{
	(void)state;
	struct daemon_process daemon;
	struct error err;
	daemon_with_auth(&daemon);
	put_database(&daemon, "a");
	put_database(&daemon, "b");
	put_table(&daemon, "a", "t");
	const char *alice = token_for(&daemon, "alice");
	grant(&daemon, "alice", WRITE, "a", "t*");
	become(&daemon, alice);
	static const struct {
		const char *database;
		const char *name;
		enum status expected;
	} cases[] = {
		{"b", "", STATUS_PERMISSION_DENIED},
		{"b", "t2", STATUS_PERMISSION_DENIED},
		{"", "u", STATUS_PERMISSION_DENIED},
		{"", "t2", STATUS_OK},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		Tenon__V1__RenameTableRequest request = TENON__V1__RENAME_TABLE_REQUEST__INIT;
		Tenon__V1__RenameTableResponse *response;
		request.database = lent("a");
		request.name = lent("t");
		request.new_database = lent(cases[i].database);
		request.new_name = lent(cases[i].name);
		assert_int_equal(daemon_call(&daemon, &tenon__v1__catalog__descriptor,
					 "RenameTable", &request, &response, &err),
			cases[i].expected);
	}
	daemon_done(&daemon);
}

/* Whoever may write one table may not take another's name for it on the way. */
static void test_the_name_that_is_changed_is_the_name_that_is_asked_for(void **state)
{
	(void)state;
	struct daemon_process daemon;
	struct error err;
	daemon_with_auth(&daemon);
	put_database(&daemon, "mine");
	put_database(&daemon, "yours");
	const char *alice = token_for(&daemon, "alice");
	grant(&daemon, "alice", WRITE, "mine", "*");
	become(&daemon, alice);
	Tenon__V1__Database database = TENON__V1__DATABASE__INIT;
	Tenon__V1__UpdateDatabaseRequest request = TENON__V1__UPDATE_DATABASE_REQUEST__INIT;
	void *response;
	database.name = lent("mine");
	request.name = lent("yours");
	request.database = &database;
	assert_int_equal(daemon_call(&daemon, &tenon__v1__catalog__descriptor, "UpdateDatabase",
				 &request, &response, &err),
		STATUS_PERMISSION_DENIED);
	Tenon__V1__DeleteTablesRequest many = TENON__V1__DELETE_TABLES_REQUEST__INIT;
	char *names[] = {lent("t"), lent("u")};
	many.database = lent("yours");
	many.names = names;
	many.n_names = 2;
	assert_int_equal(daemon_call(&daemon, &tenon__v1__catalog__descriptor, "DeleteTables",
				 &many, &response, &err),
		STATUS_PERMISSION_DENIED);
	daemon_done(&daemon);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_listings_show_what_may_be_seen_and_nothing_else),
		cmocka_unit_test(test_numbers_of_things_are_of_those_that_may_be_seen),
		cmocka_unit_test(test_registries_are_listed_to_who_may_see_them_or_their_schemas),
		cmocka_unit_test(test_a_registry_is_deleted_by_who_may_write_its_schemas),
		cmocka_unit_test(test_a_rename_asks_for_both_places),
		cmocka_unit_test(test_the_name_that_is_changed_is_the_name_that_is_asked_for),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
